"""What is seen around the dancer: studio, club, lights, cameras."""

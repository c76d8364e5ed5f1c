"""What a person changed stays; what is danced again is a region."""

"""Other people's ways to dance, trained on the same clips to be compared with; never shipped."""

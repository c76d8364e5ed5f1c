"""A dance from request to keys: generate, regenerate, crew."""

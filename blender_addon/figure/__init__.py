"""The dancer's own body, built by code."""

"""Keyframes: written in bulk, read back, reduced."""

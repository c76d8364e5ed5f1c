"""Evaluation: a dancer, or any folder of dances, measured beside real motion.

``systems`` makes the sets of dances, ``songs`` the music, ``measures`` the
figures of a set, ``table`` the markdown. ``audio2pose evaluate`` runs them.
"""

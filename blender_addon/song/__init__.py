"""The song in the sequencer, its samples and its beats."""

"""Find openly licensed pictures for a sentence."""

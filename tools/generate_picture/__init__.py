"""Having a picture made for a sentence by a paid image model."""

"""What the drawing tools share: palettes, grounds, illustrations, photographs and typesetting."""

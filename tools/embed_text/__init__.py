"""Texts to vectors, so that processes without a model can compare meanings."""

"""Render a storyboard and a narration to a finished video file with captions."""

"""Every collection joins its stories to the topics known before and leaves what it measured."""

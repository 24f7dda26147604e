"""The language models of Anthropic: client and loopback sandbox."""

"""The language models of OpenAI and servers that speak its protocol: client and loopback sandbox."""

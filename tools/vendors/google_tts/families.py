"""The families of Google's voices, told by a voice's name: their price, and what they can."""

_FAMILIES = {"Standard": "standard", "Wavenet": "wavenet", "Neural2": "neural2", "Studio": "studio", "Chirp3-HD": "chirp3-hd", "Chirp-HD": "chirp3-hd"}
_WITH_MARKS = frozenset({"standard", "wavenet", "neural2"})


def family_of(voice: str) -> str:
    """Return the price family of a voice such as `en-US-Neural2-D`; `unknown` has no price."""
    return next((family for part, family in _FAMILIES.items() if f"-{part}-" in voice), "unknown")


def gives_times(family: str) -> bool:
    """Say whether voices of the family take `<mark>` and a pitch. Source: cloud.google.com/text-to-speech/docs/ssml."""
    return family in _WITH_MARKS

"""The shipped lexicon: units, currencies, abbreviations, acronyms and names, read once from `lexicon.toml`."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class Lexicon:
    """How written forms are said; keys are as written, values are words or IPA between slashes."""

    units: dict[str, list[str]]
    currencies: dict[str, list[str]]
    abbreviations: dict[str, str]
    acronyms: dict[str, str]
    symbols: dict[str, str]
    greek: dict[str, str]
    cues: dict[str, list[str]]
    words: dict[str, str]

    def extended(self, words: dict[str, str]) -> "Lexicon":
        """Return the lexicon with a channel's own pronunciations before the shipped ones."""
        return Lexicon(**{**vars(self), "words": {**self.words, **words}}) if words else self

    @property
    def phrases(self) -> dict[tuple[str, ...], str]:
        """Written words or phrases, in lower case and split at spaces, to how they are said."""
        return {tuple(written.casefold().split()): said for written, said in self.words.items()}


@cache
def shipped_lexicon() -> Lexicon:
    """Return the lexicon that comes with the tool."""
    return Lexicon(**tomllib.loads((files("tools.synthesize_speech") / "lexicon.toml").read_text("utf-8")))

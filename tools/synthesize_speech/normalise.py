"""From what captions show to what is said: every display word keeps its place, so that each gets a time of its own."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from tools.synthesize_speech.lexicon import Lexicon, shipped_lexicon
from tools.synthesize_speech.readings import NUMBER_RULES, Reading, Rule, View, phrase, share
from tools.synthesize_speech.spelling import LETTER_RULES, Unspeakable, address

__all__ = ["Token", "Unspeakable", "read_as", "read_text", "spoken_text"]

_QUOTES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "`": "'", "“": '"', "”": '"', "«": '"', "»": '"', "…": "...", "\u00a0": " ", "\u00ad": "", "\u200b": ""})
_OPENING = "\"'([{<¿¡*_"
_CLOSING = "\"')]}>*_"
_STOPS = ".,;:!?"
_KEEPS_DOT = re.compile(r"(?:[A-Za-z]\.){1,}[A-Za-z]?\.|(?:[ap]|ph)\.[a-z]\.", re.IGNORECASE)


@dataclass(frozen=True)
class Token:
    """One display word: `words` is what is said for it, `tail` the punctuation that shapes the voice after it."""

    display: str
    words: tuple[str, ...]
    tail: str = ""


@dataclass(frozen=True)
class _Piece:
    display: str
    core: str
    tail: str
    opens: bool


def read_text(text: str, pronunciations: dict[str, str] | None = None) -> tuple[Token, ...]:
    """Read one sentence: a token for each display word, in order; a dash standing alone joins the word before it.

    `pronunciations` (written form to respelling, or to /IPA/) goes before the shipped lexicon. Returns no token when there
    is nothing to say, and raises `Unspeakable` naming the word when its letters are not Latin or Greek.
    """
    lexicon = shipped_lexicon().extended(pronunciations or {})
    pieces = _attach(_pieces(text, lexicon))
    cores = tuple(piece.core for piece in pieces)
    breaks = frozenset(index for index, piece in enumerate(pieces) if piece.tail)
    read: list[list[str]] = []
    while len(read) < len(cores):
        read += _read_at(View(cores, len(read), lexicon, breaks))
    return _finish(_merged(pieces, read))


def read_as(text: str, spoken: str, pronunciations: dict[str, str] | None = None) -> tuple[Token, ...]:
    """Show `text` and say `spoken`: the spoken words are spread over the display words in order."""
    said = [word + token.tail.rstrip(".!?") for token in read_text(spoken, pronunciations) for word in token.words]
    shown = [word for word in text.split() if any(letter.isalnum() for letter in word)]
    if not said or not shown:
        return ()
    if len(said) < len(shown):
        said += [""] * (len(shown) - len(said))
        groups = [[word] if word else [] for word in said]
    else:
        groups = share(said, len(shown))
    tail = next((letter for letter in reversed(spoken) if letter in ".!?"), ".")
    tokens = [Token(display, tuple(words)) for display, words in zip(shown, groups, strict=True)]
    return (*tokens[:-1], Token(tokens[-1].display, tokens[-1].words, tail))


def spoken_text(tokens: Sequence[Token]) -> str:
    """Return the sentence as the voice gets it."""
    return " ".join(" ".join(token.words) + token.tail for token in tokens if token.words)


def _pieces(text: str, lexicon: Lexicon) -> list[_Piece]:
    clean = unicodedata.normalize("NFC", text).replace("[[", "").replace("]]", "")
    return [_piece(word, lexicon) for word in clean.split()]


def _piece(display: str, lexicon: Lexicon) -> _Piece:
    plain = display.translate(_QUOTES)
    is_decade = re.match(r"'\d\ds", plain)
    lead = len(plain) - len(plain.lstrip(_OPENING)) if not is_decade else 0
    core, tail = plain[lead:], ""
    opens = plain[:lead].endswith("(")
    while core and (core[-1] in _STOPS or core[-1] in _CLOSING or core[-1] in "-–—"):
        if _keeps_dot(core, lexicon):
            break
        if core[-1] in _STOPS or core[-1] in "-–—)":
            tail = core[-1] + tail
        core = core[:-1]
    return _Piece(display, core, _tail(tail), opens)


def _keeps_dot(core: str, lexicon: Lexicon) -> bool:
    """Say whether the last dot belongs to an abbreviation, so that it does not end a sentence."""
    if not core.endswith(".") or core.endswith(".."):
        return False
    plain = core[:-1].casefold()
    return bool(_KEEPS_DOT.fullmatch(core)) or plain in lexicon.abbreviations or plain in {"st", "no", "co"}


def _tail(marks: str) -> str:
    """Return the one mark that shapes the voice: the first stop, a comma for dashes, dots and brackets."""
    if "?" in marks or "!" in marks:
        return "?" if "?" in marks else "!"
    if not marks:
        return ""
    if marks.startswith("..") or marks[0] in "-–—)":
        return "." if marks[0] == ")" and "." in marks else ","
    return marks[0]


def _attach(pieces: list[_Piece]) -> list[_Piece]:
    """Join words without any sound to the word before, and words of another script in brackets too."""
    joined: list[_Piece] = []
    waiting = ""
    inside = False
    for piece in pieces:
        inside = inside or piece.opens
        silent = not any(letter.isalnum() or letter in "&+=@×÷±<>≤≥~≈§©%°#" for letter in piece.core) or (inside and bool(joined) and _is_foreign(piece.core))
        inside = inside and ")" not in piece.display
        if silent and joined:
            before = joined[-1]
            joined[-1] = _Piece(f"{before.display} {piece.display}", before.core, piece.tail or before.tail or ",", before.opens)
        elif silent:
            waiting = f"{waiting}{piece.display} "
        else:
            if piece.opens and joined and not joined[-1].tail:
                before = joined[-1]
                joined[-1] = _Piece(before.display, before.core, ",", before.opens)
            joined.append(_Piece(waiting + piece.display, piece.core, piece.tail, piece.opens))
            waiting = ""
    return joined


def _is_foreign(core: str) -> bool:
    letters = [letter for letter in core if letter.isalpha()]
    return bool(letters) and not any(unicodedata.name(letter, "").startswith(("LATIN", "GREEK")) for letter in letters)


def _compound(view: View) -> Reading | None:
    """Read each part of 15th-century, 10,000-year-old, F-16 or U.S.-based by the rules of its own form."""
    parts = [part for part in re.split(r"[-‐‑]", view.word()) if part]
    if len(parts) < 2 or not re.search(r"[\d.]|[A-Z]{2}", view.word()):
        return None
    said: list[str] = []
    for part in parts:
        said += _read_at(View((part,), 0, view.lexicon))[0]
    return [said]


_RULES: tuple[Rule, ...] = (phrase, *NUMBER_RULES, address, _compound, *LETTER_RULES)


def _read_at(view: View) -> list[list[str]]:
    for rule in _RULES:
        reading = rule(view)
        if reading is not None:
            return reading
    return [[]]


def _merged(pieces: list[_Piece], read: list[list[str]]) -> list[Token]:
    tokens: list[Token] = []
    for piece, words in zip(pieces, read, strict=True):
        if words or not tokens:
            tokens.append(Token(piece.display, tuple(words), piece.tail))
        else:
            before = tokens[-1]
            tokens[-1] = Token(f"{before.display} {piece.display}", before.words, piece.tail or before.tail)
    return tokens


def _finish(tokens: list[Token]) -> tuple[Token, ...]:
    if not any(token.words for token in tokens):
        return ()
    last = tokens[-1]
    tail = last.tail if last.tail in {".", "!", "?"} else "."
    return (*tokens[:-1], Token(last.display, last.words, tail))

"""The ways a machine may read a text that a person reads otherwise: look-alike letters, hidden characters, spaced letters and encodings."""

import base64
import binascii
import codecs
import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import unquote

# Letters of other scripts that look like Latin ones, after Unicode's confusables (UTS 39): the ones that spell English words.
_LOOK_ALIKES = str.maketrans("аеорсухіјѕԁһӏԛԝАВЕКМНОРСТХІЈЅοανικρτυχΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "aeopcyxijsdhlqwABEKMHOPCTXIJSoavikptuxABEZHIKMNOPTYX")
_HIDDEN = frozenset({"Cf", "Co", "Cn", "Cs"})
_TAGS = range(0xE0020, 0xE007F)
_SPACED = re.compile(r"\b(?:\w[ .\-_*]){4,}\w\b")
_BASE64 = re.compile(r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{24,}={0,2}(?![A-Za-z0-9+/=])")
_HEX = re.compile(r"(?<![0-9A-Fa-f])(?:[0-9A-Fa-f]{2}){12,}(?![0-9A-Fa-f])")
_ROT13 = re.compile(r"\brot-?13\b", re.IGNORECASE)
_MOST_DECODED = 20


def readings(text: str) -> Iterator[str]:
    """Yield `text` in compatibility form first, then every other reading that differs from it."""
    plain = unicodedata.normalize("NFKC", text)
    yield plain
    seen = {plain}
    for one in (_folded(plain), _tagged(text), *_decoded(plain)):
        if one and one not in seen:
            seen.add(one)
            yield one


def _folded(plain: str) -> str:
    """Return the text with hidden characters, accents and look-alikes gone, and letters that were set apart joined."""
    shown = "".join(one for one in plain if unicodedata.category(one) not in _HIDDEN)
    bare = "".join(one for one in unicodedata.normalize("NFD", shown) if unicodedata.category(one) != "Mn")
    words = re.sub(r"[ \t]{2,}", "\x00", bare.translate(_LOOK_ALIKES))
    return _SPACED.sub(lambda found: re.sub(r"[ .\-_*]", "", found.group()), words).replace("\x00", " ")


def _tagged(text: str) -> str:
    """Return what Unicode's invisible tag characters spell."""
    return "".join(chr(ord(one) - 0xE0000) for one in text if ord(one) in _TAGS)


def _decoded(plain: str) -> Iterator[str]:
    """Yield the texts that encoded stretches hold."""
    for found in [*_BASE64.finditer(plain)][:_MOST_DECODED]:
        padded = found.group().rstrip("=")
        yield _printable(_from_base64(padded + "=" * (-len(padded) % 4)))
    for found in [*_HEX.finditer(plain)][:_MOST_DECODED]:
        yield _printable(bytes.fromhex(found.group()))
    if _ROT13.search(plain):
        yield codecs.decode(plain, "rot13")
    if plain.count("%20") > 1:
        yield unquote(plain)


def _from_base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        return b""


def _printable(data: bytes) -> str:
    text = data.decode("utf-8", "replace")
    return text if text.isprintable() and "\ufffd" not in text else ""

"""Numbers as they are said: pure functions from digits to words."""

import re

from num2words import num2words

_MAX_DIGITS = 15
_SCALES = {"k": "thousand", "K": "thousand", "M": "million", "m": "million", "bn": "billion", "B": "billion", "T": "trillion"}
_VULGAR = {"½": (1, 2), "⅓": (1, 3), "⅔": (2, 3), "¼": (1, 4), "¾": (3, 4), "⅕": (1, 5), "⅛": (1, 8), "⅜": (3, 8), "⅝": (5, 8), "⅞": (7, 8)}
_ROMAN = re.compile(r"(?=.)M{0,3}(CM|CD|D?C{0,3})(XC|XL|L?X{0,3})(IX|IV|V?I{0,3})")
_ROMAN_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}

NUMBER = r"[-−]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"


def words_of(text: str) -> list[str]:
    """Split a reading into plain words: hyphens and commas go, and so does the British "and"."""
    return [word for word in re.split(r"[\s,\-]+", text) if word and word != "and"]


def cardinal(digits: str) -> list[str]:
    """Read a number such as `3,000`, `-2.5` or `007`; one with a leading zero or of many digits is read digit by digit."""
    sign = ["minus"] if digits[0] in "-−" else []
    plain = digits.lstrip("-−").replace(",", "")
    whole, _, fraction = plain.partition(".")
    is_code = len(whole) > _MAX_DIGITS or (len(whole) > 1 and whole.startswith("0"))
    read = each_digit(whole) if is_code else words_of(num2words(int(whole or "0")))
    return sign + read + (["point", *each_digit(fraction)] if fraction else [])


def each_digit(digits: str) -> list[str]:
    """Read digits one by one."""
    return [num2words(int(digit)) for digit in digits]


def ordinal(value: int) -> list[str]:
    """Read 21 as twenty first."""
    return words_of(num2words(value, to="ordinal"))


def year(value: int) -> list[str]:
    """Read 1914 as nineteen fourteen, 2007 as two thousand seven, 2024 as twenty twenty four."""
    return words_of(num2words(value, to="year"))


def decade(value: int) -> list[str]:
    """Read 1990 as nineteen nineties and 90 as nineties; 1900 is nineteen hundreds."""
    read = year(value) if value >= 100 else words_of(num2words(value))
    return [*read[:-1], _plural(read[-1])]


def clock(hours: int, minutes: int, with_half: bool) -> list[str]:
    """Read 3:45 as three forty five, 3:05 as three oh five, 3:00 as three o'clock (`with_half`: a.m. or p.m. follows)."""
    spoken = cardinal(str(hours))
    if minutes == 0:
        return spoken if with_half else [*spoken, *(["hundred"] if hours > 12 or hours == 0 else ["o'clock"])]
    return spoken + (["oh"] if minutes < 10 else []) + cardinal(str(minutes))


def fraction(top: int, bottom: int) -> list[str]:
    """Read 1/2 as one half, 3/4 as three quarters, 7/100 as seven hundredths."""
    names = {2: ("half", "halves"), 4: ("quarter", "quarters")}
    last = ordinal(bottom)
    singular, plural = names.get(bottom, (last[-1], _plural(last[-1])))
    before = [] if bottom in names else last[:-1]
    return [*cardinal(str(top)), *before, singular if top == 1 else plural]


def vulgar(text: str) -> list[str] | None:
    """Read `2½` as two and a half and `½` as one half; None when `text` holds no such sign."""
    if not text or text[-1] not in _VULGAR:
        return None
    part = fraction(*_VULGAR[text[-1]])
    whole = text[:-1]
    if not whole:
        return part
    return [*cardinal(whole), "and", *("a" if word == "one" else word for word in part)] if whole.isdigit() else None


def roman(text: str) -> int | None:
    """Return the value of a well-formed Roman numeral, or None."""
    if not _ROMAN.fullmatch(text):
        return None
    values = [_ROMAN_VALUES[letter] for letter in text]
    return sum(-value if value < after else value for value, after in zip(values, [*values[1:], 0], strict=True))


def scale(suffix: str) -> str | None:
    """Return the scale word of a suffix such as the M of $3M."""
    return _SCALES.get(suffix)


def is_one(digits: str) -> bool:
    """Say whether the unit after this number is singular."""
    return digits.lstrip("-−") in {"1", "1.0"}


def _plural(word: str) -> str:
    if word.endswith("y"):
        return word[:-1] + "ies"
    return word + ("es" if word.endswith(("x", "s")) else "s")

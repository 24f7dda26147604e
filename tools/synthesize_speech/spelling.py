"""Rules that read letters: abbreviations, acronyms, addresses, symbols, codes and plain words."""

import re
import unicodedata

from infra.errors import Invalid
from tools.synthesize_speech import numbers
from tools.synthesize_speech.readings import Reading, Rule, View, unit_name

_LETTER_NAMES = {"A": "ay"}
_MAX_SPELLED = 5
_ADDRESS = re.compile(
    r"(?:https?://)?(?:www\.)?((?:[a-z0-9-]+\.)+(?:com|org|net|gov|edu|int|io|uk|eu|de|fr|info|tv|ai|us|ca|au|mil))(?:[/?#]\S*)?", re.IGNORECASE
)
_MAIL = re.compile(r"([\w.+-]+)@([\w-]+(?:\.[\w-]+)+)")
_CODE = re.compile(r"[A-Za-z]+|\d+(?:\.\d+)?")


class Unspeakable(Invalid):
    """A word has no reading: its letters are of a script that the voice does not know."""

    code = "unspeakable"


def spell(letters: str) -> list[str]:
    """Return the names of letters."""
    return [_LETTER_NAMES.get(letter.upper(), letter.upper()) for letter in letters]


def address(view: View) -> Reading | None:
    """Read a web or mail address: its host only, "dot" for each dot."""
    if found := _MAIL.fullmatch(view.word()):
        return [[*_host(found[1]), "at", *_host(found[2])]]
    found = _ADDRESS.fullmatch(view.word())
    return [_host(found[1])] if found else None


def abbreviation(view: View) -> Reading | None:
    """Read Dr., e.g., No. 5, St. (Saint before a name, street after one) and dotted initials such as U.S."""
    word = view.word()
    plain = word.rstrip(".").casefold()
    if word.endswith("."):
        if plain == "no" and view.word(1)[:1].isdigit():
            return [["number"]]
        if plain == "st":
            return [["saint" if view.word(1)[:1].isupper() and view.joins() else "street"]]
    if (word.endswith(".") or "." in word or plain in {"vs", "etc", "mr", "mrs", "dr"}) and plain in view.lexicon.abbreviations:
        return [view.lexicon.abbreviations[plain].split()]
    if found := re.fullmatch(r"((?:[A-Za-z]\.)+[A-Za-z]?\.?)('s)?", word):
        return [_possessive(spell(found[1].replace(".", "")), found[2])] if found[1].count(".") > 1 or word[0].isupper() else None
    return None


def acronym(view: View) -> Reading | None:
    """Read NASA as a word, USGS letter by letter, and CEOs with its plural s."""
    found = re.fullmatch(r"([A-Z]{2,}|[A-Z](?:&[A-Z])+)('s|s)?", view.word())
    if not found:
        return None
    said = view.lexicon.acronyms.get(found[1])
    letters = re.sub("&", "", found[1])
    is_word = said is None and len(letters) > _MAX_SPELLED
    words = said.split() if said else [letters.capitalize()] if is_word else spell(letters)
    return [_possessive(words, found[2])]


def tag(view: View) -> Reading | None:
    """Read #1 as number one, #topic as hashtag topic and @name as at name."""
    found = re.fullmatch(r"([#@])(\w+)", view.word())
    if not found:
        return None
    if found[1] == "#" and found[2].isdigit():
        return [["number", *numbers.cardinal(found[2])]]
    return [["hashtag" if found[1] == "#" else "at", *_pieces(found[2])]]


def symbol(view: View) -> Reading | None:
    """Read a sign, alone or before a number: & is and, >50 is more than fifty."""
    found = re.fullmatch(r"([&+=@×÷±<>≤≥~≈§©])(.*)", view.word())
    if not found:
        return None
    rest = found[2]
    if not rest:
        return [view.lexicon.symbols[found[1]].split()]
    if amount := re.fullmatch(rf"({numbers.NUMBER})(\D*)", rest):
        unit = unit_name(amount[2], view.lexicon, numbers.is_one(amount[1])) if amount[2] else []
        return [[*view.lexicon.symbols[found[1]].split(), *numbers.cardinal(amount[1]), *unit]] if unit is not None else None
    return None


def code(view: View) -> Reading | None:
    """Read names made of letters and digits, such as COVID-19, F-16, A380 and CO2."""
    word = view.word()
    if not (re.search(r"\d", word) and re.search(r"[A-Za-z]", word) and re.fullmatch(r"[\w.\-–/&'+]+", word)):
        return None
    said: list[str] = []
    for piece in _CODE.findall(word):
        said += _code_piece(piece, view)
    return [said]


def plain_word(view: View) -> Reading | None:
    """Read a word as it is written; parts joined by hyphens or dashes are words of their own, a dash is a short pause."""
    word = view.word()
    said: list[str] = []
    for index, clause in enumerate(re.split(r"[–—]|--|\.\.\.|(?<=\w)[,;:](?=\w)", word)):
        pieces = _pieces(clause, view)
        if index and said and pieces:
            said[-1] += ","
        said += pieces
    return [said]


def _pieces(text: str, view: View | None = None) -> list[str]:
    said: list[str] = []
    for piece in re.split(r"[-‐‑/_\\|•·*]+", text):
        said += _letters(piece, view)
    return said


def _letters(piece: str, view: View | None) -> list[str]:
    if view is not None and re.fullmatch(r"[A-Z]{2,}", piece) and piece != view.word():
        return (acronym(View((piece,), 0, view.lexicon)) or [[]])[0]
    if view is not None and piece in view.lexicon.greek:
        return [view.lexicon.greek[piece]]
    kept: list[str] = []
    for part in re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)*'?|\d+|[&+=@%°]", piece):
        if part[0].isdigit():
            kept += numbers.cardinal(part)
        elif part in "&+=@%°":
            kept += view.lexicon.symbols[part].split() if view is not None else []
        else:
            kept.append(_latin(part, view))
    return kept


def _latin(word: str, view: View | None) -> str:
    if view is not None:
        word = "".join(view.lexicon.greek.get(letter, letter) for letter in word)
    for letter in word:
        if letter.isalpha() and not unicodedata.name(letter, "").startswith(("LATIN", "FEMININE ORDINAL", "MASCULINE ORDINAL", "MODIFIER LETTER")):
            raise Unspeakable(f"the voice cannot say {word[:40]!r}: its letters are not Latin; give a spoken form or a pronunciation", word=word)
    return word


def _code_piece(piece: str, view: View) -> list[str]:
    if piece[0].isdigit():
        return numbers.cardinal(piece)
    if piece in view.lexicon.acronyms:
        return view.lexicon.acronyms[piece].split()
    return spell(piece) if piece.isupper() or len(piece) == 1 else [piece]


def _host(text: str) -> list[str]:
    said: list[str] = []
    for index, part in enumerate(text.split(".")):
        said += ["dot"] if index else []
        said += spell(part) if len(part) <= 3 and part not in {"com", "org", "net", "gov", "www", "int"} else _pieces(part)
    return said


def _possessive(words: list[str], ending: str | None) -> list[str]:
    return [*words[:-1], words[-1] + ("'s" if ending else "")]


LETTER_RULES: tuple[Rule, ...] = (address, abbreviation, acronym, tag, symbol, code, plain_word)

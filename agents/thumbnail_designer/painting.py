"""Which sentences get a painted picture, and in which words it is asked for: no names, no lettering, and nobody's likeness."""

import colorsys
import re
from collections.abc import Sequence

from agents.thumbnail_designer.naming import plainly_named
from agents.thumbnail_designer.phrases import terms
from agents.thumbnail_designer.schemas import Candidate
from infra.ids import seeded
from memory.artifacts import Format, Script, Sentence
from memory.personality import Look, Personality
from tools.drawing.motifs import load_motifs
from tools.generate_picture.schema import GeneratePictureArgs, Size
from tools.paint_picture.schema import PaintPictureArgs

MOST_PAINTED = 4
PAINTED_FIT = 0.5
# A photograph that fits this well is shown by itself; a painting never takes its place.
_GOOD_FIT = 0.12
_MOST_THINGS = 4
_AVOID = "text, letters, numbers, captions, watermark, logo, brand, signature, flag, portrait, recognizable face, celebrity, deformed hands"
_PERSON = re.compile(
    r"\b(?:[Hh]e|[Ss]he|[Hh]is|[Hh]er|[Hh]im|[Hh]imself|[Hh]erself)\b"
    r"|\b(?:Mr|Mrs|Ms|Dr|Prof|Professor|President|King|Queen|Prince|Princess|Pope|Saint|Sir|Lady|Senator|Minister|Captain|General)\b\.?"
    r"|\b[A-Z]\.(?= ?[A-Z])"
    r"|^[A-Z][\w’'-]+ (?:says?|said|wrote|writes|argued|argues|believed|thought|told|tells|won|married|died|lived|discovered|invented|painted|composed)\b"
)
_WORD = re.compile(r"[^\W\d_][\w’'-]*")
_MOODS = {
    "editorial": "calm and clear",
    "signal": "bold and precise",
    "playful": "bright and playful",
    "technical": "exact and sober",
    "cinematic": "wide and dramatic, low light",
    "poster": "flat shapes, strong contrast",
}
_HUES = ("red", "orange", "yellow", "green", "teal", "blue", "violet", "magenta")
_HUE_ENDS = (0.04, 0.11, 0.19, 0.42, 0.54, 0.70, 0.80, 0.95)


def wanted(script: Script, candidates: Sequence[Candidate]) -> tuple[Sentence, ...]:
    """Return at most four sentences, in order, that ask for a picture, have none that fits, name something concrete and no person."""
    served = {one.sentence_id for one in candidates if one.fit >= _GOOD_FIT}
    names = _names(script)
    open_ones = [
        one for one in script.sentences if one.id not in served and one.visual.kind in {"picture", "any"} and one.role not in {"closing", "transition"}
    ]
    fit = [one for one in open_ones if not names_person(one.text, names) and things(one)]
    order = {one.id: place for place, one in enumerate(script.sentences)}
    best = sorted(fit, key=lambda one: (-len(things(one)), order[one.id]))[:MOST_PAINTED]
    return tuple(sorted(best, key=lambda one: order[one.id]))


def names_person(text: str, names: frozenset[str] = frozenset()) -> bool:
    """Say whether a sentence may name a person: any name inside it, a title, a pronoun of one person, or a known name at its start counts.

    A place is refused with them: a name that is not known to be a place could be anybody's.
    """
    words = _WORD.findall(text)
    inside = any(word[0].isupper() and not word.isupper() and not word.startswith("I’") for word in words[1:])
    return bool(inside or _PERSON.search(text) or (words and re.sub(r"[’']s$", "", words[0]) in names))


def things(sentence: Sentence) -> tuple[str, ...]:
    """Return the concrete things of a sentence, in lower case: its noun phrases and what can be drawn of it."""
    drawable = [load_motifs()[motif].about.rstrip(".") for motif in plainly_named(sentence.text)]
    found = [term.lower() for term in terms(sentence.text)]
    return tuple(dict.fromkeys(found or drawable))[:_MOST_THINGS]


def wish(sentence: Sentence, personality: Personality, frame: Format, seed: int) -> PaintPictureArgs:
    """Return what is asked for: the sentence's things in the channel's palette and mood, in the frame's proportions."""
    seen = ", ".join(things(sentence))
    landscape = frame.size[0] > frame.size[1]
    return PaintPictureArgs(
        prompt=f"illustration of {seen}, {_MOODS[personality.look.layout]}, {palette_words(personality.look)}",
        avoid=_AVOID,
        caption=f"generated picture: {seen}"[:400],
        width=1344 if landscape else 768,
        height=768 if landscape else 1344,
        seed=seeded(personality.id, "painting", sentence.text, seed).getrandbits(31),
    )


def order(asked: PaintPictureArgs) -> GeneratePictureArgs:
    """Return the same wish as it is put to a paid model, which takes no list of what to leave out and has sizes of its own."""
    size: Size = "1536x1024" if asked.width > asked.height else "1024x1536"
    return GeneratePictureArgs(prompt=f"{asked.prompt}. Leave out: {asked.avoid}.", caption=asked.caption, size=size)


def palette_words(look: Look) -> str:
    """Return a look's colours in words, as a text-to-image model reads them."""
    return f"colours {colour_word(look.ground)}, {colour_word(look.accent)} and {colour_word(look.accent2)}"


def colour_word(colour: str) -> str:
    """Return the plain name of a colour (#rrggbb): how dark it is, and its hue on the HSL circle unless it is nearly grey."""
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    hue, light, strength = colorsys.rgb_to_hls(red, green, blue)
    shade = "dark " if light < 0.3 else "pale " if light > 0.78 else ""
    if strength < 0.12:
        return "near black" if light < 0.15 else "white" if light > 0.93 else f"{shade}grey"
    return shade + next((name for name, end in zip(_HUES, _HUE_ENDS, strict=True) if hue < end), "red")


def _names(script: Script) -> frozenset[str]:
    inside = [word for one in script.sentences for word in _WORD.findall(one.text)[1:]]
    return frozenset(re.sub(r"[’']s$", "", word) for word in inside if word[0].isupper())

"""A video that comes finished: what whoever hands it in says of it, and what it must be for the studio to show it."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from memory.rights import LicenceId, Rights
from memory.values import Format, Frozen

LONGEST_TITLE, LONGEST_DESCRIPTION, MOST_TAGS, LONGEST_TAG, LONGEST_CREDIT, LONGEST_REASON = 100, 3000, 30, 60, 500, 300
# What platforms refuse in titles, descriptions and tags, which they join by commas, and what says nothing.
# What counts as blank differs between the readers of a pattern by two characters, which are named.
PLAIN, PLAIN_CREDIT, PLAIN_TAG = r"^[^<>]*[^<>\s\x85\ufeff][^<>]*$", r"^[^<>]*$", r"^[^<>,]*[^<>,\s\x85\ufeff][^<>,]*$"
LEAST_S, MOST_S = 5.0, 900.0
# The platform shows an upright film of up to three minutes as a short.
MOST_SHORT_S = 180.0
Basis = Literal["own", "permission", "PD", "CC0-1.0", "CC-BY", "CC-BY-SA"]
_LICENCES: dict[str, tuple[LicenceId, str]] = {
    "own": ("OWN", "the maker's own work"),
    "permission": ("OWN", "used by permission"),
    "PD": ("PD", "public domain"),
    "CC0-1.0": ("CC0-1.0", "CC0 1.0"),
    "CC-BY": ("CC-BY", "CC BY"),
    "CC-BY-SA": ("CC-BY-SA", "CC BY-SA"),
}
# On these bases the film is somebody else's, who is to be named.
_OWED = frozenset({"permission", "CC-BY", "CC-BY-SA"})


class ReadyFilm(Frozen):
    """A finished film and what its maker says of it; `film` and `captions` are digests of what was uploaded.

    `rights` is on what it may be shown, `credit` whose it is; `no_captions` says why there are none, `synthetic` whether it shows or says what was
    generated to look or sound real.
    """

    film: str
    captions: str | None = None
    no_captions: str | None = Field(default=None, max_length=LONGEST_REASON)
    title: Annotated[str, Field(min_length=1, max_length=LONGEST_TITLE, pattern=PLAIN)]
    description: Annotated[str, Field(min_length=1, max_length=LONGEST_DESCRIPTION, pattern=PLAIN)]
    tags: Annotated[tuple[Annotated[str, Field(min_length=1, max_length=LONGEST_TAG, pattern=PLAIN_TAG)], ...], Field(max_length=MOST_TAGS)] = ()
    rights: Basis
    credit: str = Field(default="", max_length=LONGEST_CREDIT, pattern=PLAIN_CREDIT)
    licence: Literal["youtube", "creativeCommon"] = "youtube"
    synthetic: bool
    language: str = Field(default="en", pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})?$")

    @model_validator(mode="after")
    def _whole(self) -> "ReadyFilm":
        if broken := what_is_missing(self.captions, self.no_captions, self.rights, self.credit):
            raise ValueError("; ".join(f"{field}: {said}" for field, said in broken))
        return self

    @property
    def stated(self) -> Rights:
        """The rights as everything else carries them."""
        licence, name = _LICENCES[self.rights]
        return Rights(licence=licence, licence_name=name, credit=self.credit)


def what_is_missing(captions: str | None, no_captions: str | None, rights: str, credit: str) -> list[tuple[str, str]]:
    """Return what the statements about a film lack: each field and what to give."""
    found = []
    if (captions is None) == (not (no_captions or "").strip()):
        found.append(("captions", "give the upload of an .srt or .vtt file, or say in no_captions why there are none; one of the two"))
    if rights in _OWED and not credit.strip():
        found.append(("credit", f"a film shown on the basis of {rights} is somebody's; name whose, as the licence or the permission asks"))
    return found


def format_of(width: int, height: int) -> Format:
    """Return the frame that a film is shown in."""
    return Format.SHORT if height > width else Format.LANDSCAPE


def longest_s(form: Format, channels_own: Format) -> float:
    """Return how long a film may be, in seconds: an upright one, and one of a channel that makes shorts, three minutes."""
    return MOST_SHORT_S if Format.SHORT in {form, channels_own} else MOST_S

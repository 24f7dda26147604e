"""A channel's personality as data: what it talks about, how it sounds, how it looks."""

import tomllib
from functools import cache, lru_cache
from importlib.resources import files
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from infra.errors import NotFound
from infra.ids import content_digest
from memory.artifacts import Format
from memory.records.tenants import LOCAL_TENANT

# Between a personality's id and the tenant's mark; no personality's id holds it.
_OF_TENANT = "--"


class PersonalityPart(BaseModel):
    """Base of the parts: immutable, and an unknown field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Voice(PersonalityPart):
    """How the channel sounds. `paid` names its own voice at a paid provider; without one the operator's setting stands."""

    name: str = "joe-medium"
    words_per_minute: int = Field(default=155, ge=110, le=200)
    pause_s: float = Field(default=0.35, ge=0.1, le=1.2)
    expressiveness: float = Field(default=0.5, ge=0, le=1)
    paid: dict[Literal["elevenlabs", "google_tts"], str] = Field(default_factory=dict)


def checked_zone(name: str) -> str:
    """Return the name of a time zone when this machine knows it; raises ValueError otherwise."""
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"{name!r} is no time zone; give one of the IANA database, such as Europe/Berlin or UTC") from error


# How far writing may fall back when the wanted language model fails: not at all, to another model, or to the offline writer as well.
Degrade = Literal["never", "model", "offline"]
Zone = Annotated[str, AfterValidator(checked_zone)]
Colour = Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]


class Look(PersonalityPart):
    """How the channel looks: six colours (#rrggbb), two faces and a layout family.

    `radius` rounds corners (points of a 1080 frame), `align` mirrors or centres the family's composition.
    """

    ground: Colour
    ground2: Colour
    ink: Colour
    soft: Colour
    accent: Colour
    accent2: Colour
    head: str
    head_weight: str = "bold"
    body: str
    uppercase: bool = False
    align: Literal["left", "center", "right"] = "left"
    radius: int = Field(default=20, ge=0, le=60)
    texture: Literal["plain", "grain", "grid", "dots", "waves", "paper", "rays", "blocks", "contour"] = "plain"
    layout: Literal["editorial", "signal", "playful", "technical", "cinematic", "poster"] = "editorial"
    caption_uppercase: bool = False


LeadKind = Annotated[str, Field(pattern="^(figures|past|open|turn|cause|people|hand|on)$")]


class Lines(PersonalityPart):
    """What the channel says in words of its own, stating nothing: to any story, between stretches by what follows them, and at the end.

    `hellos` hold {topic}, `goodbyes` {channel}; a lead may hold {heading}. What a channel has none of, it takes from its vocabulary's register.
    """

    hellos: tuple[str, ...] = ()
    goodbyes: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()
    leads: dict[LeadKind, tuple[str, ...]] = Field(default_factory=dict)

    @property
    def every(self) -> tuple[str, ...]:
        """All of them."""
        return (*self.hellos, *self.goodbyes, *self.asks, *(line for lines in self.leads.values() for line in lines))


class Sameness(PersonalityPart):
    """How alike the channel's videos may be to its own `window` newest and to as many of the other channels together (0 nothing alike, 1 the same).

    Measured where it is shown (docs/sameness.md): scripts of one channel on different stories reach 0.17 in wording and 0.57 in meaning, those of two
    channels from the same source 0.54 (median) and 0.89; the same script with other nouns 1.0 and 0.3.
    """

    window: int = Field(default=20, ge=1, le=200)
    wording_own: float = Field(default=0.35, ge=0, le=1)
    wording_others: float = Field(default=0.6, ge=0, le=1)
    meaning_own: float = Field(default=0.9, ge=0, le=1)
    meaning_others: float = Field(default=0.97, ge=0, le=1)
    structure: float = Field(default=0.95, ge=0, le=1)
    presence: float = Field(default=0.9, ge=0, le=1)
    thumbnail: float = Field(default=0.75, ge=0, le=1)


class Personality(PersonalityPart):
    """One channel: the data that makes two channels tell the same story differently."""

    id: str
    name: str
    tagline: str
    niche: str
    categories: tuple[str, ...]
    keywords: tuple[str, ...]
    audience: str
    tone: tuple[str, ...]
    vocabulary: Literal["plain", "technical", "playful", "literary", "urgent"]
    openers: tuple[str, ...]
    closers: tuple[str, ...]
    pacing: Literal["calm", "steady", "brisk"]
    lines: Lines = Lines()
    voice: Voice
    look: Look
    format: Format = Format.LANDSCAPE
    cadence_per_week: int = Field(ge=1, le=21)
    # When its audience watches: hours of the day in a time zone of the IANA database.
    zone: Zone = "America/New_York"
    publish_hours: tuple[Annotated[int, Field(ge=0, le=23)], ...] = Field(default=(8, 12, 18), min_length=1)
    taboos: tuple[str, ...]
    script_template: Literal["explainer", "story", "countdown", "versus", "timeline", "mythcheck", "numbers", "profile"]
    writing_fallback: Degrade = "model"
    voice_fallback: Literal["never", "free"] = "never"
    language: str = Field(default="en", pattern="^[a-z]{2}$")
    monetised: bool = False
    music: Literal["none", "calm", "bright", "tense", "wonder"] = "calm"
    # Whether the channel's own pictures and clips go before all others that fit a sentence, or compete with them.
    own_media: Literal["equal", "first"] = "equal"
    # Whether a model may paint what no picture shows, where one is configured.
    generated_pictures: bool = True
    sameness: Sameness = Sameness()


@cache
def load_personalities() -> dict[str, Personality]:
    """Read every shipped personality, by id, in id order."""
    folder = files("memory") / "personalities"
    loaded = [Personality.model_validate(tomllib.loads(entry.read_text("utf-8"))) for entry in folder.iterdir() if entry.name.endswith(".toml")]
    return {personality.id: personality for personality in sorted(loaded, key=lambda one: one.id)}


def get_personality(channel: str) -> Personality:
    """Return the personality of a channel, which bears the channel's id, or raise `NotFound` naming the known ones."""
    found = _of_channel(channel)
    if found is None:
        raise NotFound(f"channel: {channel!r} is unknown; known channels: {', '.join(load_personalities())}", channel=channel)
    return found


def channel_id_of(personality: str, tenant_id: str) -> str:
    """Return the id of a tenant's channel of a personality: that one's own for the studio's first tenant, marked with the tenant for every other."""
    return personality if tenant_id == LOCAL_TENANT else f"{personality}{_OF_TENANT}{content_digest(tenant_id.encode())[:8]}"


def personality_id_of(channel: str) -> str:
    """Return the id of the personality that a channel was created from."""
    return channel.partition(_OF_TENANT)[0]


@lru_cache(maxsize=1024)
def _of_channel(channel: str) -> Personality | None:
    found = load_personalities().get(personality_id_of(channel))
    return found if found is None or found.id == channel else found.model_copy(update={"id": channel})

"""Which fields of a personality may change, what a change makes of it, and whether it still is a personality."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from infra.errors import Invalid
from memory.personality import Personality, get_personality

# Who the channel is (its id, name and niche) is its owner's to say, in the file; the other fields may be learned.
CHANGEABLE = (
    "tagline",
    "keywords",
    "audience",
    "tone",
    "vocabulary",
    "openers",
    "closers",
    "pacing",
    "taboos",
    "script_template",
    "cadence_per_week",
    "publish_hours",
    "zone",
    "music",
    "own_media",
    "generated_pictures",
    "voice",
    "look",
    "sameness",
)


class ChangeImpossible(Invalid):
    """The change names a field that there is not, that is not to be changed, or a value that it cannot have."""

    code = "change_impossible"


def value_of(personality: Personality, field: str) -> Any:
    """Return what stands in a field (`tone`, `voice.pause_s`) as JSON; raises ChangeImpossible where there is no such field."""
    head, _, rest = field.partition(".")
    if head not in CHANGEABLE:
        raise ChangeImpossible(f"field: {head!r} cannot be changed; one of {', '.join(CHANGEABLE)}, or a part such as voice.words_per_minute")
    value = personality.model_dump(mode="json")[head]
    if not rest:
        return value
    if not isinstance(value, dict) or rest not in value:
        known = f"; it has {', '.join(value)}" if isinstance(value, dict) else ""
        raise ChangeImpossible(f"field: {head!r} has no part {rest!r}{known}")
    return value[rest]


def with_changes(personality: Personality, changes: Mapping[str, Any]) -> Personality:
    """Return the personality with fields set to other values, checked as its file is; raises ChangeImpossible naming the field and the limit."""
    body = personality.model_dump(mode="json")
    for field, value in changes.items():
        value_of(personality, field)
        head, _, rest = field.partition(".")
        if rest:
            body[head] = {**body[head], rest: value}
        else:
            body[head] = value
    try:
        return Personality.model_validate(body)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ChangeImpossible(f"{where}: {first['msg']}, got {first['input']!r}") from error


def merged(changes: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Return changes in the order they were approved as one: a later one of the same field, or of the whole that it is part of, stands."""
    made: dict[str, Any] = {}
    for field, value in changes:
        for earlier in [one for one in made if one == field or one.startswith(f"{field}.")]:
            del made[earlier]
        made[field] = value
    return made


def effective_personality(channel: str, changes: Mapping[str, Any]) -> Personality:
    """Return a channel's personality with its approved changes; raises NotFound for an unknown channel.

    A change that the file has outgrown (its value is not possible any more) is an error that names it, since leaving it out would undo an approval.
    """
    return with_changes(get_personality(channel), changes)

"""Finds statements of two documents that cannot both hold: the same thing said of the same subject and time, with another value."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations

from agents.scriptwriter.statements import Reader, Statement
from memory.artifacts import Passage

_COVERED = 0.6
_DURATIONS = frozenset({"year", "month", "day", "week", "hour", "minut", "second", "century", "decad"})
_SPREAD = 20
# Two counts of one thing, with nothing else said, lie closer together than that or count different things.
_BARE_SPREAD = 3
_MEASURES = frozenset({"percent", "meter", "kilogram", "tim", "time", "dollar", "degre", "squar", "squar kilometer", "acre", "hectar"}) | _DURATIONS
_TOLERANCE = 0.03
_ALIKE = 0.4
_YEARS_APART = 8


def rivals(passages: Sequence[Passage], topic: str) -> Iterator[tuple[Statement, Statement, str]]:
    """Yield pairs of statements of different documents that contradict each other, and what they are about."""
    reader = Reader(passages, topic)
    groups: dict[tuple[str, str], list[Statement]] = defaultdict(list)
    for passage in passages:
        for one in reader.statements(passage):
            groups[one.kind, one.unit].append(one)
    for (kind, _), group in groups.items():
        differ = _DIFFER[kind]
        for one, other in combinations(group, 2):
            if one.passage.document_id != other.passage.document_id and differ(one, other) and not _agrees_elsewhere(one, other, group):
                yield one, other, _about(one, other)


def _about(one: Statement, other: Statement) -> str:
    return " ".join(sorted(one.frame & other.frame)) or one.unit or other.unit


def _agrees_elsewhere(one: Statement, other: Statement, group: Sequence[Statement]) -> bool:
    """Say whether the two sentences also state one equal value of this kind: then the other numbers are about something else."""
    ids = (one.passage.id, other.passage.id)
    mine = {round(two.value, 6) for two in group if two.passage.id == ids[0] and two.kind != "claim"}
    theirs = {round(two.value, 6) for two in group if two.passage.id == ids[1] and two.kind != "claim"}
    return one.kind in {"figure", "date"} and bool(mine & theirs)


def _same_scope(one: Statement, other: Statement) -> bool:
    """Say whether two statements are about the same bearer: equal names, or names shared and only one side more exact."""
    if one.scope == other.scope:
        return True
    shared = one.scope & other.scope
    nested = one.scope <= other.scope or other.scope <= one.scope
    alike = bool(one.years) and one.years == other.years and len(one.frame & other.frame) >= 2
    # Who names somebody else and not the topic speaks of somebody else.
    exact, plain = (one, other) if len(one.scope) > len(other.scope) else (other, one)
    elsewhere = not exact.of_topic and plain.of_topic and exact.kind != "claim"
    return nested and not elsewhere and (bool(shared) or alike)


def _same_time(one: Statement, other: Statement) -> bool:
    """Say whether two figures can be of one time: no years that differ, and no dated past beside the present of a later source."""
    if one.years and other.years:
        return bool(one.years & other.years)
    for dated, open_ in ((one, other), (other, one)):
        if dated.years and open_.passage.published and open_.passage.published.year - max(dated.years) > _YEARS_APART:
            published = dated.passage.published
            return published is not None and published.year - max(dated.years) <= _YEARS_APART and not open_.years
    return True


def _covered(one: Statement, other: Statement) -> float:
    least = min(len(one.frame), len(other.frame))
    return len(one.frame & other.frame) / least if least else 0.0


def _figures_differ(one: Statement, other: Statement) -> bool:
    top = max(one.upper, other.upper)
    apart = one.value - other.upper if one.value > other.upper else other.value - one.upper
    if apart <= _TOLERANCE * top or top > _SPREAD * max(1e-9, min(one.value, other.value)):
        return False
    shared, covered = len(one.frame & other.frame), _covered(one, other)
    bare = not min(len(one.frame), len(other.frame)) and one.unit not in _MEASURES and not one.scope | other.scope
    if bare and top <= _BARE_SPREAD * max(1e-9, min(one.value, other.value)):
        return _same_time(one, other)
    enough = shared >= 3 and covered >= 0.75 if one.unit in _DURATIONS else shared >= 2 and covered >= _COVERED or shared >= 1 and covered == 1.0
    return enough and one.qualifiers == other.qualifiers and _same_scope(one, other) and _same_time(one, other)


def _dates_differ(one: Statement, other: Statement) -> bool:
    shared = one.frame & other.frame
    if one.day and one.day == other.day and one.value != other.value:
        return bool(shared - one.scope - other.scope) and (len(shared) >= 2 or one.scope <= other.scope or other.scope <= one.scope)
    if one.value == other.value or one.qualifiers != other.qualifiers or not _same_scope(one, other):
        return False
    told = shared - one.scope - other.scope
    # Two events of one subject have different verbs: what happened must be the same, not only to whom.
    mine, theirs = one.frame - one.scope, other.frame - other.scope
    alike = 2 * len(shared) >= _ALIKE * (len(one.frame) + len(other.frame))
    return (
        alike
        and bool(told)
        and len(told) >= _COVERED * min(len(mine), len(theirs))
        and _covered(one, other) >= _COVERED
        and (len(shared) >= 2 or mine == theirs)
    )


def _ranks_differ(one: Statement, other: Statement) -> bool:
    if not (one.frame <= other.frame or other.frame <= one.frame) or not one.frame & other.frame and one.frame | other.frame:
        return False
    same_holder = one.said.lower() == other.said.lower()
    return one.value != other.value if same_holder else one.value == other.value


def _claims_differ(one: Statement, other: Statement) -> bool:
    shared = one.frame & other.frame
    alike = one.scope == other.scope or len(shared) >= 3 and _same_scope(one, other)
    return one.value != other.value and len(shared) >= 2 and _covered(one, other) >= 0.99 and alike and one.qualifiers == other.qualifiers


def _makers_differ(one: Statement, other: Statement) -> bool:
    mine, theirs = set(one.said.lower().split()), set(other.said.lower().split())
    return not mine & theirs and len((one.frame & other.frame) - {word[:4] for word in mine | theirs}) >= 2


_DIFFER = {"figure": _figures_differ, "date": _dates_differ, "rank": _ranks_differ, "claim": _claims_differ, "maker": _makers_differ}

"""How much of the work a person decides: the levels, which of two is freer, and which one a production of a fleet goes by."""

from collections.abc import Iterable, Mapping
from typing import Any, get_args

from graphs.request import Autonomy

# The strictest first: each leaves less to a person than the one before.
LEVELS: tuple[Autonomy, ...] = get_args(Autonomy)


def is_freer(level: str, than: str) -> bool:
    """Whether a level leaves less to a person than another."""
    return _rank(level) > _rank(than)


def strictest(levels: Iterable[str]) -> Autonomy:
    """Return the one of several levels that leaves most to a person."""
    return LEVELS[min(_rank(level) for level in levels)]


def level_of(task: Mapping[str, Any], fleet: str | None, own: str) -> Autonomy:
    """Return the level of a production: a fleet goes by its own level or else by each channel's, and a task may be stricter.

    A task is freer only where a person who may decide wanted it so, which its `freed_by` says: what programs inject never frees a fleet.
    """
    usual, wanted = fleet or own, task.get("autonomy")
    if wanted is None:
        return strictest((usual,))
    return strictest((wanted,) if task.get("freed_by") else (wanted, usual))


def _rank(level: str) -> int:
    return [str(one) for one in LEVELS].index(level)

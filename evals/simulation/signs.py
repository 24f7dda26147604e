"""Signs of trouble that the world gives, and how soon the crisis monitor has each of them in an incident."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import psycopg
from pydantic import BaseModel, ConfigDict

# How often trouble of a kind was seen with a channel, or with the video of a run; every look that sees it adds to a timeline.
_SEEN = """
    select count(*) from incidents i, jsonb_array_elements(i.timeline) e where e ->> 'what' in ('opened', 'seen again')
    and (i.channel_id = %(channel)s and i.kind = %(kind)s or i.run_id = %(run)s and e ->> 'detail' like %(said)s)
"""


@dataclass
class Sign:
    """One sign: which fault gave it, and where it must turn up. `seen` counts what was known when it was given; `shown_s` is when it could be seen first."""

    fault: str
    channel: str = ""
    kind: str = ""
    run: str = ""
    said: str = ""
    seen: int = 0
    shown_s: float | None = None
    found_s: float | None = None


class Found(BaseModel):
    """Of the signs of one kind of fault: how many were given, how many a look could see, how many are in an incident, and the longest that took."""

    model_config = ConfigDict(frozen=True)

    given: int
    shown: int
    found: int
    slowest_s: float


@dataclass
class SignBook:
    """Knows every sign that was given, and looks after each turn of the watcher which of them it found."""

    connection: "psycopg.Connection[tuple[Any, ...]]"
    now_s: Callable[[], float]
    tell: Callable[[str, Sign], None] = lambda _what, _sign: None
    signs: list[Sign] = field(default_factory=list)

    def give(self, sign: Sign, *, shown: bool) -> None:
        """Know a sign that the world gives now; one that only a certain look can see is `shown` later."""
        sign.seen = self._count(sign)
        sign.shown_s = self.now_s() if shown else None
        self.signs.append(sign)

    def show(self, run: str) -> None:
        """A look at a run's video was shown what changed."""
        for sign in self.signs:
            if sign.run == run and sign.shown_s is None:
                sign.shown_s = self.now_s()
                self.tell("shown", sign)

    def turned(self, part: str, at_s: float) -> None:
        """Look what the watcher found by the end of its turn."""
        if part != "watcher":
            return
        for sign in self.signs:
            if sign.shown_s is not None and sign.found_s is None and self._count(sign) > sign.seen:
                sign.found_s = at_s
                self.tell("found", sign)

    @property
    def found(self) -> dict[str, Found]:
        """Return by kind of fault what became of its signs."""
        told = {}
        for fault in sorted({one.fault for one in self.signs}):
            of = [one for one in self.signs if one.fault == fault]
            took = [one.found_s - one.shown_s for one in of if one.found_s is not None and one.shown_s is not None]
            shown = sum(one.shown_s is not None for one in of)
            told[fault] = Found(given=len(of), shown=shown, found=len(took), slowest_s=round(max(took, default=0.0), 3))
        return told

    def _count(self, sign: Sign) -> int:
        values = {"channel": sign.channel or None, "kind": sign.kind, "run": sign.run or None, "said": f"%{sign.said}%"}
        row = self.connection.execute(_SEEN, values).fetchone()
        return int(row[0]) if row is not None else 0

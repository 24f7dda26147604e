"""Attention over time: the words that collections, forecasts and the memory of trends share."""

from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime, Field

from memory.artifacts import TrendSignal
from memory.values import Frozen

Verdict = Literal["skill", "no_skill", "too_short", "stale"]
# The share of outcomes that a band is meant to hold, and how far ahead the scout looks.
BAND = 0.8
HORIZON_HOURS = 48.0


class AttentionPoint(Frozen):
    """One measured value at a time."""

    at: AwareDatetime
    value: float = Field(ge=0, allow_inf_nan=False)


class AttentionSeries(Frozen):
    """One series of a topic, oldest value first. `name` tells series of a topic apart, `source` is for people, `unit` says what is counted."""

    name: str
    source: str
    unit: str
    points: tuple[AttentionPoint, ...]


class SeenStory(Frozen):
    """One story of one collection: its sightings, and the unit vector of its title."""

    title: str
    category: str
    keywords: tuple[str, ...]
    signals: tuple[TrendSignal, ...] = Field(min_length=1)
    vector: tuple[float, ...]


class OutlookPoint(Frozen):
    """A future value and its band."""

    at: datetime
    value: float
    low: float
    high: float


class Outlook(Frozen):
    """What is expected of a topic, from which of its series, and how far that can be trusted.

    `length` counts the measured values, `growth` is the mean of the next 48 hours over the mean of the same span before, minus 1; `statement`
    is the forecaster's own on its skill.
    """

    series: str
    source: str
    unit: str
    length: int
    method: str
    verdict: Verdict
    statement: str
    growth: float | None = None
    peak_at: datetime | None = None
    points: tuple[OutlookPoint, ...] = ()
    made_at: datetime

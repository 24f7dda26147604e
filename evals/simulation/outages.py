"""How soon the studio uses a provider again that was away: measured on the work that wanted it, since nobody waits for what nobody wants."""

from dataclasses import dataclass, field

from evals.simulation.faults import Fault
from infra.errors import StudioError

_YOUTUBE = ("upload_video", "find_uploads", "read_audience", "change_visibility", "reschedule_video")
_SOURCES = ("collect_trends", "find_evidence", "read_source", "measure_attention")
PROVIDER_OF: dict[str, str] = {
    **dict.fromkeys(_YOUTUBE, "youtube"),
    **dict.fromkeys(_SOURCES, "sources"),
    **{"write_text": "openai", "find_picture": "pictures", "send_message": "mail"},
}
_KINDS = frozenset({"provider_outage", "rate_storm"})
# How a tool says that its provider is away or turns requests away, or that the studio itself does not ask for a while because it was.
_AWAY = frozenset({"youtube_busy", "youtube_outcome_unknown", "call_turned_away", "outcome_unknown", "provider_busy", "source_unreachable", "rate_limited"})


def away(error: BaseException | None) -> bool:
    """Whether an attempt ended because its provider was away, and is made again."""
    return isinstance(error, StudioError) and error.retryable and error.code in _AWAY


@dataclass
class _Outage:
    provider: str
    from_s: float
    to_s: float
    # Jobs that it turned away and that wait to be tried again, and the first wish after its end that was turned away all the same.
    waiting: set[str] = field(default_factory=set)
    wished_s: float | None = None
    over: bool = False


@dataclass
class Outages:
    """Knows when providers were away, and what became of the attempts that needed them, in virtual seconds since the start."""

    _outages: list[_Outage] = field(default_factory=list)

    def struck(self, fault: Fault) -> None:
        """Note that a provider is away, or turns requests away."""
        if fault.kind in _KINDS:
            self._outages.append(_Outage(fault.target, fault.at_s, fault.at_s + fault.duration_s))

    def attempted(self, tool: str, job: str, began_s: float, turned_away: bool) -> list[float]:
        """Note an attempt, and whether its provider turned it away; return the recoveries that it ends, in seconds.

        A provider is itself again with the first attempt that it does not turn away: that counts from the outage's end for a job that waited for it, else from
        the first wish since. How long others queue behind that one is how busy the studio is, and no recovery.
        """
        known = [outage for outage in self._outages if PROVIDER_OF.get(tool) == outage.provider and outage.from_s <= began_s]
        lasting = [outage for outage in known if began_s < outage.to_s]
        for outage in lasting:
            outage.waiting = outage.waiting | {job} if turned_away else outage.waiting - {job}
        if lasting:
            # What an earlier one turned away waits for this one by now.
            for outage in known:
                outage.waiting, outage.over = (outage.waiting, outage.over) if outage in lasting else (outage.waiting - {job}, True)
            return []
        return [since for outage in known if (since := _recovered(outage, job, began_s, turned_away)) is not None]


def _recovered(outage: _Outage, job: str, began_s: float, turned_away: bool) -> float | None:
    if turned_away:
        outage.wished_s = began_s if outage.wished_s is None else outage.wished_s
        return None
    if outage.over:
        return None
    outage.over = True
    if job in outage.waiting:
        return round(began_s - outage.to_s, 3)
    return 0.0 if outage.wished_s is None else round(began_s - outage.wished_s, 3)

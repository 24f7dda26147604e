"""Videos as the service tells them: where each stands, by its newest run and its publication, in the order that is asked for."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from infra.database import UnitOfWork
from infra.reads import ReadPool, Value
from memory.reads.ordered import Order, OrderedAsk, ordered_body
from memory.reads.pages import page_of
from memory.repositories.videos import VideoMissing

Sort = Literal["newest", "oldest", "publish_at", "-publish_at", "title", "-title"]
_TITLE = """left(lower(coalesce(nullif(v.title, ''), v.topic)), 100) collate "C" """
ORDERS: dict[str, Order] = {
    "newest": Order("v.created_at", "timestamptz", down=True),
    "oldest": Order("v.created_at", "timestamptz"),
    "publish_at": Order("coalesce(v.shows_at, 'infinity'::timestamptz)", "timestamptz"),
    "-publish_at": Order("coalesce(v.shows_at, '-infinity'::timestamptz)", "timestamptz", down=True),
    "title": Order(_TITLE, "text"),
    "-title": Order(_TITLE, "text", down=True),
}
_STATUS = "case when v.stands <> 'released' then v.stands when v.shows_at > now() then 'scheduled' else 'published' end"
_COST = """(
    select coalesce(sum(c.counted_microusd), 0)::float8 / 1e6 from cost_entries c
    where c.video_id = v.id and (c.provenance in ('rehearsal', 'simulated')) = (v.provenance in ('rehearsal', 'simulated'))
)"""
_JSON = (
    """
    json_build_object(
        'id', v.id, 'channel', v.channel_id, 'topic', v.topic, 'title', v.title, 'format', v.format, 'seconds', v.seconds, 'provenance', v.provenance,
        'status', """
    + _STATUS
    + """, 'run', r.id, 'approval', q.id, 'publish_at', case when p.published_at is null then v.shows_at
            else coalesce(moment_in(p.details ->> 'publish_at'), moment_in(r.request ->> 'publish_at')) end,
        'published_at', p.published_at, 'publisher', p.publisher, 'url', p.external_url, 'cost_usd', """
    + _COST
    + """, 'reasons', coalesce(r.outcome -> 'reasons', '[]'::jsonb), 'created_at', v.created_at
    )::text
"""
)
_JOINED = """
    left join lateral (select * from runs r where r.video_id = v.id order by r.created_at desc, r.id desc limit 1) r on true
    left join publications p on p.key = r.id
    left join lateral (
        select a.id from approvals a where a.run_id = r.id and a.status = 'pending' order by a.created_at desc limit 1
    ) q on true
"""
_STANDS = {
    "scheduled": "(v.stands = 'released' and v.shows_at > now())",
    "published": "(v.stands = 'released' and (v.shows_at <= now() or v.shows_at is null))",
}
_WHERE = {
    "status": "",
    "channel": "v.channel_id = %(channel)s",
    "since": "coalesce(v.shows_at, 'infinity'::timestamptz) >= %(since)s::timestamptz",
    "until": "coalesce(v.shows_at, 'infinity'::timestamptz) < %(until)s::timestamptz",
    "search": "position(lower(%(search)s) in lower(coalesce(nullif(v.title, ''), v.topic))) > 0",
}
_PAGE = "select {json}, v.at::text, v.id from (select v.*, {key} as at from videos v where {where} order by {by} limit %(limit)s) v {joined} order by {again}"
# Inside a transaction that may have changed any of it, what is kept at its end is not kept yet.
_ONE = f"""
    select {_JSON} from (
        select v.id, v.channel_id, v.topic, v.title, v.format, v.seconds, v.provenance, v.created_at, f.stands, f.shows_at
        from videos v, lateral video_facts(v.id) f where v.id = %(id)s
    ) v {_JOINED}
"""  # noqa: S608 - constants of this module  # nosec B608


@dataclass(frozen=True)
class VideosWanted:
    """Which videos, each only if given: of these statuses, of a channel, shown from `since` until before `until`, with these words in the title."""

    statuses: tuple[str, ...] = ()
    channel: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    search: str | None = None

    @property
    def conditions(self) -> list[str]:
        """Statements name only what is asked for: one that allows for everything is planned for everything, and reads it."""
        given = [name for name in ("channel", "since", "until", "search") if getattr(self, name) is not None]
        return [*([_standing(self.statuses)] if self.statuses else []), *(_WHERE[name] for name in given)]

    @property
    def values(self) -> dict[str, Value]:
        """What its conditions name."""
        stands = ",".join(one for one in self.statuses if one not in _STANDS)
        return {"stands": stands, "channel": self.channel, "since": self.since, "until": self.until, "search": self.search}


class VideoReads:
    """Reads of videos as one tenant sees them."""

    def __init__(self, reads: ReadPool, tenant_id: str) -> None:
        self._reads = reads
        self._tenant = tenant_id

    async def list_(self, ask: OrderedAsk, wanted: VideosWanted) -> bytes:
        """Return a page of videos as JSON, in the order of `ask`."""
        values: dict[str, Value] = {**ask.values, **wanted.values, "tenant": self._tenant}
        return ordered_body(await self._reads.rows(self._tenant, _page(ask, wanted), values), ask)


def video_json(session: UnitOfWork, video_id: str) -> bytes:
    """Return a video as JSON inside a unit of work; raises VideoMissing."""
    row = session.connection().exec_driver_sql(_ONE, {"id": video_id}).one_or_none()
    if row is None:
        raise VideoMissing(f"video: {video_id!r} does not exist", video=video_id)
    return str(row[0]).encode()


def _page(ask: OrderedAsk, wanted: VideosWanted) -> str:
    order = ask.order
    where = " and ".join(["v.tenant_id = %(tenant)s", *wanted.conditions, *([order.after("v.id")] if ask.after is not None else [])])
    return page_of(_PAGE.format(json=_JSON, key=order.key, where=where, by=order.by("v.id"), joined=_JOINED, again=order.by("v.id", "v.at")))


def _standing(statuses: tuple[str, ...]) -> str:
    """Return the condition of these statuses; of one, so that an index gives them in their order."""
    kept = [one for one in statuses if one not in _STANDS]
    timed = [_STANDS[one] for one in statuses if one in _STANDS]
    named = ["v.stands = %(stands)s" if len(kept) == 1 else "v.stands = any(string_to_array(%(stands)s, ','))"] if kept else []
    return f"({' or '.join([*named, *timed])})"

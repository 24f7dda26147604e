"""Videos as the service tells them: where each stands, by its newest run and its publication."""

from infra.database import UnitOfWork
from infra.reads import ReadPool, Value
from memory.reads.pages import PageAsk, page_body, page_of
from memory.repositories.videos import VideoMissing

# In the order in which they are looked at: what is outside counts before what its run is at.
_STATUS = """
    case
        when b.state = 'done' and b.result ->> 'privacy' = 'private' then 'pulled_back'
        when b.state in ('queued', 'dispatched', 'running') then 'pulling_back'
        when p.state = 'retracted' then 'pulled_back'
        when p.state in ('released', 'verified') and p.published_at > now() then 'scheduled'
        when p.state in ('released', 'verified') then 'published'
        when p.state = 'needs_human' then 'stuck'
        when r.finished_at is not null then r.status
        when r.stop_reason is not null then 'stopping'
        when q.gate is not null then 'waiting_for_' || q.gate
        when p.state is not null and p.state not in ('intent', 'failed') then 'publishing'
        else 'making'
    end
"""
_JSON = """
    json_build_object(
        'id', s.id, 'channel', s.channel, 'topic', s.topic, 'title', s.title, 'format', s.format, 'seconds', s.seconds, 'provenance', s.provenance,
        'status', s.status, 'run', s.run, 'approval', s.approval, 'publish_at', s.publish_at, 'published_at', s.published_at, 'publisher', s.publisher,
        'url', s.url, 'reasons', s.reasons, 'created_at', s.at
    )::text
"""
_COLUMNS = """
    v.id, v.channel_id as channel, v.topic, v.title, v.format, v.seconds, v.provenance, v.created_at as at, r.id as run, q.id as approval,
    coalesce(p.details ->> 'publish_at', r.request ->> 'publish_at') as publish_at, p.published_at, p.publisher, p.external_url as url,
    coalesce(r.outcome -> 'reasons', '[]'::jsonb) as reasons,
"""
_FROM = """
    from videos v
    left join lateral (select * from runs r where r.video_id = v.id order by r.created_at desc, r.id desc limit 1) r on true
    left join lateral (select * from publications p where p.key = r.id) p on true
    left join lateral (
        select a.id, a.gate from approvals a where a.run_id = r.id and a.status = 'pending' order by a.created_at desc limit 1
    ) q on true
    left join lateral (
        select j.state, j.result from jobs j where j.run_id = r.id and j.node = 'pull_back' order by j.ordinal desc limit 1
    ) b on true
    where
"""
_BODY = "select" + _COLUMNS + _STATUS + "as status" + _FROM
_PAGE = page_of(
    "select"  # nosec B608 # constants of this module
    + _JSON
    + ", s.at, s.id from ("
    + _BODY
    + """ v.tenant_id = %(tenant)s and (v.created_at, v.id) < (%(at)s, %(id)s) and (%(channel)s::text is null or v.channel_id = %(channel)s)
        order by v.created_at desc, v.id desc
    ) s where (%(status)s::text is null or s.status = %(status)s) order by s.at desc, s.id desc limit %(limit)s"""
)
_ONE = "select" + _JSON + "from (" + _BODY + " v.id = %(id)s) s"  # nosec B608 # constants of this module


class VideoReads:
    """Reads of videos as one tenant sees them."""

    def __init__(self, reads: ReadPool, tenant_id: str) -> None:
        self._reads = reads
        self._tenant = tenant_id

    async def list_(self, ask: PageAsk, status: str | None, channel_id: str | None) -> bytes:
        """Return a page of videos as JSON, newest first."""
        values: dict[str, Value] = {**ask.values, "tenant": self._tenant, "status": status, "channel": channel_id}
        return page_body(await self._reads.rows(self._tenant, _PAGE, values), ask)


def video_json(session: UnitOfWork, video_id: str) -> bytes:
    """Return a video as JSON inside a unit of work; raises VideoMissing."""
    row = session.connection().exec_driver_sql(_ONE, {"id": video_id}).one_or_none()
    if row is None:
        raise VideoMissing(f"video: {video_id!r} does not exist", video=video_id)
    return str(row[0]).encode()

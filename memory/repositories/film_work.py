"""What a run's finished jobs say of its film: what it was rendered from, and how long and dear each step was."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

# Results that tell what a step is measured by; the others can be large.
_FIGURES = ("render_video", "synthesize_speech")
_DONE = text(
    """
    select j.node, j.iteration, j.tool, extract(epoch from j.started_at)::float8 as started_s,
        extract(epoch from j.finished_at - j.started_at)::float8 as seconds,
        (select coalesce(sum(e.counted_microusd), 0) from cost_entries e where e.job_id = j.id and e.status <> 'released')::bigint as microusd,
        case when j.tool = any(:figures) then j.result else '{}'::jsonb end as figures
    from jobs j where j.run_id = :run_id and j.state = 'done' and j.started_at is not null order by j.created_at, j.id
    """
)
_RENDERED = text(
    """
    select args ->> 'storyboard' as storyboard, args ->> 'narration' as narration, iteration from jobs
    where run_id = :run_id and tool = 'render_video' and state = 'done' and result ->> 'rendered' = :rendered order by created_at desc limit 1
    """
)


@dataclass(frozen=True)
class RenderedFrom:
    """The digests that a film was rendered from, and the iteration of the stages that made them."""

    storyboard: str
    narration: str
    iteration: int


@dataclass(frozen=True)
class DoneWork:
    """One job as work: when it started (seconds since 1970), how long it took, what its calls cost, and for speech and renders what they measured."""

    node: str
    iteration: int
    tool: str
    started_s: float
    seconds: float
    microusd: int
    figures: dict[str, Any]


class FilmWorkRepository:
    """Readings of finished jobs, inside one unit of work; jobs of runs that ended long ago are gone."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def rendered_from(self, run_id: str, rendered: str) -> RenderedFrom | None:
        """Return what a `RenderedVideo` was rendered from; None for a film that came finished, or whose job is gone."""
        row = self._session.execute(_RENDERED, {"run_id": run_id, "rendered": rendered}).one_or_none()
        return RenderedFrom(**row._mapping) if row is not None else None

    def list_done(self, run_id: str) -> tuple[DoneWork, ...]:
        """Return every finished job in the order of their creation."""
        rows = self._session.execute(_DONE, {"run_id": run_id, "figures": list(_FIGURES)})
        return tuple(DoneWork(**row._mapping) for row in rows)

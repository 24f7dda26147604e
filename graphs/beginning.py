"""Writing down a run: what it sets out with, and the personality that it keeps to its end."""

from graphs.request import ProductionRequest
from infra.database import UnitOfWork
from infra.ids import new_id
from infra.settings import Settings
from memory.artifacts import Provenance
from memory.personality import get_personality
from memory.personality_changes import effective_personality
from memory.records.runs import RunRecord
from memory.repositories.allowance import AllowanceRepository
from memory.repositories.brakes import LAUNCHES, BrakeRepository
from memory.repositories.channels import ChannelRepository
from memory.repositories.personality_changes import PersonalityChangeRepository
from memory.repositories.runs import RunRepository
from tools.base import provenance_of_sources


def expected(request: ProductionRequest, settings: Settings) -> Provenance:
    """Return what kind of truth a run sets out with; the scout settles what it turns out to be. What stand-ins of the sources tell is never real."""
    if request.rehearsal:
        return Provenance.REHEARSAL
    if request.offline and not request.sources and not request.own_text and request.film is None:
        return Provenance.DEMO
    return provenance_of_sources(settings, Provenance.REAL)


def begin_run(session: UnitOfWork, settings: Settings, request: ProductionRequest, *, conducted: bool = False) -> RunRecord:
    """Write down a new run; one that is `conducted` is driven by the stack, and no command waits for it.

    Raises NotFound for an unknown channel, ChannelPaused for a paused one, PlanLimitReached when the plan allows no more, and Braked while no run may
    begin.
    """
    personality = get_personality(request.channel)
    run_id = new_id("run")
    BrakeRepository(session).ensure_free(LAUNCHES)
    channels = ChannelRepository(session)
    if channels.find(request.channel) is None:
        channels.ensure(request.channel, personality.id, personality.name)
    channels.ensure_active(request.channel)
    AllowanceRepository(session).ensure_video(request.channel)
    about = {"channel_id": request.channel, "request": request.model_dump(mode="json"), "conducted": conducted}
    made = RunRepository(session).create(RunRecord(id=run_id, **about, provenance=expected(request, settings).value))
    # Fixed here, so that a change approved in the middle of a run is for the next one.
    made.personality = PersonalityChangeRepository(session).apply(request.channel, run_id)
    effective_personality(request.channel, made.personality)
    return made

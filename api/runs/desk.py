"""Starting productions for whoever asks over HTTP: the stack drives them."""

from typing import Any

from api.authority import ensure_level
from api.http.principal import Principal
from api.http.refusals import InvalidFields
from api.http.state import ServiceState
from api.live_providers import ensure_probed
from api.needs import NEEDED_QUEUES, room_for
from api.runs.schemas import NewRun
from graphs.beginning import begin_run
from graphs.request import ProductionRequest
from graphs.timing import check_time
from infra.database import UnitOfWork
from infra.errors import Unavailable
from infra.room import require_room
from memory.personality import get_personality
from memory.records.channels import ChannelRecord
from memory.repositories.audit import AuditRepository
from memory.repositories.channels import ChannelRepository
from memory.repositories.workers import WorkerRepository
from tools.fetch_guard import AddressForbidden, check_public


def ensure_served(state: ServiceState) -> None:
    """Raise Unavailable, naming the queues, while no worker serves what a production needs."""
    with state.studio.unit_of_work() as session:
        missing = sorted(NEEDED_QUEUES - WorkerRepository(session).served_queues())
    if missing:
        raise Unavailable(f"no worker serves {', '.join(missing)}; start `ytempire up`, or `ytempire worker --queue {missing[0]}`", queues=missing)


def ensure_public(asked: NewRun) -> None:
    """Raise InvalidFields naming every source that no fetch would reach."""
    broken = []
    for at, source in enumerate(asked.sources):
        try:
            check_public(source)
        except AddressForbidden as error:
            broken.append((f"sources.{at}", str(error)))
    if broken:
        raise InvalidFields(broken)


def start(session: UnitOfWork, state: ServiceState, who: Principal, asked: NewRun) -> str:
    """Write a production down and return its id; raises what `produce` raises, ChannelMissing for a channel that is not the caller's, and LevelNotAllowed."""
    channel = ChannelRepository(session).get(asked.channel)
    ensure_level(who, asked.autonomy, {channel.id: channel.autonomy})
    request = _request(state, channel, asked).model_copy(update={"asked_by": who.user_id})
    if request.publish_at is not None:
        check_time(request, request.publish_at, state.clock.now())
    require_room(state.settings.home, room_for(state.settings.home, request.seconds), f"a video of {request.seconds} s")
    ensure_probed(state.settings, request)
    run = begin_run(session, state.settings, request, conducted=True)
    AuditRepository(session).append(who.user_id, "run.started", run.id, {"request": asked.model_dump(mode="json", exclude_unset=True)})
    return run.id


def _request(state: ServiceState, channel: ChannelRecord, asked: NewRun) -> ProductionRequest:
    usual: dict[str, Any] = {"format": get_personality(channel.id).format, "autonomy": channel.autonomy, "offline": state.settings.network == "off"}
    given = {name: value for name, value in asked.model_dump().items() if value is not None}
    return ProductionRequest.model_validate({**usual, **given})

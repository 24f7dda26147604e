"""What an autonomous run would do, before it is started: its plan by the rows there are now, and what that plan may cost and take."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from graphs.autonomous_request import AutonomousRequest
from graphs.fleet_channels import calendars_of, platform_of, uploads_left
from graphs.fleet_flight import takes, worst_microusd
from graphs.fleet_uploads import SPARE_SHARE
from graphs.scheduling import Period, Plan, Room, make_plan
from infra.database import Session
from infra.settings import Settings
from memory.production_figures import measured_productions
from memory.quota import pacific_day


@dataclass(frozen=True)
class Preview:
    """The plan without regard to its budget; what one video may cost (micro-dollars) and take; which channels spend the platform's quota."""

    plan: Plan
    each_microusd: int
    takes: timedelta
    bytes_each: int | None
    on_platform: frozenset[str]


def preview(session: Session, settings: Settings, request: AutonomousRequest, now: datetime) -> Preview:
    """Plan a run that would start now; nothing is written."""
    figures = measured_productions(session)
    longest = takes(request, figures)
    ends = now + request.lasts
    lead = min(longest * (1 + SPARE_SHARE), (ends - now) / 2)
    found = calendars_of(session, settings, request, (), now)
    a_day, left = uploads_left(session, settings, now)
    room = Room(uploads_a_day=a_day, uploads={pacific_day(now): left})
    plan = make_plan(list(found.values()), Period(now, now + lead, ends, request.seed), room)
    platform = platform_of(session, settings, request)
    return Preview(plan, worst_microusd(settings, figures, request), longest, figures.bytes, platform)

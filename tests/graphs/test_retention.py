"""The purge runs once an hour; and only the modules that may read a platform's figures do."""

import ast
from datetime import timedelta
from pathlib import Path

from graphs.retention import EVERY, Retention
from infra.clock import SYSTEM_CLOCK
from infra.database import Database
from memory.readings import LIFE, NewReading
from memory.repositories.channels import ChannelRepository
from memory.repositories.readings import Gone, ReadingRepository
from tests.tools.upload_video.conftest import TestClock

ROOT = Path(__file__).resolve().parents[2]
# Who may touch what a platform told: its keepers, its reader, the monitor's eyes, the doors that hand it on, and what shows it to its owner.
MAY_READ = {
    *("memory/readings.py", "memory/records/readings.py", "memory/repositories/readings.py"),
    *("tools/read_audience/parts.py", "tools/read_audience/shelf.py", "tools/screen_content/tool.py"),
    *("agents/base.py", "evals/context.py", "graphs/context.py", "graphs/checks.py", "graphs/retention.py", "api/figures.py", "api/commands/channels.py"),
    # These read no figure: they note which lessons rest on readings, leave those out of reports, and forget them.
    *("memory/learning.py", "graphs/fleet_report.py", "memory/repositories/forgetting.py", "tools/disconnect_account/tool.py"),
}


def test_no_score_forecast_ranking_or_script_can_take_a_platforms_figures() -> None:
    named = {
        path.relative_to(ROOT).as_posix()
        for package in ("infra", "memory", "tools", "agents", "graphs", "api", "evals")
        for path in (ROOT / package).rglob("*.py")
        if "readings" in (text := path.read_text("utf-8"))
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.ImportFrom) and str(node.module).endswith(("memory.readings", "repositories.readings", "records.readings"))
    }
    assert named <= MAY_READ, "a new reader of a platform's figures: decide whether YouTube's policy on derived data allows it"
    calls = [path for path in (ROOT / "agents").rglob("*.py") if ".readings(" in path.read_text("utf-8")]
    assert [path.relative_to(ROOT).as_posix() for path in calls] == ["agents/crisis_monitor/audience.py"]


async def test_what_expired_goes_at_the_next_hour(database_url: str) -> None:
    database, clock = Database(database_url), TestClock(SYSTEM_CLOCK.now())
    with database.unit_of_work() as session:
        ChannelRepository(session).ensure("tide_lines", "tide_lines", "Tide Lines")
        ReadingRepository(session, clock.at).keep("tide_lines", "real", (NewReading("statistics", "v", {"views": 1}),))
    retention = Retention(database, clock)
    assert await retention.purge_due() == Gone(0, 0)
    clock.at += LIFE - EVERY / 2
    assert await retention.purge_due() == Gone(0, 0)
    clock.at += EVERY / 2
    assert await retention.purge_due() is None
    clock.at += timedelta(minutes=30)
    assert await retention.purge_due() == Gone(1, 0)
    database.dispose()

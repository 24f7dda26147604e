"""`/metrics`: what it tells of tools, disks, memory, backups and drills; and that the page about it names each metric and no other."""

import re
from typing import Any

import pytest

from infra.settings import CHECKOUT
from tests.fixtures.service import Service

_ATTEMPT = """
    with job as (
        insert into jobs (id, run_id, node, iteration, ordinal, agent, tool, queue, args, input_hash, provenance, max_attempts, timeout_s)
        values (%(id)s, %(id)s, 'n', 0, 0, 'a', %(tool)s, 'cpu', '{}', 'h', 'real', 3, 60)
    )
    insert into job_attempts (job_id, token, attempt, worker, started_at, ended_at, outcome)
    values (%(id)s, 1, 1, 'w', now() - make_interval(hours => %(hours)s),
        now() - make_interval(hours => %(hours)s) + make_interval(secs => %(took)s), %(outcome)s)
"""


def told(service: Service, statement: str, *many: dict[str, Any]) -> None:
    """Write rows as the studio would."""
    with service.state.studio.unit_of_work() as session:
        for values in many or ({},):
            session.connection().exec_driver_sql(statement, values)


async def lines(service: Service) -> dict[str, float]:
    """Return every sample by what stands before its value."""
    answer = await service.client.get("/metrics")
    assert answer.status_code == 200, answer.text
    pairs = [line.rsplit(" ", 1) for line in answer.text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in pairs}


async def test_how_long_tools_took_within_a_day_is_a_histogram_of_few_labels(service: Service) -> None:
    usual = {"tool": "read_source", "outcome": "done", "hours": 1}
    rows = [{**usual, "took": 0.2}, {**usual, "took": 40}, {**usual, "took": 5000}, {**usual, "took": 9, "outcome": "retry"}, {**usual, "took": 9, "hours": 30}]
    rows.append({**usual, "tool": "a_tool_that_was_taken_out", "took": 1})
    told(service, _ATTEMPT, *({"id": f"job_{number}", **row} for number, row in enumerate(rows)))
    found = {name: value for name, value in (await lines(service)).items() if name.startswith("ytempire_tool_duration_last_day_seconds")}
    name = "ytempire_tool_duration_last_day_seconds"
    buckets = [found[f'{name}_bucket{{le="{bound}",tool="read_source"}}'] for bound in ("0.1", "0.25", "30", "60", "3600", "+Inf")]
    assert buckets == [0, 1, 1, 2, 2, 3]
    assert (found[f'{name}_count{{tool="read_source"}}'], found[f'{name}_sum{{tool="read_source"}}']) == (3, 5040.2)
    assert set(re.findall(r'tool="(\w+)"', " ".join(found))) == {"read_source", "other"}


async def test_what_is_left_of_disks_and_memory(service: Service) -> None:
    found = await lines(service)
    free, size = (found[f'ytempire_disk_{what}_bytes{{place="home"}}'] for what in ("free", "size"))
    available, total = (found[f'ytempire_memory_bytes{{kind="{kind}"}}'] for kind in ("available", "total"))
    assert 0 < free <= size
    assert 0 < available <= total


async def test_how_old_backups_are_and_what_came_of_the_last_drill(service: Service) -> None:
    ages = {name for name in await lines(service) if name.startswith(("ytempire_backup_age", "ytempire_restore_drill"))}
    assert ages == set()
    backup = (
        "insert into backups (id, series, place, kind, parent_id, status, started_at, finished_at) values (%(id)s, 's', '/x', %(kind)s, %(parent)s, 'done', "
    )
    ended = "now() - make_interval(hours => %(hours)s), now() - make_interval(hours => %(hours)s))"
    told(
        service,
        backup + ended,
        {"id": "old", "kind": "full", "parent": None, "hours": 40},
        {"id": "new", "kind": "full", "parent": None, "hours": 10},
        {"id": "part", "kind": "incremental", "parent": "new", "hours": 1},
    )
    drill = "insert into restore_drills (id, backup_id, status, started_at, seconds) values (%(id)s, 'new', %(status)s, "
    told(
        service,
        drill + "now() - make_interval(hours => %(hours)s), 60)",
        {"id": "a", "status": "passed", "hours": 9},
        {"id": "b", "status": "failed", "hours": 2},
    )
    found = await lines(service)
    hours = {name: round(value / 3600) for name, value in found.items() if name.startswith(("ytempire_backup_age", "ytempire_restore_drill_age"))}
    assert hours == {
        'ytempire_backup_age_seconds{kind="full"}': 10,
        'ytempire_backup_age_seconds{kind="incremental"}': 1,
        'ytempire_restore_drill_age_seconds{outcome="passed"}': 9,
        'ytempire_restore_drill_age_seconds{outcome="failed"}': 2,
    }
    assert {name: value for name, value in found.items() if "drill_last" in name} == {'ytempire_restore_drill_last_duration_seconds{outcome="failed"}': 60}


@pytest.mark.usefixtures("service")
async def test_the_page_names_each_metric_and_no_other(service: Service) -> None:
    exposed = set(re.findall(r"^# TYPE (\w+)", (await service.client.get("/metrics")).text, re.MULTILINE))
    page = (CHECKOUT / "docs" / "metrics.md").read_text("utf-8")
    named = set(re.findall(r"`(ytempire_\w+)`", page))
    assert named == {name for name in exposed if not name.endswith("_created")}

"""Calls that cost no money are entries of the ledger as well: each request that a stand-in saw is counted, and a stop holds them back and cuts them."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from infra.database import Database
from memory.artifacts import Provenance
from memory.ledger import Ledger
from memory.records.costs import CostEntryRecord
from memory.repositories.switches import Stopped, SwitchRepository
from tests.fixtures.sources import GLACIER, tool_context
from tools.base import ToolContext
from tools.find_evidence.schema import FindEvidenceArgs
from tools.find_evidence.tool import run
from tools.gateway_free import FreeCall, free_charge, open_reader
from tools.sandbox import Sandbox, delayed
from tools.sources_sandbox import sources_app
from tools.vendors.wikipedia.sandbox import WikiArticle, wiki_app
from tools.vendors.youtube.errors import OutcomeUnknown, Refused

ASKED = FindEvidenceArgs(topic="How glaciers lose their ice")


@pytest.fixture
def box() -> Iterator[Sandbox]:
    with Sandbox(sources_app({name: wiki_app((WikiArticle("Glacier", GLACIER),)) for name in ("wikipedia", "wikinews")})) as running:
        yield running


@pytest.fixture
def ctx(tmp_path: Path, box: Sandbox, database_url: str) -> ToolContext:
    return replace(tool_context(tmp_path, box.url, database_url=database_url), job_id="job_1", provenance=Provenance.REHEARSAL)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url, pool_size=2)
    yield opened
    opened.dispose()


def entries(database: Database) -> tuple[CostEntryRecord, ...]:
    with database.unit_of_work() as session:
        return Ledger(session).list_()


def stop(database: Database, scope: str) -> None:
    with database.unit_of_work() as session:
        SwitchRepository(session).engage(scope, "spring cleaning", "ada")


def test_the_reads_of_a_job_are_one_entry_that_counts_every_request(ctx: ToolContext, box: Sandbox, database: Database) -> None:
    assert run(ASKED, ctx).documents
    (entry,) = entries(database)
    assert (entry.provider, entry.operation, entry.status, entry.job_id, entry.counted_microusd) == ("web", "read", "settled", "job_1", 0)
    assert (entry.outcome, entry.provenance) == ("answered", "rehearsal")
    assert entry.usage is not None
    counted = list(entry.usage["hosts"].values())
    assert sum(host["requests"] for host in counted) == len(box.seen) > 1
    assert sum(host["bytes"] for host in counted) > 1000


def test_a_job_that_asks_nobody_books_nothing(ctx: ToolContext, database: Database) -> None:
    with open_reader(ctx):
        pass
    assert [entry.status for entry in entries(database)] == ["released"]


def test_a_stop_holds_reads_back_before_the_first_request(ctx: ToolContext, box: Sandbox, database: Database) -> None:
    stop(database, "provider:web")
    with pytest.raises(Stopped, match="spring cleaning"):
        run(ASKED, ctx)
    assert box.seen == []
    assert entries(database) == ()


def test_a_stop_cuts_a_read_in_flight_within_five_seconds(ctx: ToolContext, box: Sandbox, database: Database) -> None:
    box.faults.play("/", delayed(60), delayed(60), delayed(60))
    later = threading.Timer(0.5, stop, (database, "all"))
    later.start()
    started = time.monotonic()
    with pytest.raises(Stopped, match="spring cleaning"), open_reader(ctx) as fetcher:
        fetcher.get(f"{box.url}/wikipedia/w/api.php")
    assert time.monotonic() - started < 0.5 + 5
    later.join()
    (entry,) = entries(database)
    assert (entry.status, entry.outcome) == ("unknown", "stopped")


def test_a_call_without_an_answer_is_unknown_and_a_refused_one_is_not(ctx: ToolContext, database: Database) -> None:
    for error in (OutcomeUnknown("cut"), Refused("no"), KeyError("ours")):
        with pytest.raises(type(error)), FreeCall(database, free_charge(ctx, "youtube", "videos.update"), (OutcomeUnknown,)):
            raise error
    told = [(entry.status, entry.outcome) for entry in reversed(entries(database))]
    assert told == [("unknown", "lost"), ("settled", "not charged"), ("unknown", "lost")]


def test_what_a_dead_attempt_of_a_job_left_open_is_unknown_as_soon_as_the_job_calls_again(ctx: ToolContext, database: Database) -> None:
    mine, another = free_charge(ctx, "youtube", "videos.list"), free_charge(replace(ctx, job_id="job_2"), "youtube", "videos.list")
    with database.unit_of_work() as session:
        left, running = Ledger(session).open_free(mine).id, Ledger(session).open_free(another).id
    with FreeCall(database, mine):
        pass
    found = {entry.id: (entry.status, entry.outcome) for entry in entries(database)}
    assert (found[left], found[running][0]) == (("unknown", "abandoned"), "reserved")

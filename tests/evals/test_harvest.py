"""A run becomes a case that gives the same answer again."""

from collections.abc import Iterator

import pytest

from agents import trend_scout
from agents.scriptwriter.schemas import Snapshot as WriterSnapshot
from evals.context import Bench, open_bench
from evals.harvest import NothingToHarvest, harvest
from evals.tasks.scriptwriter import WriterCase
from evals.tasks.scriptwriter import run as write
from evals.tasks.trend_scout import ScoutCase, ScoutExpect, snapshot_of
from evals.tasks.trend_scout import run as scout
from infra.database import Database
from memory.artifacts import Brief, Provenance
from memory.records.runs import RunRecord
from memory.repositories.artifacts import ArtifactRepository
from memory.repositories.channels import ChannelRepository
from memory.repositories.runs import RunRepository
from memory.repositories.snapshots import SnapshotRepository

RUN = "run_harvested12"
SEEN = ScoutCase.model_validate(
    {
        "channel": "deep-orbit",
        "mode": "topic",
        "stories": [
            {"topic": "Titan and its craters", "fit": 0.9, "evidence": [{"demo": "titan-craters"}]},
            {"topic": "Ice", "fit": 0.2, "evidence": [{"id": "own", "title": "Ice", "text": "Ice is cold.", "licence": "CC-BY"}], "nearest": "Ice again"},
        ],
    }
)


@pytest.fixture
def bench() -> Iterator[Bench]:
    with open_bench() as made:
        yield made


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    made = Database(database_url)
    with made.unit_of_work() as session:
        ChannelRepository(session).ensure("deep-orbit", "deep-orbit", "Deep Orbit")
        RunRepository(session).create(RunRecord(id=RUN, channel_id="deep-orbit", request={"seconds": 30}, provenance="real"))
    yield made
    made.dispose()


async def test_a_harvested_run_gives_the_same_answer_as_a_case(bench: Bench, database: Database) -> None:
    snapshot = snapshot_of(SEEN, bench, Provenance.REAL)
    chosen = (await scout(SEEN, bench)).output
    assert isinstance(chosen, trend_scout.Output)
    assert isinstance(chosen.brief, Brief)
    bodies = {"snapshot.scout": snapshot, "snapshot.write": WriterSnapshot(lessons=("Be brief.",)), "brief": chosen.brief}
    with database.unit_of_work() as session:
        for kind, body in bodies.items():
            data = body.model_dump_json().encode()
            digest = bench.store.put_bytes(data)
            ArtifactRepository(session).record(digest=digest, run_id=RUN, kind=kind, media_type="application/json", size_bytes=len(data), provenance="real")
            if kind.startswith("snapshot."):
                SnapshotRepository(session).commit(RUN, kind.removeprefix("snapshot."), 0, digest)
    cases = harvest(database, bench.store, RUN)
    (scouted,), (written,) = cases["trend_scout"], cases["scriptwriter"]
    again = (await scout(ScoutCase.model_validate(scouted["inputs"]), bench)).output
    assert again.brief.topic == chosen.brief.topic == ScoutExpect.model_validate(scouted["metadata"]).chooses
    case = WriterCase.model_validate(written["inputs"])
    assert (case.lessons, case.seconds, case.documents[0].demo) == (("Be brief.",), 30, "titan-craters")
    assert (await write(case, bench)).output is not None


def test_a_run_withoutsnapshot_ofs_says_so(bench: Bench, database: Database) -> None:
    with pytest.raises(NothingToHarvest):
        harvest(database, bench.store, RUN)

"""Over HTTP: forgetting what rests on one document or one feed, told before and kept in the trail."""

from collections.abc import Sequence
from typing import Any

import httpx
import pytest

from graphs.bodies import Cited
from infra.clock import SYSTEM_CLOCK
from infra.ids import canonical_json, new_id
from memory.artifacts import Passage, Provenance, TrendSignal
from memory.attention import SeenStory
from memory.recall_search import Memory, remember_vector
from memory.records.lessons import LessonRecord
from memory.records.runs import RunRecord
from memory.repositories.artifacts import ArtifactRepository
from memory.repositories.channels import ChannelRepository
from memory.repositories.lessons import LessonRepository
from memory.rights import Rights
from memory.trend_history import TrendHistory
from tests.fixtures.service import Service

NORTH, EAST = (1.0, *[0.0] * 383), (0.0, 1.0, *[0.0] * 382)
OWN, FIRST, SECOND = "own-notes.2026", "wire-0123456789", "wire-abcdef0123"


@pytest.fixture(autouse=True)
def channel(service: Service) -> None:
    """The channel that remembers."""
    with service.state.studio.unit_of_work() as session:
        ChannelRepository(session).ensure("pulse", "pulse", "Pulse")


def told(service: Service, *sections: str, kept: bool = True) -> str:
    """Remember topic and script of one video that cites those sections, and a lesson; return its run."""
    rights = Rights(licence="CC-BY", licence_name="", licence_url="", credit="a wire", source_url="https://a.example")
    passages = tuple(
        Passage(id=one, document_id=one.partition("#")[0], text="It rained.", title="Rain", publisher="A Wire", url="https://a.example", rights=rights)
        for one in sections
    )
    data = canonical_json(Cited(passages=passages).model_dump(mode="json"))
    with service.state.studio.unit_of_work() as session:
        run = RunRecord(id=new_id("run"), channel_id="pulse", request={}, provenance="real")
        session.add(run)
        session.flush()
        digest = service.state.media.put_bytes(data) if kept else "f" * 64
        made: dict[str, Any] = {"kind": "cited", "media_type": "application/json", "provenance": "real"}
        ArtifactRepository(session).record(digest=digest, run_id=run.id, size_bytes=len(data), **made)
        for kind in ("topic", "script"):
            remember_vector(session, Memory(kind, run.id, f"about {run.id}", "pulse", Provenance.REAL), NORTH)
        lesson = LessonRecord(id=new_id("lesson"), channel_id="pulse", run_id=run.id, text="Say where numbers come from.", provenance="real")
        LessonRepository(session).create(lesson)
        remember_vector(session, Memory("lesson", lesson.id, lesson.text, "pulse", Provenance.REAL), EAST)
        return run.id


def seen(service: Service, *stories: tuple[str, tuple[float, ...], Sequence[str]]) -> None:
    """Let each story have been carried by those feeds."""
    now = SYSTEM_CLOCK.now()
    made = []
    for title, vector, feeds in stories:
        where = [(feed, f"https://{feed}.example/{title}") for feed in feeds]
        signals = tuple(TrendSignal(source_id=feed, source_name=feed, category="space", title=title, url=url, seen_at=now) for feed, url in where)
        made.append(SeenStory(title=title, category="space", keywords=(), signals=signals, vector=vector))
    with service.state.studio.unit_of_work() as session:
        TrendHistory(session, "pulse", Provenance.REAL).track(made, [()] * len(made), now, {})


def left(service: Service, table: str, column: str) -> list[Any]:
    """Return the different values that a table still has."""
    with service.state.studio.unit_of_work() as session:
        return list(session.connection().exec_driver_sql(f"select distinct {column} from {table} order by 1").scalars())


def counts(answer: httpx.Response) -> dict[str, int]:
    assert answer.status_code == 200, answer.text
    return {name: count for name, count in answer.json().items() if isinstance(count, int) and count}


async def test_every_text_that_rests_on_a_document_goes_and_that_is_told_before(service: Service) -> None:
    both, other = told(service, f"{OWN}#1", f"{OWN}#4", f"{FIRST}#2"), told(service, f"{FIRST}#2")
    asked = {"source": f"document:{OWN}"}
    before = await service.client.get("/v1/memory/forgetting", params=asked)
    assert counts(before) == {"texts": 3, "lessons": 1, "videos": 1, "documents": 1, "sections": 2}
    assert before.json()["said"] == "would forget 3 texts, 1 lesson, 1 video, 2 sections, 1 document"
    assert left(service, "lessons", "run_id") == sorted([both, other])
    gone = await service.client.delete("/v1/memory", params=asked)
    assert (counts(gone), gone.json()["said"][:14]) == (counts(before), "forgot 3 texts")
    assert (left(service, "lessons", "run_id"), len(left(service, "embeddings", "ref_id"))) == ([other], 2)
    (event,) = (await service.client.get("/v1/audit", params={"action": "memory.forgotten"})).json()["items"]
    assert (event["actor"], event["subject"], event["details"]["sections"]) == ("user_1", f"document:{OWN}", 2)
    again = await service.client.get("/v1/memory/forgetting", params=asked)
    assert (again.status_code, again.json()["code"]) == (404, "nothing_remembered")


async def test_a_feed_goes_with_its_documents_and_the_topics_that_only_it_carried(service: Service) -> None:
    told(service, f"{FIRST}#1", f"{SECOND}#1", f"{SECOND}#2")
    other = told(service, "wire-two-0123456789#1", f"{OWN}#1")
    seen(service, ("Alone", NORTH, ["wire"]), ("Shared", EAST, ["wire", "wire-two"]))
    gone = await service.client.delete("/v1/memory", params={"source": "feed:wire"})
    assert counts(gone) == {"texts": 3, "lessons": 1, "topics": 1, "sightings": 2, "videos": 1, "sections": 3, "documents": 2}
    assert (left(service, "trend_topics", "label"), left(service, "trend_sightings", "source_id")) == (["Shared"], ["wire-two"])
    assert left(service, "lessons", "run_id") == [other]


async def test_a_video_whose_citations_are_lost_is_named_as_not_seen(service: Service) -> None:
    run = told(service, f"{OWN}#1", kept=False)
    refused = await service.client.get("/v1/memory/forgetting", params={"source": f"document:{OWN}"})
    assert (refused.status_code, "1 video could not be looked at" in refused.json()["detail"]) == (404, True)
    told(service, f"{OWN}#1")
    found = (await service.client.get("/v1/memory/forgetting", params={"source": f"document:{OWN}"})).json()
    assert (found["unread"], found["videos"], "forget them by `run:ID`" in found["said"]) == (1, 1, True)
    assert counts(await service.client.delete("/v1/memory", params={"source": f"run:{run}"})) == {"texts": 3, "lessons": 1}


async def test_another_tenant_forgets_none_of_it(service: Service) -> None:
    told(service, f"{OWN}#1")
    seen(service, ("Alone", NORTH, ["wire"]))
    service.asking.sign_in("user_2", tenant="tenant_other")
    for source in (f"document:{OWN}", "feed:wire"):
        assert (await service.client.delete("/v1/memory", params={"source": source})).status_code == 404
    assert len(left(service, "trend_topics", "id")) == 1
    assert (await service.client.delete("/v1/memory", params={"source": "document:"})).status_code == 422

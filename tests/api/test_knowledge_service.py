"""Over HTTP: trends with why they were refused, memory by meaning and forgetting, the audit trail, the system's figures."""

import asyncio
import json
from datetime import timedelta

import httpx
import pytest

from infra.clock import SYSTEM_CLOCK
from infra.ids import new_id
from memory.artifacts import Decision, Provenance, TrendSignal
from memory.attention import Outlook, SeenStory
from memory.readings import NewReading
from memory.recall_search import Memory, remember_vector
from memory.records.lessons import LessonRecord
from memory.records.runs import RunRecord
from memory.repositories.audit import AuditRepository
from memory.repositories.channels import ChannelRepository
from memory.repositories.decisions import DecisionRepository
from memory.repositories.lessons import LessonRepository
from memory.repositories.personality_changes import PersonalityChangeRepository
from memory.repositories.readings import ReadingRepository
from memory.repositories.runs import RunRepository
from memory.trend_history import Measured, TrendHistory
from tests.fixtures.service import EVERYTHING, Service

NORTH, EAST = (1.0, *[0.0] * 383), (0.0, 1.0, *[0.0] * 382)


@pytest.fixture
def run(service: Service) -> str:
    """A channel, and a run of it."""
    with service.state.studio.unit_of_work() as session:
        ChannelRepository(session).ensure("pulse", "pulse", "Pulse")
        record = RunRecord(id=new_id("run"), channel_id="pulse", request={}, provenance="real")
        session.add(record)
        session.flush()
        assert RunRepository(session).get(record.id).tenant_id == "tenant_local"
        return record.id


def follow(service: Service, run: str) -> str:
    """Leave one topic with a forecast, and a decision that passed it over."""
    now = SYSTEM_CLOCK.now()
    signal = TrendSignal(source_id="a", source_name="A Wire", kind="feed", category="space", title="The Moon", url="https://a.example/1", seen_at=now)
    story = SeenStory(title="The Moon", category="space", keywords=("Moon",), signals=(signal,), vector=NORTH)
    told = {
        "series": "s",
        "source": "Wikipedia",
        "unit": "readers a day",
        "length": 120,
        "made_at": now,
        "method": "theta",
        "verdict": "skill",
        "statement": "ok",
    }
    with service.state.studio.unit_of_work() as session:
        history = TrendHistory(session, "pulse", Provenance.REAL)
        tracked = history.track((story,), ((Measured("attention", "sightings", 4.0),),), now, {})
        history.conclude(tracked.joined[0].topic_id, {"total": 0.61}, Outlook.model_validate({**told, "growth": 0.5}))
        passed = Decision(agent="trend_scout", question="Which story next?", choice="none", reasons=("x",), alternatives=("The Moon: not worth a video (0.2)",))
        DecisionRepository(session).record(run, "scout", 0, (passed,))
    return tracked.joined[0].topic_id


async def test_trends_tell_evidence_forecast_and_why_a_topic_was_refused(service: Service, run: str) -> None:
    empty = (await service.client.get("/v1/trends")).json()
    assert (empty["topics"], "none is known yet" in empty["note"]) == ([], True)
    topic = follow(service, run)
    await service.state.cache.settle()
    (told,) = (await service.client.get("/v1/trends")).json()["topics"]
    assert (await service.client.get("/v1/trends")).json()["topics"] == [told]
    counts = service.state.cache.counts
    assert (counts["trending_topics", "miss"], counts["trending_topics", "hit"]) == (2, 1)
    assert (told["topic"], told["scores"], told["forecast"]["growth"], told["sources"][0]["addresses"]) == (
        "The Moon",
        {"total": 0.61},
        0.5,
        ["https://a.example/1"],
    )
    assert [(one["reason"], one["run"]) for one in told["refused"]] == [("not worth a video (0.2)", run)]
    assert (await service.client.get(f"/v1/trends/{topic}")).json() == told
    assert (await service.client.get("/v1/trends", params={"provenance": "rehearsal"})).json()["topics"] == []
    assert (await service.client.get("/v1/trends", params={"days": 0})).status_code == 422
    service.asking.sign_in("user_2", tenant="tenant_other")
    assert (await service.client.get("/v1/trends")).json()["topics"] == []
    assert (await service.client.get(f"/v1/trends/{topic}")).status_code == 404


class TestMemory:
    """What is remembered, found and forgotten."""

    @pytest.fixture
    def remembered(self, service: Service, run: str) -> str:
        """Two topics, a script and a lesson of one run; one topic of another. Returns the lesson."""
        with service.state.studio.unit_of_work() as session:
            for kind, ref, vector in (("topic", run, NORTH), ("script", run, NORTH), ("topic", "run_other", EAST)):
                remember_vector(session, Memory(kind, ref, f"about {ref}", "pulse", Provenance.REAL), vector)
            lesson = LessonRecord(id=new_id("lesson"), channel_id="pulse", run_id=run, text="Say where numbers come from.", provenance="real")
            LessonRepository(session).create(lesson)
            remember_vector(session, Memory("lesson", lesson.id, lesson.text, "pulse", Provenance.REAL), EAST)
            return lesson.id

    async def search(self, service: Service, **asked: str) -> list[str]:
        """Search, with a worker that answers NORTH to whatever it is asked to embed."""
        asking = asyncio.create_task(service.client.get("/v1/memory/search", params={"channel": "pulse", "q": "the north", **asked}))
        while not asking.done():
            await asyncio.to_thread(embed, service)
            await asyncio.wait({asking}, timeout=0.05)
        answer = asking.result()
        assert answer.status_code == 200, answer.text
        return [one["id"] for one in answer.json()["items"]]

    async def test_a_search_finds_the_nearest_of_its_kind(self, service: Service, run: str, remembered: str) -> None:
        serve(service)
        assert await self.search(service) == [run, "run_other"]
        assert await self.search(service, kind="lesson") == [remembered]
        assert await self.search(service, provenance="demo") == []
        with service.state.studio.unit_of_work() as session:
            assert session.connection().exec_driver_sql("select count(*) from jobs").scalar_one() == 1

    @pytest.mark.usefixtures("run")
    async def test_a_search_says_what_it_lacks(self, service: Service) -> None:
        nobody = await service.client.get("/v1/memory/search", params={"channel": "pulse", "q": "words"})
        assert (nobody.status_code, nobody.json()["code"]) == (503, "queue_unserved")
        assert (await service.client.get("/v1/memory/search", params={"channel": "nobody", "q": "words"})).status_code == 404
        assert (await service.client.get("/v1/memory/search", params={"channel": "pulse", "q": "x"})).status_code == 422

    async def test_what_came_from_a_run_is_forgotten_for_good(self, service: Service, run: str, remembered: str) -> None:
        lessons = (await service.client.get("/v1/lessons", params={"channel": "pulse"})).json()["items"]
        assert [(one["id"], one["run"]) for one in lessons] == [(remembered, run)]
        gone = await service.client.delete("/v1/memory", params={"source": f"run:{run}"})
        assert went(gone) == {"texts": 3, "lessons": 1}
        assert (await service.client.get("/v1/lessons", params={"channel": "pulse"})).json()["items"] == []
        again = await service.client.delete("/v1/memory", params={"source": f"run:{run}"})
        assert (again.status_code, again.json()["code"]) == (404, "nothing_remembered")
        with service.state.studio.unit_of_work() as session:
            assert session.connection().exec_driver_sql("select ref_id from embeddings").scalars().all() == ["run_other"]

    @pytest.mark.usefixtures("run")
    async def test_a_lesson_and_what_a_platform_told_are_forgotten_by_themselves(self, service: Service, remembered: str) -> None:
        now = SYSTEM_CLOCK.now()
        with service.state.studio.unit_of_work() as session:
            ReadingRepository(session, now).keep("pulse", "real", [NewReading("report", "r", {"x": 1})])
        platform = await service.client.delete("/v1/memory", params={"source": "platform:pulse"})
        assert went(platform) == {"readings": 1}
        lesson = await service.client.delete("/v1/memory", params={"source": f"lesson:{remembered}"})
        assert went(lesson) == {"texts": 1, "lessons": 1}
        assert (await service.client.delete("/v1/memory", params={"source": "everything"})).status_code == 422
        service.asking.sign_in("user_2", tenant="tenant_other")
        assert (await service.client.delete("/v1/memory", params={"source": "run:run_other"})).status_code == 404

    @pytest.mark.usefixtures("run")
    async def test_a_change_of_a_personality_is_true_once_a_person_approved_it(self, service: Service) -> None:
        with service.state.studio.unit_of_work() as session:
            change = PersonalityChangeRepository(session).propose("pulse", ("cadence_per_week", 2), "slower", "studio").id
        (waiting,) = (await service.client.get("/v1/personality-changes", params={"status": "proposed"})).json()["items"]
        assert (waiting["id"], waiting["field"], waiting["value_to"]) == (change, "cadence_per_week", 2)
        path = f"/v1/personality-changes/{change}/decide"
        decided = await service.client.post(path, json={"decision": "approved"})
        assert (decided.status_code, decided.json()["status"], decided.json()["decided_by"]) == (200, "approved", "user_1")
        assert (await service.client.post(path, json={"decision": "rejected"})).json()["code"] == "change_decided"
        assert (await service.client.post(path, json={"decision": "perhaps"})).status_code == 422


class TestAudit:
    """The trail."""

    async def test_it_is_listed_by_what_is_asked_and_paged(self, service: Service) -> None:
        with service.state.studio.unit_of_work() as session:
            for number in range(5):
                AuditRepository(session).append("ann" if number % 2 else "bob", f"task.{'added' if number < 3 else 'cancelled'}", f"t{number}", {"n": number})
        seen, cursor = [], None
        while True:
            page = (await service.client.get("/v1/audit", params={"limit": 2, **({"cursor": cursor} if cursor else {})})).json()
            seen += [one["subject"] for one in page["items"]]
            if (cursor := page["next"]) is None:
                break
        assert seen == ["t4", "t3", "t2", "t1", "t0"]
        filters = [("actor", "ann", ["t3", "t1"]), ("action", "task.cancelled", ["t4", "t3"]), ("action", "task", seen), ("subject", "t2", ["t2"])]
        for name, value, found in filters:
            items = (await service.client.get("/v1/audit", params={name: value})).json()["items"]
            assert [one["subject"] for one in items] == found
        assert items[0]["details"] == {"n": 2}
        later = (SYSTEM_CLOCK.now() + timedelta(hours=1)).isoformat()
        assert (await service.client.get("/v1/audit", params={"since": later})).json()["items"] == []
        assert (await service.client.get("/v1/audit", params={"since": "2026-01-01T00:00:00"})).status_code == 422
        service.asking.sign_in("user_2", tenant="tenant_other")
        assert (await service.client.get("/v1/audit")).json()["items"] == []
        assert (await service.client.get("/v1/audit/verify")).status_code == 403

    async def test_a_cursor_of_another_list_is_refused(self, service: Service) -> None:
        await service.client.post("/v1/tasks", json={"kind": "topic", "topic": "One"})
        await service.client.post("/v1/tasks", json={"kind": "topic", "topic": "Two"})
        other = (await service.client.get("/v1/tasks", params={"limit": 1})).json()["next"]
        refused = await service.client.get("/v1/audit", params={"cursor": other})
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "cursor")

    async def test_a_whole_trail_is_told_and_a_broken_one_named(self, service: Service) -> None:
        with service.state.studio.unit_of_work() as session:
            trail = AuditRepository(session)
            trail.append("ann", "task.added", "t", {})
            trail.seal()
        whole = (await service.client.get("/v1/audit/verify")).json()
        assert (whole["events"], whole["unsealed"], whole["seal"]) == (1, 0, 1)
        assert (await service.client.get("/v1/audit/verify", params={"head": whole["hash"]})).status_code == 200
        broken = await service.client.get("/v1/audit/verify", params={"head": "0" * 64})
        assert (broken.status_code, broken.json()["code"]) == (409, "audit_broken")


class TestSystem:
    """How the studio fares."""

    @pytest.mark.usefixtures("run")
    async def test_what_waits_is_counted(self, service: Service) -> None:
        await service.client.post("/v1/tasks", json={"kind": "topic", "topic": "One"})
        told = (await service.client.get("/v1/system/waiting")).json()
        assert (told["tasks"], told["runs"], told["channels"]) == (
            {"queued": 1, "planned": 0},
            {"making": 1, "waiting": 0, "paused": 0},
            {"all": 1, "paused": 0},
        )
        assert (told["approvals"], told["dead_letters"]) == ({"waiting": 0, "oldest_s": 0}, 0)
        service.asking.sign_in("user_2", tenant="tenant_other")
        assert (await service.client.get("/v1/system/waiting")).json()["channels"]["all"] == 0

    async def test_a_job_that_died_in_a_production_which_came_to_its_end_all_the_same_waits_for_nobody(self, service: Service, run: str) -> None:
        dead = (
            "insert into jobs (id, run_id, node, iteration, ordinal, agent, tool, queue, args, input_hash, provenance, max_attempts, timeout_s, state)"
            " values (%s, %s, 'write', 0, 0, 'scriptwriter', 'write_text', 'io', '{}', 'h', 'demo', 3, 20, 'dead')"
        )
        with service.state.studio.unit_of_work() as session:
            session.add(RunRecord(id="run_2", channel_id="pulse", request={}, provenance="real"))
            session.flush()
            for run_id in (run, "run_2"):
                session.connection().exec_driver_sql(dead, (f"job_{run_id}", run_id))
            session.connection().exec_driver_sql("update runs set status = 'published', finished_at = now() where id = %s", (run,))
        assert (await service.client.get("/v1/system/waiting")).json()["dead_letters"] == 1

    async def test_the_watchdogs_words_are_told_with_their_age(self, service: Service) -> None:
        serve(service)
        with service.state.studio.unit_of_work() as session:
            session.connection().exec_driver_sql("insert into findings (name, status, said, fix) values ('disk', 'warning', 'it fills', 'make room')")
        told = (await service.client.get("/v1/system/health")).json()
        assert (told["worst"], told["findings"][0]["said"], told["backup_age_s"], told["spent_today_usd"]) == ("warning", "it fills", None, 0.0)
        assert [(one["queue"], one["workers"]) for one in told["queues"]] == [("cpu", 1)]
        service.asking.sign_in("user_2", tenant="tenant_other")
        assert (await service.client.get("/v1/system/health")).status_code == 403


@pytest.mark.parametrize("path", ["/v1/trends", "/v1/lessons?channel=pulse", "/v1/audit", "/v1/system/waiting", "/v1/analytics/videos", "/v1/accounts"])
async def test_who_lacks_the_permission_is_refused(service: Service, path: str) -> None:
    reads = {name for name in EVERYTHING if name.endswith(":read")}
    service.asking.sign_in(scopes=EVERYTHING - reads)
    assert (await service.client.get(path)).status_code == 403


def serve(service: Service) -> None:
    """Let the queue of embedding be served by a worker that was heard of just now."""
    with service.state.studio.unit_of_work() as session:
        session.connection().exec_driver_sql("insert into workers (id, queue, host, pid, process_started) values ('w', 'cpu', 'here', 1, 0)")


def embed(service: Service) -> None:
    """Do what that worker does with the words of a search."""
    result = json.dumps({"vectors": [NORTH], "model_version": "m"})
    with service.state.studio.unit_of_work() as session:
        done = "update jobs set state = 'done', completions = 1, result = cast(%(result)s as jsonb), finished_at = now() where state <> 'done' returning id"
        for (job,) in session.connection().exec_driver_sql(done, {"result": result}).all():
            session.connection().exec_driver_sql("select pg_notify('jobs', %(told)s)", {"told": f"{job} done"})


def went(answer: httpx.Response) -> dict[str, int]:
    """Return how much an answer says was forgotten, but for what is none."""
    assert answer.status_code == 200, answer.text
    return {name: count for name, count in answer.json().items() if isinstance(count, int) and count}

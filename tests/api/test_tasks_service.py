"""Tasks over HTTP: what is taken in and what is refused by name, batches, calls of tools, uploads, dead letters."""

import asyncio
import io
import json
import zlib
from datetime import timedelta
from typing import Any

import httpx
import pytest

from api.http.bodies import MAX_BODY
from infra.clock import SYSTEM_CLOCK
from memory.ledger import Charge, Ledger
from memory.media_shared import open_media
from memory.repositories.audit import AuditRepository
from memory.repositories.tasks import TaskRepository
from tests.fixtures.service import Service
from tests.fixtures.sources import GLACIER

TOPIC = {"kind": "topic", "topic": "The rings of Saturn"}
CALL = {"kind": "tool", "tool": "embed_text", "args": {"texts": ["one", "two"]}}


async def add(service: Service, wish: dict[str, Any], key: str | None = None) -> httpx.Response:
    return await service.client.post("/v1/tasks", json=wish, headers={"idempotency-key": key} if key else {})


async def upload(service: Service, name: str, data: bytes) -> httpx.Response:
    return await service.client.post("/v1/uploads", files={"file": (name, io.BytesIO(data))})


def problems_of(answer: httpx.Response) -> dict[str, str]:
    assert answer.status_code == 422, answer.text
    return {one["field"]: one["message"] for one in answer.json()["errors"]}


async def test_a_topic_is_taken_in_listed_cancelled_and_done_again(service: Service) -> None:
    due = (SYSTEM_CLOCK.now() + timedelta(days=1)).isoformat()
    made = await add(service, {**TOPIC, "priority": "high", "due_at": due})
    assert made.status_code == 202, made.text
    body = made.json()
    assert made.headers["location"] == f"/v1/tasks/{body['id']}"
    assert "start one, or make one video with POST /v1/runs" in body["reason"]
    assert (body["status"], body["priority"], body["what"], body["created_by"], body["slots"]) == ("queued", "high", TOPIC["topic"], "user_1", [])
    assert (await service.client.get(f"/v1/tasks/{body['id']}")).json() == body
    listed = (await service.client.get("/v1/tasks", params={"status": "queued", "kind": "topic"})).json()["items"]
    assert [one["id"] for one in listed] == [body["id"]]
    path = f"/v1/tasks/{body['id']}"
    assert (await service.client.post(f"{path}/replay")).json()["code"] == "task_open"
    cancelled = await service.client.post(f"{path}/cancel", json={"reason": "told already"})
    assert (cancelled.status_code, cancelled.json()["status"], cancelled.json()["reason"]) == (200, "cancelled", "told already")
    assert (await service.client.post(f"{path}/cancel", json={})).json()["code"] == "task_closed"
    again = await service.client.post(f"{path}/replay")
    assert (again.status_code, again.json()["status"], again.json()["due_at"]) == (202, "queued", body["due_at"])
    with service.state.studio.unit_of_work() as session:
        assert [event.action for event in AuditRepository(session).list_()] == ["task.added", "task.cancelled", "task.replayed"]
        assert TaskRepository(session).list_queued("tenant_local", ())[0].payload == {"topic": TOPIC["topic"]}


async def test_a_finished_script_is_taken_in(service: Service) -> None:
    text = "# Ice on the move\n\n" + GLACIER
    made = await add(service, {"kind": "script", "script": text, "own_text": True})
    assert made.status_code == 202, made.text
    assert (made.json()["what"], made.json()["payload"]["own_text"]) == ("Ice on the move", True)
    assert "sources" in problems_of(await add(service, {"kind": "script", "script": text}))
    assert problems_of(await add(service, {"kind": "script", "script": "no title", "own_text": True}))


async def test_sent_twenty_times_it_is_one_task(service: Service) -> None:
    async def send() -> httpx.Response:
        while True:
            answer = await add(service, TOPIC, "k1")
            if answer.status_code != 409 or not answer.json()["retryable"]:
                return answer

    assert len({one.json()["id"] for one in await asyncio.gather(*(send() for _ in range(20)))}) == 1
    assert len((await service.client.get("/v1/tasks")).json()["items"]) == 1


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"kind": "topic", "topic": "ab"}, "body.topic.topic"),
        ({**TOPIC, "channel": "nobody"}, "channel"),
        ({**TOPIC, "due_at": "2020-01-01T00:00:00Z"}, "due_at"),
        ({**TOPIC, "due_at": "2030-01-01T00:00:00"}, "body.topic.due_at"),
        ({**TOPIC, "priority": "asap"}, "body.topic.priority"),
        ({**TOPIC, "colour": "red"}, "body.topic.colour"),
        ({"kind": "video"}, "topic"),
        ({"kind": "agent", "agent": "publisher"}, "agent"),
        ({"kind": "agent", "agent": "../publisher"}, "body.agent.agent"),
        ({"kind": "sources", "sources": ["/etc/passwd"]}, "body.sources.sources.0"),
        ({"kind": "sources", "sources": ["file:///etc/passwd"]}, "body.sources.sources.0"),
        ({"kind": "sources", "sources": ["https://example.org/a", "http://127.0.0.1/x"]}, "sources.1"),
        ({"kind": "sources", "sources": ["http://169.254.169.254/latest/meta-data"]}, "sources.0"),
        ({"kind": "sources", "sources": ["http://[::ffff:10.0.0.1]/"]}, "sources.0"),
        ({"kind": "sources", "sources": ["http://2130706433/"]}, "sources.0"),
        ({"kind": "sources", "sources": ["http://localhost/x"]}, "sources.0"),
        ({"kind": "sources", "sources": ["https://user:pw@example.org/"]}, "sources.0"),
        ({"kind": "sources", "sources": ["https://example.org:22/"]}, "sources.0"),
        ({"kind": "sources", "sources": ["upload_" + "0" * 32]}, "sources.0"),
        ({"kind": "tool", "tool": "upload_video"}, "tool"),
        ({"kind": "tool", "tool": "read_source", "args": {"path": "/etc/passwd"}}, "args.path"),
        ({"kind": "tool", "tool": "inspect_media", "args": {"path": "/etc/passwd"}}, "args.path"),
        ({"kind": "tool", "tool": "read_source", "args": {"url": "http://10.0.0.1/"}}, "args.url"),
        ({"kind": "tool", "tool": "find_picture", "args": {"sentence": "A tower", "own_folder": "/etc"}}, "args.own_folder"),
        ({"kind": "tool", "tool": "screen_content", "args": {"texts": [], "readings": ["reading_1"]}}, "args.readings"),
        ({"kind": "tool", "tool": "find_evidence", "args": {"topic": "A tower", "documents": ["0" * 64]}}, "args.documents.0"),
        ({"kind": "tool", "tool": "find_evidence", "args": {"topic": "A tower", "documents": [f"{n:064}" for n in range(51)]}}, "args"),
        ({"kind": "tool", "tool": "embed_text", "args": {"text": 1}}, "args.texts"),
        ({"kind": "tool", "tool": "embed_text", "args": {"texts": ["a\x00b"]}}, "body.tool.args"),
        ({"kind": "tool", "tool": "embed_text", "args": {"texts": json.loads("[" * 60 + "]" * 60)}}, "body.tool.args"),
        ({**CALL, "due_at": "2030-01-01T00:00:00Z"}, "due_at"),
    ],
)
async def test_what_is_wrong_is_told_by_its_field(service: Service, wish: dict[str, Any], field: str) -> None:
    assert field in problems_of(await add(service, wish))
    assert (await service.client.get("/v1/tasks")).json()["items"] == []


class TestBatches:
    """All of them or none."""

    async def test_one_bad_task_keeps_all_out_and_each_is_named(self, service: Service) -> None:
        wishes = [TOPIC, {**TOPIC, "channel": "nobody"}, {"kind": "sources", "sources": ["http://10.0.0.1/"]}]
        refused = problems_of(await service.client.post("/v1/tasks/batch", json={"tasks": wishes}))
        assert set(refused) == {"tasks.1.channel", "tasks.2.sources.0"}
        shape = problems_of(await service.client.post("/v1/tasks/batch", json={"tasks": [TOPIC, {"kind": "topic"}]}))
        assert set(shape) == {"body.tasks.1.topic.topic"}
        assert (await service.client.get("/v1/tasks")).json()["items"] == []

    async def test_a_key_that_stands_for_something_else_keeps_all_out(self, service: Service) -> None:
        wishes = [{**TOPIC, "key": "a"}, {**TOPIC, "topic": "Another one", "key": "a"}]
        refused = await service.client.post("/v1/tasks/batch", json={"tasks": wishes})
        assert (refused.status_code, refused.json()["code"]) == (409, "task_key_reused")
        assert (await service.client.get("/v1/tasks")).json()["items"] == []

    async def test_all_come_in_their_order_and_at_most_fifty(self, service: Service) -> None:
        wishes = [{**TOPIC, "topic": f"Topic {number}"} for number in range(50)]
        made = await service.client.post("/v1/tasks/batch", json={"tasks": wishes})
        assert [one["what"] for one in made.json()["items"]] == [one["topic"] for one in wishes]
        assert "body.tasks" in problems_of(await service.client.post("/v1/tasks/batch", json={"tasks": [*wishes, TOPIC]}))


class TestCalls:
    """Tasks that are one call of a tool."""

    async def test_the_tools_that_may_be_called_tell_their_arguments(self, service: Service) -> None:
        tools = {one["name"]: one for one in (await service.client.get("/v1/tools")).json()["items"]}
        assert "texts" in tools["embed_text"]["args"]["properties"]
        assert not {"upload_video", "publish_to_library", "change_visibility", "send_message"} & set(tools)

    async def test_a_call_stands_as_its_job_does(self, service: Service) -> None:
        serve(service)
        made = await add(service, CALL, "k")
        body = made.json()
        assert (made.status_code, body["status"], body["what"], body["job"]["state"]) == (202, "queued", "embed_text", "queued")
        assert (await add(service, CALL, "k")).json() == body
        move(service, body["job"]["id"], "dead")
        failed = (await service.client.get(f"/v1/tasks/{body['id']}")).json()
        assert (failed["status"], failed["reason"]) == ("failed", "it broke")
        assert (await service.client.get("/v1/tasks", params={"status": "failed"})).json()["items"][0]["id"] == body["id"]
        again = await service.client.post(f"/v1/tasks/{body['id']}/replay")
        assert (again.status_code, again.json()["status"]) == (202, "queued")
        cancelled = await service.client.post(f"/v1/tasks/{body['id']}/cancel", json={"reason": "no need"})
        assert (cancelled.json()["status"], cancelled.json()["job"]["state"]) == ("cancelled", "cancelled")
        assert (await service.client.post(f"/v1/tasks/{body['id']}/replay")).status_code == 409

    async def test_a_call_may_name_what_was_uploaded_and_what_another_call_made(self, service: Service) -> None:
        serve(service)
        sent = (await upload(service, "notes.md", GLACIER.encode())).json()["digest"]
        read = await add(service, {"kind": "tool", "tool": "read_source", "args": {"artifact": sent, "name": "notes.md"}})
        assert read.status_code == 202, read.text
        found = {"kind": "tool", "tool": "find_evidence", "args": {"topic": "Ice", "documents": ["1" * 64]}}
        assert "args.documents.0" in problems_of(await add(service, found))
        with service.state.studio.unit_of_work() as session:
            made = json.dumps({"documents": [{"digest": "1" * 64}]})
            session.connection().exec_driver_sql("update jobs set state = 'done', completions = 1, result = %(made)s::jsonb", {"made": made})
        assert (await add(service, found)).status_code == 202

    async def test_a_call_that_nobody_would_run_is_refused(self, service: Service) -> None:
        refused = await add(service, CALL)
        assert (refused.status_code, refused.json()["code"]) == (503, "queue_unserved")
        assert (await service.client.get("/v1/tasks")).json()["items"] == []


class TestUploads:
    """Files that come in."""

    async def test_an_upload_becomes_a_source(self, service: Service) -> None:
        made = await upload(service, "../../etc/Ice on the move.md", GLACIER.encode())
        assert made.status_code == 201, made.text
        body = made.json()
        assert (body["name"], body["media_type"]) == ("Ice on the move.md", "text/markdown")
        assert open_media(service.state.settings).read(body["digest"]) == GLACIER.encode()
        assert (await upload(service, "Ice on the move.md", GLACIER.encode())).json() == body
        assert (await service.client.get(f"/v1/uploads/{body['id']}")).json() == body
        task = (await add(service, {"kind": "sources", "sources": [body["id"]]})).json()
        assert task["payload"]["sources"] == [f"upload:{body['digest']}/Ice on the move.md"]

    @pytest.mark.parametrize(
        ("name", "data"),
        [
            ("a.exe", b"MZ"),
            ("a.zip", b"PK\x03\x04"),
            ("a.txt", b""),
            ("a.txt", b"PK\x03\x04\x00\x00"),
            ("a.pdf", b"no pdf"),
            ("a.txt", b"%PDF-1.4"),
            ("a.html", zlib.compress(b"0" * 100) + b"\x00"),
            ("notes", b"x"),
        ],
    )
    async def test_what_is_no_document_is_refused(self, service: Service, name: str, data: bytes) -> None:
        assert "file" in problems_of(await upload(service, name, data))

    async def test_what_is_too_large_is_refused_while_it_comes_in(self, service: Service) -> None:
        fits = await upload(service, "large.txt", b"word " * (MAX_BODY // 4))
        assert fits.status_code == 201
        refused = await upload(service, "huge.txt", b"x" * 20_100_000)
        assert (refused.status_code, refused.json()["code"]) == (413, "body_too_large")

    async def test_other_bodies_are_refused(self, service: Service) -> None:
        assert (await service.client.post("/v1/uploads", content=b"x", headers={"content-type": "text/plain"})).status_code == 415
        assert (await service.client.post("/v1/uploads", content=b"x", headers={"content-type": "multipart/form-data; boundary=b"})).status_code == 400
        two = [("file", ("a.txt", b"x")), ("file", ("b.txt", b"y"))]
        assert (await service.client.post("/v1/uploads", files=two)).status_code == 400


async def test_dead_letters_are_listed_and_replayed(service: Service) -> None:
    serve(service)
    jobs = [(await add(service, {**CALL, "args": {"texts": [str(number)]}})).json()["job"]["id"] for number in range(3)]
    for job in jobs[:2]:
        move(service, job, "dead")
    page = (await service.client.get("/v1/dead-letters", params={"limit": 1, "tool": "embed_text"})).json()
    rest = (await service.client.get("/v1/dead-letters", params={"limit": 1, "cursor": page["next"]})).json()
    assert [one["id"] for one in (*page["items"], *rest["items"])] == jobs[1::-1]
    assert (page["items"][0]["error"], rest["next"]) == ({"code": "tool_failed", "message": "it broke"}, None)
    again = await service.client.post(f"/v1/dead-letters/{jobs[0]}/replay")
    assert (again.status_code, again.json()["state"]) == (202, "queued")
    assert (await service.client.post(f"/v1/dead-letters/{jobs[0]}/replay")).json()["code"] == "job_not_replayable"
    service.asking.sign_in("user_2", tenant="tenant_other")
    assert (await service.client.get("/v1/dead-letters")).json()["items"] == []
    assert (await service.client.post(f"/v1/dead-letters/{jobs[1]}/replay")).status_code == 404


async def test_another_tenant_sees_and_touches_nothing(service: Service) -> None:
    task = (await add(service, TOPIC)).json()["id"]
    sent = (await upload(service, "a.txt", b"some words")).json()["id"]
    service.asking.sign_in("user_2", tenant="tenant_other")
    assert (await service.client.get("/v1/tasks")).json()["items"] == []
    assert (await service.client.get(f"/v1/tasks/{task}")).status_code == 404
    assert (await service.client.post(f"/v1/tasks/{task}/cancel", json={})).status_code == 404
    assert (await service.client.get(f"/v1/uploads/{sent}")).status_code == 404
    assert "sources.0" in problems_of(await add(service, {"kind": "sources", "sources": [sent]}))


def serve(service: Service) -> None:
    """Let every queue be served by a worker that was heard of just now, and that takes nothing."""
    with service.state.studio.unit_of_work() as session:
        for queue in ("cpu", "io"):
            session.connection().exec_driver_sql(
                "insert into workers (id, queue, host, pid, process_started) values (%(id)s, %(queue)s, 'here', 1, 0)", {"id": f"w_{queue}", "queue": queue}
            )


def move(service: Service, job: str, state: str) -> None:
    """Let a job have ended this way."""
    with service.state.studio.unit_of_work() as session:
        session.connection().exec_driver_sql(
            'update jobs set state = %(state)s, finished_at = clock_timestamp(), error = \'{"code": "tool_failed", "message": "it broke"}\' where id = %(id)s',
            {"id": job, "state": state},
        )


async def test_another_tenants_calls_are_taken_and_stay_its_own(service: Service) -> None:
    serve(service)
    with service.state.studio.unit_of_work() as session:
        session.connection().exec_driver_sql("insert into tenants (id, name) values ('tenant_other', 'Other')")
    service.asking.sign_in("user_2", tenant="tenant_other")
    made = await add(service, CALL)
    assert (made.status_code, made.json()["job"]["state"]) == (202, "queued")
    move(service, made.json()["job"]["id"], "dead")
    assert [one["id"] for one in (await service.client.get("/v1/dead-letters")).json()["items"]] == [made.json()["job"]["id"]]
    assert (await service.client.post(f"/v1/tasks/{made.json()['id']}/replay")).status_code == 202
    with service.state.studio.unit_of_work() as session:
        entry = Ledger(session).open_free(Charge("youtube", "probe", 0, run_id=made.json()["id"]))
        assert entry.tenant_id == "tenant_other"
        session.connection().exec_driver_sql("delete from workers")
    assert (await add(service, {**CALL, "args": {"texts": ["three"]}})).json()["code"] == "queue_unserved"
    service.asking.sign_in()
    assert (await service.client.get("/v1/tasks")).json()["items"] == []
    assert (await service.client.get("/v1/dead-letters")).json()["items"] == []
    assert (await service.client.get(f"/v1/tasks/{made.json()['id']}")).status_code == 404

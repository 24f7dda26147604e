"""Videos over HTTP: where each stands, its files in ranges, its script edited as a decision, its time moved, and what is published pulled back."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from agents import scriptwriter
from api.http.files import safe_name
from api.videos.schemas import Player, ScriptView, VideoPage, VideoView
from infra.clock import SYSTEM_CLOCK
from memory.repositories.jobs import JobRepository
from tests.fixtures.production import World
from tests.fixtures.service import EVERYTHING, Service


@pytest.fixture(autouse=True)
def lenient(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Measure an edit as the cast does."""
    monkeypatch.setattr(scriptwriter, "review", world.cast.review)


async def made(world: World, service: Service, autonomy: str = "review", **more: Any) -> str:
    """Drive a run as far as it goes and return where its video is."""
    run_id = await world.begin(autonomy, **more)
    await world.drive(run_id)
    return f"/v1/videos/{world.run(run_id).video_id}"


async def seen(service: Service, where: str) -> VideoView:
    return VideoView.model_validate_json((await service.client.get(where)).content)


async def test_a_video_tells_where_it_stands_and_what_it_waits_for(world: World, service: Service) -> None:
    where = await made(world, service)
    waiting = await seen(service, where)
    assert (waiting.status, waiting.words, waiting.title) == ("waiting_for_video", "it is made", "Draft 0")
    assert waiting.waits_for == "a person, who decides whether it is published"
    assert waiting.approval is not None
    assert waiting.run is not None
    await world.answer(waiting.run, {"type": "accept"})
    await world.drive(waiting.run)
    shown = await seen(service, where)
    assert (shown.status, shown.waits_for, shown.publisher) == ("published", None, "library")
    await made(world, service, "manual")
    listed = VideoPage.model_validate_json((await service.client.get("/v1/videos")).content)
    assert [one.status for one in listed.items] == ["waiting_for_script", "published"]
    first = (await service.client.get("/v1/videos", params={"limit": 1})).json()
    second = (await service.client.get("/v1/videos", params={"limit": 1, "cursor": first["next"]})).json()
    assert [one["status"] for one in second["items"]] == ["published"]
    assert len((await service.client.get("/v1/videos", params={"status": "published"})).json()["items"]) == 1
    assert (await service.client.get("/v1/videos", params={"channel": "pulse"})).json()["items"] == []
    assert (await service.client.get("/v1/videos/none")).status_code == 404


async def test_a_file_is_read_whole_in_ranges_and_not_again_by_who_has_it(world: World, service: Service) -> None:
    where = await made(world, service)
    player = Player.model_validate_json((await service.client.get(f"{where}/player")).content)
    assert (player.duration_s, player.video.media_type, len(player.captions), player.thumbnail is not None) == (12.0, "video/mp4", 2, True)
    url = player.video.url
    whole = await service.client.get(url)
    body = whole.content
    assert body.startswith(b"film of run_")
    assert whole.headers["content-type"] == "video/mp4"
    assert whole.headers["content-disposition"] == 'inline; filename="Draft 0.mp4"'
    assert (whole.headers["etag"], whole.headers["accept-ranges"]) == (f'"{player.video.digest}"', "bytes")
    part = await service.client.get(url, headers={"range": "bytes=5-6"})
    assert (part.status_code, part.content, part.headers["content-range"]) == (206, body[5:7], f"bytes 5-6/{len(body)}")
    tail = await service.client.get(url, headers={"range": "bytes=-3", "if-range": whole.headers["etag"]})
    assert (tail.status_code, tail.content) == (206, body[-3:])
    other = await service.client.get(url, headers={"range": "bytes=0-1", "if-range": '"another"'})
    assert (other.status_code, other.content) == (200, body)
    beyond = await service.client.get(url, headers={"range": f"bytes={len(body)}-"})
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{len(body)}")
    for odd in ("bytes=1-0,2-3", "bytes=5-2", "bytes=x-", "lines=1-2", "bytes=-"):
        assert (await service.client.get(url, headers={"range": odd})).status_code == 200
    has = await service.client.get(url, headers={"if-none-match": whole.headers["etag"]})
    assert (has.status_code, has.content) == (304, b"")
    head = await service.client.head(url)
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", str(len(body)))
    assert (await service.client.get(f"{where}/files/{'0' * 64}")).status_code == 404
    assert (await service.client.get(f"{where}/files/..%2f..%2fetc%2fpasswd")).status_code in {404, 422}
    service.asking.sign_in(tenant="tenant_other")
    for path in ("", "/player", "/script", "/files", f"/files/{player.video.digest}"):
        assert (await service.client.get(f"{where}{path}")).status_code == 404, path


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Draft 0.mp4", "Draft 0.mp4"),
        ("../../etc/passwd.mp4", "etc passwd.mp4"),
        ('a"; filename="b\r\nx: y.srt', "a filename b x y.srt"),
        ("\u706f\u53f0.mp4", "file.mp4"),
        ("x" * 300 + ".vtt", "x" * 100 + ".vtt"),
        ("no ending", "no ending"),
    ],
)
def test_a_name_is_one_that_no_system_and_no_header_minds(title: str, name: str) -> None:
    assert safe_name(title) == name


async def test_a_file_that_lost_a_byte_is_never_served(world: World, service: Service) -> None:
    where = await made(world, service)
    player = (await service.client.get(f"{where}/player")).json()
    path = world.book.store.path(player["video"]["digest"])
    assert (await service.client.get(player["video"]["url"])).status_code == 200
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    assert (await service.client.get(player["video"]["url"])).status_code == 503
    lost = await service.client.get(player["video"]["url"])
    assert (lost.status_code, lost.json()["code"]) == (404, "artifact_missing")
    assert str(world.book.store.root) not in lost.text


def changed(script: dict[str, Any], text: str) -> dict[str, Any]:
    beats = [{**beat, "sentences": [{**one, "text": text} for one in beat["sentences"]]} for beat in script["beats"]]
    return {"title": script["title"], "beats": beats}


async def test_a_script_is_edited_as_a_decision_and_its_video_made_again(world: World, service: Service) -> None:
    where = await made(world, service)
    read = await service.client.get(f"{where}/script")
    script = ScriptView.model_validate_json(read.content)
    assert (script.editable, [one.text for beat in script.beats for one in beat.sentences]) == (True, ["Draft 1 says this."])
    body, version = changed(read.json(), "Our own words."), {"if-match": read.headers["etag"]}
    assert (await service.client.put(f"{where}/script", json=body)).status_code == 428
    assert (await service.client.put(f"{where}/script", json=body, headers={"if-match": '"old"'})).status_code == 412
    same = await service.client.put(f"{where}/script", json=changed(read.json(), "Draft 1 says this."), headers=version)
    assert (same.status_code, "changes nothing" in same.json()["detail"]) == (422, True)
    taken = await service.client.put(f"{where}/script", json=body, headers=version)
    assert (taken.status_code, taken.json()["status"]) == (202, "making")
    again = await service.client.put(f"{where}/script", json=body, headers={"if-match": "*"})
    assert (again.status_code, again.json()["code"]) == (409, "no_room_for_edit")
    run = taken.json()["run"]
    assert world.run(run).conducted
    await world.drive(run)
    anew = ScriptView.model_validate_json((await service.client.get(f"{where}/script")).content)
    assert [one.text for beat in anew.beats for one in beat.sentences] == ["Our own words."]
    assert (await seen(service, where)).status == "waiting_for_video"
    await world.answer(run, {"type": "accept"})
    await world.drive(run)
    late = await service.client.put(f"{where}/script", json=body, headers={"if-match": "*"})
    assert (late.status_code, "pull it back" in late.json()["detail"]) == (409, True)


async def test_a_time_is_moved_by_a_new_listing_that_is_asked_about_anew(world: World, service: Service) -> None:
    soon = SYSTEM_CLOCK.now() + timedelta(hours=2)
    where = await made(world, service, publish_at=soon)
    found = await service.client.get(where)
    first = found.json()["approval"]
    later = (soon + timedelta(days=1)).replace(microsecond=0)
    past = await service.client.patch(where, json={"publish_at": "2020-01-01T00:00:00Z"}, headers={"if-match": "*"})
    assert (past.status_code, "publish_at" in past.json()["detail"]) == (422, True)
    assert (await service.client.patch(where, json={"publish_at": later.isoformat()})).status_code == 428
    service.asking.sign_in("user_2", EVERYTHING, via="token")
    assert (await service.client.patch(where, json={"publish_at": later.isoformat()}, headers={"if-match": "*"})).status_code == 403
    service.asking.sign_in()
    moved = await service.client.patch(where, json={"publish_at": later.isoformat()}, headers={"if-match": found.headers["etag"]})
    assert moved.status_code == 202
    await world.drive(found.json()["run"])
    waiting = await seen(service, where)
    assert waiting.approval not in {None, first}
    evidence = (await service.client.get(f"/v1/approvals/{waiting.approval}")).json()["evidence"]
    assert evidence["manifest"]["listing"]["publish_at"].startswith(later.isoformat()[:19])
    assert waiting.run is not None
    await world.answer(waiting.run, {"type": "accept"})
    await world.drive(waiting.run)
    assert (await seen(service, where)).status == "scheduled"


async def test_what_is_published_is_pulled_back_once_by_a_job(world: World, service: Service) -> None:
    where = await made(world, service)
    early = await service.client.post(f"{where}/pull-back", json={"reason": "wrong figures"})
    assert (early.status_code, early.json()["code"]) == (409, "not_published")
    run = (await seen(service, where)).run
    assert run is not None
    await world.answer(run, {"type": "accept"})
    await world.drive(run)
    with service.state.studio.unit_of_work() as session:
        values = "'publish', 'publish', 'host', 1, 1.0, '', '', 0"
        session.connection().exec_driver_sql(f"insert into workers (id, queue, host, pid, process_started, code, media_place, clock_ahead_s) values ({values})")
    assert (await service.client.post(f"{where}/pull-back", json={})).status_code == 422
    body, once = {"reason": "wrong figures"}, {"idempotency-key": "back"}
    answers = await asyncio.gather(*(service.client.post(f"{where}/pull-back", json=body, headers=once) for _ in range(5)))
    done = [one for one in answers if one.status_code == 202]
    assert done
    assert {one.status_code for one in answers} <= {202, 409}
    assert done[0].json()["video"]["status"] == "pulling_back"
    with service.state.studio.unit_of_work() as session:
        jobs = [job for job in JobRepository(session).list_of_run(run) if job.node == "pull_back"]
        args = session.connection().exec_driver_sql("select args from jobs where id = %(id)s", {"id": jobs[0].id}).scalar_one()
    assert (len(jobs), args["privacy"], args["reason"]) == (1, "private", "user_1: wrong figures")

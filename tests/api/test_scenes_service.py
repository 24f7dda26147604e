"""The scenes of a film over HTTP, and what an edit of its script would make again, told without any effect."""

from typing import Any

import pytest

from agents import scriptwriter, thumbnail_designer, voice_director
from agents.voice_director.schemas import VoiceAtHand
from api.videos.schemas import EditForeseen, Player
from infra.ids import canonical_json
from memory.artifacts import Frozen, Layer, Narration, Script, SentenceTiming, Shot, Storyboard, WordTiming
from memory.records.jobs import JobRecord
from memory.repositories.snapshots import SnapshotRepository
from tests.fixtures.production import World
from tests.fixtures.service import Service

SAID = tuple(f"This is the sentence number {number} of a story." for number in range(1, 7))
EACH_S = 3.0
VOICE = VoiceAtHand(name="joe-medium", licence="CC0", words_per_minute=181.0, monetisable=True)


@pytest.fixture(autouse=True)
def lenient(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Measure an edit as the cast does."""
    monkeypatch.setattr(scriptwriter, "review", world.cast.review)


def keep(world: World, body: Frozen) -> str:
    return world.book.store.put_bytes(canonical_json(body.model_dump(mode="json")))


def heard(script: Script) -> Narration:
    """Six sentences of three seconds each."""
    words, sentences = [], []
    for place, one in enumerate(script.sentences):
        start, parts = 0.2 + place * EACH_S, one.text.split()
        step = (EACH_S - 0.5) / len(parts)
        words += [WordTiming(text=part, start_s=start + at * step, end_s=start + (at + 1) * step, sentence_id=one.id) for at, part in enumerate(parts)]
        sentences.append(SentenceTiming(sentence_id=one.id, start_s=start, end_s=start + EACH_S - 0.5))
    return Narration(
        audio="0" * 64,
        sample_rate_hz=22050,
        duration_s=0.2 + len(sentences) * EACH_S,
        words=tuple(words),
        sentences=tuple(sentences),
        voice="v",
        voice_licence="l",
        settings={"length_scale": 1.0},
    )


async def filmed(world: World, autonomy: str = "review") -> str:
    """Drive a run to its question, and write down what workers would have of its film; returns where its video is."""
    world.players.says = lambda _: SAID
    run_id = await world.begin(autonomy, seconds=18)
    await world.drive(run_id)
    state = await world.orchestrator.state(run_id)
    if autonomy == "review":
        write_down(world, run_id, Script.model_validate_json(world.book.store.read(state["review"]["best"] or "")), state["video"])
    return f"/v1/videos/{world.run(run_id).video_id}"


def write_down(world: World, run_id: str, script: Script, rendered: str) -> None:
    narration = heard(script)
    layers = (Layer(image="0" * 64),)
    shots = [
        Shot(
            id=f"shot{number:02d}",
            sentence_ids=(one.sentence_id,),
            start_s=one.start_s,
            end_s=one.start_s + EACH_S,
            kind="picture",
            layers=layers,
            credit="NASA",
        )
        for number, one in enumerate(narration.sentences, 1)
    ]
    board = keep(world, Storyboard(shots=tuple(shots), format=world_format(world, run_id)))
    reading = voice_director.Snapshot(script=script, seconds=18.2, voices=(VOICE,), pronunciations={})
    args = {"storyboard": board, "narration": keep(world, narration)}
    figures = {"rendered": rendered, "timings_s": {"pictures": 30.0, "sound": 2.0, "total": 40.0}}
    with world.database.unit_of_work() as session:
        session.add(job(run_id, "render", "render_video", args=args, result=figures))
        session.add(job(run_id, "narrate", "synthesize_speech", args={}, result={"timings_s": {"speak": 6.0}}))
        SnapshotRepository(session).commit(run_id, "narrate", 0, keep(world, reading))
        SnapshotRepository(session).commit(run_id, "illustrate", 0, keep(world, thumbnail_designer.Snapshot(candidates=())))
        session.flush()
        session.connection().exec_driver_sql(
            "update jobs set started_at = now() - interval '40 seconds', finished_at = now() where run_id = %(run)s", {"run": run_id}
        )


def world_format(world: World, run_id: str) -> Any:
    return world.run(run_id).request["format"]


def job(run_id: str, node: str, tool: str, **what: Any) -> JobRecord:
    ended = {"state": "done", "completions": 1, "attempts": 1}
    how = {"input_hash": "0" * 64, "provenance": "real", "max_attempts": 3, "timeout_s": 60.0, "queue": "cpu", "agent": "production"}
    return JobRecord(id=f"job_{node}_{run_id}", run_id=run_id, channel_id="field-notes", node=node, iteration=0, ordinal=7, tool=tool, **how, **ended, **what)


def body_of(script: dict[str, Any], **texts: str) -> dict[str, Any]:
    beats = [{**beat, "sentences": [{**one, "text": texts.get(one["id"], one["text"])} for one in beat["sentences"]]} for beat in script["beats"]]
    return {"title": script["title"], "beats": beats}


async def test_a_player_knows_each_scene_and_sentence_and_whether_the_film_is_still_there(world: World, service: Service) -> None:
    where = await filmed(world)
    player = Player.model_validate_json((await service.client.get(f"{where}/player")).content)
    assert [(one.id, one.visual, one.sentences, one.credit) for one in player.scenes][:2] == [
        ("shot01", "picture", ["b1s1"], "NASA"),
        ("shot02", "picture", ["b1s2"], "NASA"),
    ]
    second = player.sentences[1]
    assert second.text == SAID[1]
    assert [second.start_s, second.end_s] == pytest.approx([3.2, 5.7])
    assert player.video.kept
    world.book.store.path(player.video.digest).unlink()
    gone = Player.model_validate_json((await service.client.get(f"{where}/player")).content)
    assert (gone.video.kept, len(gone.scenes)) == (False, 6)
    assert (await service.client.get(f"{where}/files")).json()["items"][0]["kept"] is False


async def test_an_edit_is_foreseen_as_few_scenes_and_its_foresight_changes_nothing(world: World, service: Service) -> None:
    where = await filmed(world)
    script = (await service.client.get(f"{where}/script")).json()
    before = (await service.client.get(where)).json()
    count = "select count(*) from artifacts"
    artifacts = world.one(count)
    asked = body_of(script, b1s3="This is the sentence number 9 of a story.")
    answer = await service.client.post(f"{where}/script/preview", json=asked)
    told = EditForeseen.model_validate_json(answer.content)
    assert told.sentences == ["b1s3"]
    assert 0 < len(told.scenes) < told.scenes_total
    assert "b1s3" in {one for scene in told.scenes for one in scene.sentences}
    assert told.work_s is not None
    assert 0 < told.film_s < told.film_total_s
    assert (told.cost_usd, told.why) == (0.0, "")
    assert (await service.client.get(where)).json() == before
    assert (world.one(count), world.one("select count(*) from approvals where status = 'pending'")) == (artifacts, 1)
    taken = await service.client.put(f"{where}/script", json=asked, headers={"if-match": "*"})
    assert taken.status_code == 202
    late = await service.client.post(f"{where}/script/preview", json=asked)
    assert (late.status_code, late.json()["code"]) == (409, "no_room_for_edit")


async def test_what_the_edit_would_refuse_its_foresight_refuses_alike(world: World, service: Service) -> None:
    where = await filmed(world)
    script = (await service.client.get(f"{where}/script")).json()
    same = await service.client.post(f"{where}/script/preview", json=body_of(script))
    assert (same.status_code, "changes nothing" in same.json()["detail"]) == (422, True)
    asked = body_of(script, b1s1="Other words.")
    asked["beats"][0]["sentences"][1]["citations"] = ["nowhere#1"]
    unknown = await service.client.post(f"{where}/script/preview", json=asked)
    assert (unknown.status_code, "does not cite" in unknown.json()["detail"]) == (422, True)
    fresh = body_of(script)
    fresh["beats"][0]["sentences"].append({"id": "b1s9", "text": "A sentence that was never there.", "role": "transition", "citations": []})
    grown = EditForeseen.model_validate_json((await service.client.post(f"{where}/script/preview", json=fresh)).content)
    assert "b1s9" in grown.sentences
    for odd in ("video_none", "..%2f..%2fetc", "%00", "x" * 90, "video'--"):
        assert (await service.client.post(f"/v1/videos/{odd}/script/preview", json=body_of(script))).status_code in {404, 422}, odd
    service.asking.sign_in("user_2", via="token")
    assert (await service.client.post(f"{where}/script/preview", json=fresh)).status_code == 403
    service.asking.sign_in("user_3", frozenset({"videos:read"}))
    assert (await service.client.post(f"{where}/script/preview", json=fresh)).status_code == 403
    service.asking.sign_in(tenant="tenant_other")
    assert (await service.client.post(f"{where}/script/preview", json=fresh)).status_code == 404
    assert (await service.client.get(f"{where}/player")).status_code == 404


async def test_before_there_is_a_film_all_of_it_is_to_be_made(world: World, service: Service) -> None:
    where = await filmed(world, "manual")
    script = (await service.client.get(f"{where}/script")).json()
    told = (await service.client.post(f"{where}/script/preview", json=body_of(script, b1s1="Other words."))).json()
    assert (told["scenes_total"], told["work_s"], "no film is made yet" in told["why"]) == (0, None, True)

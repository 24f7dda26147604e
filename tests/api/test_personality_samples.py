"""What a personality looks and sounds like: made once by a worker, handed out in ranges, asked for anew when the look or the file changed."""

import asyncio
import json
from collections.abc import Awaitable
from typing import Any

import httpx
import pytest

from api.channels.samples import KINDS, sample_of, speech_args, still_args
from memory.personality import load_personalities
from tests.fixtures.hands import let_serve
from tests.fixtures.service import Service
from tools.compose_thumbnail.schema import MAX_WORDS
from tools.vendors.piper.voices import Voice

WHERE = "/v1/personalities/pulse/samples"
VOICE = Voice("joe-medium", model=None, config=None, licence="CC0", words_per_minute=181.0, monetisable=False)  # type: ignore[arg-type]
OTHER = Voice("slow", model=None, config=None, licence="CC0", words_per_minute=152.0, monetisable=False)  # type: ignore[arg-type]


async def worked(service: Service, asking: Awaitable[httpx.Response], digest: str) -> httpx.Response:
    """Let a worker make what is asked for, which comes out as these bytes."""
    answer = asyncio.ensure_future(asking)
    variant = {"image": digest, "concept": "picture", "text": "Pulse", "scores": {}, "score": 1.0}
    thumbnails = {"variants": [variant] * 3, "chosen": 0, "reasons": []}
    spoken = {"narration": digest, "audio": digest, "duration_s": 1, "words_per_minute": 150, "loudness_lufs": -16, "longest_silence_s": 0.1}
    result: dict[str, Any] = {"thumbnails": thumbnails, **spoken, "cached_sentences": 0, "spoken_sentences": 3, "model_s": 0, "timings_s": {}}
    while not answer.done():
        await asyncio.to_thread(do_them, service, result)
        await asyncio.wait({answer}, timeout=0.05)
    return answer.result()


def do_them(service: Service, result: dict[str, Any]) -> None:
    names = {"compose_thumbnail": ["thumbnails"], "synthesize_speech": [name for name in result if name != "thumbnails"]}
    with service.state.studio.unit_of_work() as session:
        for tool, fields in names.items():
            done = (
                "update jobs set state = 'done', completions = 1, result = cast(%(result)s as jsonb), finished_at = now() "
                "where state <> 'done' and tool = %(tool)s returning pg_notify('jobs', id || ' done')"
            )
            session.connection().exec_driver_sql(done, {"tool": tool, "result": json.dumps({name: result[name] for name in fields})})


def asked(service: Service) -> int:
    with service.state.studio.unit_of_work() as session:
        return int(session.connection().exec_driver_sql("select count(*) from jobs").scalar_one())


async def test_a_sample_is_made_once_and_handed_out_in_ranges(service: Service) -> None:
    let_serve(service.state.studio, "cpu")
    digest = service.state.media.put_bytes(b"a picture of it")
    first = await worked(service, service.client.get(f"{WHERE}/still"), digest)
    assert (first.status_code, first.content, first.headers["content-type"]) == (200, b"a picture of it", "image/jpeg")
    assert first.headers["cache-control"] == "private, no-cache"
    part = await service.client.get(f"{WHERE}/still", headers={"range": "bytes=2-8"})
    assert (part.status_code, part.content) == (206, b"picture")
    same = await service.client.get(f"{WHERE}/still", headers={"if-none-match": first.headers["etag"]})
    assert (same.status_code, asked(service)) == (304, 1)
    service.asking.sign_in("user_2", tenant="tenant_other")
    assert (await service.client.get(f"{WHERE}/still")).content == b"a picture of it"
    assert asked(service) == 1


async def test_a_file_that_is_gone_is_made_once_more(service: Service) -> None:
    let_serve(service.state.studio, "cpu")
    gone = "f" * 64
    answer = await worked(service, service.client.get(f"{WHERE}/still"), gone)
    assert (answer.status_code, asked(service)) == (404, 2)


async def test_what_cannot_be_made_is_said(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (await service.client.get("/v1/personalities/nobody/samples/still")).status_code == 404
    assert (await service.client.get(f"{WHERE}/smell")).status_code == 422
    nobody = await service.client.get(f"{WHERE}/still")
    assert (nobody.status_code, nobody.json()["code"]) == (503, "queue_unserved")
    monkeypatch.setattr("api.channels.samples.list_voices", lambda _settings: ())
    silent = await service.client.get(f"{WHERE}/voice")
    assert (silent.status_code, "no voice" in silent.json()["detail"]) == (503, True)
    service.asking.sign_in(scopes=frozenset({"me:read"}))
    assert (await service.client.get(f"{WHERE}/voice")).status_code == 403


async def test_a_voice_is_heard_at_the_channels_own_pace(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.channels.samples.list_voices", lambda _settings: (OTHER, VOICE))
    let_serve(service.state.studio, "cpu")
    answer = await worked(service, service.client.get(f"{WHERE}/voice"), service.state.media.put_bytes(b"RIFF"))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "audio/wav")
    assert await sample_of(service.state, load_personalities()["pulse"], "voice")
    assert asked(service) == 1


def test_every_personality_has_something_to_show_and_to_say() -> None:
    assert KINDS == ("still", "voice")
    for one in load_personalities().values():
        words = [concept.words for concept in still_args(one).concepts]
        assert max(len(text.split()) for text in words) <= MAX_WORDS
        said = speech_args(one, (OTHER, VOICE))
        assert (said.voice, said.length_scale) == ("joe-medium", round(181 / one.voice.words_per_minute, 3))
        assert [sentence.text for sentence in said.sentences if "{" in sentence.text or not sentence.text] == []
        assert len(said.sentences) >= 2
    assert speech_args(load_personalities()["pulse"], (OTHER,)).voice == "slow"


async def test_what_a_personality_looks_like_is_in_the_list(service: Service) -> None:
    told = {one["id"]: one for one in (await service.client.get("/v1/personalities")).json()["items"]}
    look = load_personalities()["pulse"].look
    assert (told["pulse"]["palette"]["accent"], told["pulse"]["font"]["head"]) == (look.accent, look.head)
    assert told["pulse"]["sample_still"] == f"{WHERE}/still"
    assert told["pulse"]["voice_sample"] == f"{WHERE}/voice"

"""Finished films over HTTP: what is taken in, what is refused by its field, and the whole way to the library."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import httpx
import pytest

from graphs.checkpoint import open_checkpointers, setup_checkpoints
from graphs.runbook import RunBook
from infra.embedded.postgres import PostgresUrls
from memory.artifacts import Manifest
from memory.records.tenants import TenantRecord
from memory.repositories.channels import ChannelRepository
from tests.fixtures.autonomy import Skies
from tests.fixtures.films import CAPTIONS, STATED, odd_film, ready, send_captions, send_film, small_film
from tests.fixtures.hands import Hands
from tests.fixtures.production import Cast, Players, ScriptedCaller, World
from tests.fixtures.service import Service
from tools.call import ToolCaller


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small film with sound."""
    return small_film(tmp_path_factory.mktemp("films") / "film.mp4")


@pytest.fixture
def studio(service: Service) -> Service:
    """A service with two channels: one of wide films and one of shorts."""
    with service.state.studio.unit_of_work() as session:
        for channel in ("field-notes", "curious-crate"):
            ChannelRepository(session).ensure(channel, channel, channel)
    return service


def problems_of(answer: httpx.Response) -> dict[str, str]:
    assert answer.status_code == 422, answer.text
    return {one["field"]: one["message"] for one in answer.json()["errors"]}


async def uploaded(service: Service, film: Path) -> str:
    sent = await send_film(service, film)
    assert sent.status_code == 201, sent.text
    return str(sent.json()["id"])


async def test_a_film_is_looked_at_as_it_comes_and_sent_twice_is_one(studio: Service, film: Path) -> None:
    made = await send_film(studio, film, "../../etc/My film.mp4")
    body = made.json()
    assert made.status_code == 201, made.text
    assert (body["name"], body["media_type"], body["width"], body["height"], body["seconds"]) == ("My film.mp4", "video/mp4", 428, 240, 5.2)
    assert (await send_film(studio, film, "My film.mp4")).json() == body
    shown = (await studio.client.get(f"/v1/uploads/{body['id']}")).json()
    assert {name: body[name] for name in shown} == shown
    captions = await send_captions(studio)
    key = {"key": "once"}
    tasks = [await ready(studio, body["id"], captions=captions, **key) for _ in range(2)]
    assert [one.status_code for one in tasks] == [202, 202], tasks[0].text
    assert tasks[0].json()["id"] == tasks[1].json()["id"]
    payload = tasks[0].json()["payload"]
    assert (tasks[0].json()["what"], payload["film"]["film"], payload["seconds"], payload["format"]) == (STATED["title"], body["digest"], 10, "landscape")
    assert "sources.0" in problems_of(await studio.client.post("/v1/tasks", json={"kind": "sources", "sources": [body["id"]]}))


WRONG: tuple[tuple[dict[str, Any], str], ...] = (
    ({"film": None}, "body.ready.film"),
    ({"film": "/etc/passwd"}, "body.ready.film"),
    ({"film": "upload_" + "0" * 32}, "film"),
    ({"rights": None}, "body.ready.rights"),
    ({"rights": "found it"}, "body.ready.rights"),
    ({"rights": "CC-BY"}, "credit"),
    ({"synthetic": None}, "body.ready.synthetic"),
    ({"title": "<b>"}, "body.ready.title"),
    ({"title": " "}, "body.ready.title"),
    ({"description": "x" * 3001}, "body.ready.description"),
    ({"tags": ["a,b"]}, "body.ready.tags.0"),
    ({"tags": [f"{n} " + "x" * 50 for n in range(30)]}, "tags"),
    ({"licence": "mine"}, "body.ready.licence"),
    ({"captions": None}, "captions"),
    ({"no_captions": "nobody speaks"}, "captions"),
    ({"captions": "upload_" + "0" * 32}, "captions"),
    ({"channel": None}, "channel"),
    ({"channel": "nobody"}, "channel"),
    ({"language": "English"}, "body.ready.language"),
)
NOT_ITS = (
    (b"Nothing here is timed.", "no cue"),
    (CAPTIONS.replace(b"00:00:05,000", b"00:01:05,000"), "65.00 s and the film at 5.20 s"),
    (CAPTIONS.replace(b"00:00:02,400", b"00:00:00,100"), "cue 2"),
    (CAPTIONS.replace(b"00:00:02,000", b"00:00:00,100"), "cue 1 ends"),
    (CAPTIONS + b"\xff\xfe", "UTF-8"),
)


async def test_what_is_wrong_with_a_film_is_told_by_its_field(studio: Service, film: Path) -> None:
    own, captions = await uploaded(studio, film), await send_captions(studio)
    for changes, field in WRONG:
        assert field in problems_of(await ready(studio, **{"film": own, "captions": captions, **changes})), changes
    assert (await studio.client.get("/v1/tasks")).json()["items"] == []


async def test_captions_that_are_not_this_films_are_refused(studio: Service, film: Path) -> None:
    own = await uploaded(studio, film)
    for data, said in NOT_ITS:
        assert said in problems_of(await ready(studio, own, captions=await send_captions(studio, data)))["captions"]


async def test_a_film_that_is_too_long_for_its_channel_is_refused(studio: Service, tmp_path: Path) -> None:
    long = odd_film(tmp_path / "long.mp4", *("-f", "lavfi", "-i", "color=c=gray:s=320x240:r=2:d=200"), *("-f", "lavfi", "-i", "sine=duration=200"))
    sent = await uploaded(studio, long)
    assert (await ready(studio, sent, no_captions="nobody speaks")).status_code == 202
    assert "180 s" in problems_of(await ready(studio, sent, channel="curious-crate", no_captions="nobody speaks"))["film"]


def no_films(film: Path, folder: Path) -> dict[str, Path]:
    """Return files that are no films that may be shown, by what is said of them."""
    picture, tone = ("-f", "lavfi", "-i", "testsrc=s=320x240:r=5:d=6"), ("-f", "lavfi", "-i", "sine=duration=6")
    cut, words = folder / "cut.mp4", folder / "words.mp4"
    cut.write_bytes(film.read_bytes()[:4000])
    words.write_bytes(b"This is a text. " * 100)
    playlist = folder / "list.mp4"
    playlist.write_bytes(b"ffconcat version 1.0\nfile /etc/passwd\n")
    return {
        "no sound": odd_film(folder / "mute.mp4", *picture),
        "no moving picture": odd_film(folder / "tone.mp4", *tone),
        "at least 5 s": odd_film(folder / "short.mp4", *("-t", "2"), *picture, *("-t", "2"), *tone),
        "at least 240": odd_film(folder / "small.mp4", *picture, *tone, "-vf", "scale=160:120"),
        "times the other": odd_film(folder / "thin.mp4", *picture, *tone, "-vf", "scale=1200:300,setsar=1"),
        "cannot be read": cut,
        "damaged": words,
        "or no MP4": playlist,
    }


async def test_what_is_no_film_is_refused_and_not_kept(studio: Service, film: Path, tmp_path: Path) -> None:
    for said, path in no_films(film, tmp_path).items():
        assert said in problems_of(await send_film(studio, path))["file"], said
    assert "no film" in problems_of(await send_film(studio, film, "film.exe"))["file"]
    empty = await studio.client.post("/v1/films", files={"file": ("film.mp4", b"")})
    assert "0 bytes" in problems_of(empty)["file"]
    assert not list(studio.state.media.root.rglob("?" * 64))
    assert not list(studio.state.settings.scratch_root.iterdir())


async def test_a_film_that_unpacks_into_more_than_it_says_costs_what_its_limits_allow(studio: Service, tmp_path: Path) -> None:
    """A few kilobytes of one colour that fill gigabytes once they are decoded."""
    huge = odd_film(tmp_path / "huge.mp4", *("-f", "lavfi", "-i", "color=c=gray:s=8192x4320:r=1:d=6"), *("-f", "lavfi", "-i", "sine=duration=6"))
    assert huge.stat().st_size < 400_000
    assert "4096 a side" in problems_of(await send_film(studio, huge))["file"]
    packed = {"content-encoding": "gzip"}
    assert (await studio.client.post("/v1/films", files={"file": ("film.mp4", b"x")}, headers=packed)).status_code == 415
    said = {"content-length": "5000000000", "content-type": "multipart/form-data; boundary=x"}
    refused = await studio.client.post("/v1/films", content=b"--x--", headers=said)
    assert refused.status_code in {413, 503}, refused.text
    assert (await studio.client.post("/v1/films", content=b"x", headers={"content-type": "video/mp4"})).status_code == 415


async def test_another_tenants_film_does_not_exist(studio: Service, film: Path) -> None:
    own = await uploaded(studio, film)
    with studio.state.studio.unit_of_work() as session:
        session.add(TenantRecord(id="tenant_other", name="Other"))
        session.flush()
        ChannelRepository(session).ensure("pulse", "pulse", "pulse", "tenant_other")
    studio.asking.sign_in("user_2", tenant="tenant_other")
    assert (await studio.client.get(f"/v1/uploads/{own}")).status_code == 404
    assert "film" in problems_of(await ready(studio, own, channel="pulse", no_captions="nobody speaks"))


@pytest.fixture
async def skies(studio: Service, database_urls: PostgresUrls) -> AsyncIterator[Skies]:
    """An autonomous run over the real tools of the service's own studio."""
    setup_checkpoints(database_urls.admin)
    settings, players = studio.state.settings, Players()
    hands = Hands(settings)
    book = RunBook(settings, studio.state.studio, cast(ToolCaller, hands))
    async with open_checkpointers(database_urls.app) as checkpointers:
        world = World(database_urls, studio.state.studio, book, checkpointers, Cast(book.store, players), cast(ScriptedCaller, hands), players)
        yield Skies(world)


async def ask(studio: Service, skies: Skies) -> tuple[str, str]:
    """Drive what there is to drive, and return the open question and the manifest that it is about."""
    await skies.drive(120)
    (asked,) = (await studio.client.get("/v1/approvals", params={"status": "pending"})).json()["items"]
    return f"/v1/approvals/{asked['id']}/decision", str((await studio.client.get(f"/v1/approvals/{asked['id']}")).json()["manifest"])


async def test_a_strangers_film_goes_the_whole_way_to_the_library(studio: Service, skies: Skies, film: Path) -> None:
    skies.begin(channels=("field-notes",), videos=1, autonomy="review")
    await skies.wake()
    sent = await uploaded(studio, film)
    task = (await ready(studio, sent, captions=await send_captions(studio), priority="urgent", licence="creativeCommon")).json()
    for _ in range(2):
        await skies.wake()
    place, seen = await ask(studio, skies)
    for answer, said in (({"type": "response", "args": "funnier"}, "takes no 'response'"), ({"type": "edit", "args": {"script": {}}}, "finished film")):
        refused = await studio.client.post(place, json={**answer, "manifest": seen})
        assert (refused.status_code, said in refused.json()["detail"]) == (422, True), refused.text
    edited = await studio.client.post(place, json={"type": "edit", "args": {"title": "Counting up"}, "manifest": seen})
    assert edited.status_code == 200, edited.text
    place, changed = await ask(studio, skies)
    assert changed != seen
    assert (await studio.client.post(place, json={"type": "accept", "manifest": changed})).status_code == 200
    await skies.drive(120)
    (slot,) = (await studio.client.get(f"/v1/tasks/{task['id']}")).json()["slots"]
    assert slot["production_status"] == "published"
    manifest = Manifest.model_validate_json(studio.state.media.read(changed))
    listing = manifest.listing
    assert (listing.title, listing.contains_synthetic_media, listing.license, manifest.provenance) == ("Counting up", False, "creativeCommon", "real")
    (entry,) = (one.parent for one in studio.state.settings.library_root.rglob("video.mp4"))
    assert (entry / "video.mp4").read_bytes() == studio.state.media.read(manifest.video)
    assert "White is one" in (entry / "captions.vtt").read_text()
    told = json.loads((entry / "metadata.json").read_text())["description"]
    assert (told.startswith(STATED["description"]), "AI-generated" in told) == (True, False)
    called = {tool for tool, _, _ in cast(Hands, skies.world.caller).called}
    assert {"take_film", "inspect_media", "screen_content", "compose_thumbnail", "publish_to_library"} <= called
    assert not called & {"write_text", "synthesize_speech", "render_video", "make_visual", "collect_trends"}
    skies.pass_time(hours=12)
    await skies.show()
    video = skies.world.one("select video_id from runs")
    shown = (await studio.client.get(f"/v1/videos/{video}")).json()
    assert (shown["title"], shown["status"]) == ("Counting up", "published")

"""A film that came finished goes past the writers; what its maker chose warns, and what is broken is refused."""

from typing import Any

import pytest

from graphs.autonomous_request import read_task
from infra.errors import Invalid
from memory.artifacts import GateResult, RenderedVideo
from memory.ready_film import ReadyFilm
from tests.fixtures.production import World, failed_job
from tools.base import Args
from tools.call import RunScope

FILM = ReadyFilm(film="f" * 64, no_captions="nobody speaks", title="Tide", description="The tide comes in.", rights="own", synthetic=False)


def gates(name: str) -> dict[str, Any]:
    return {"passed": False, "gates": [GateResult(name=name, passed=False, measured="bad", limit="good", stage="render").model_dump()], "facts": {}}


@pytest.fixture(autouse=True)
def taking(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the tool that takes films in say what it made of this one."""
    usual = world.caller._answer

    def answer(tool: str, args: Args, run: RunScope) -> dict[str, Any]:
        if tool != "take_film":
            return usual(tool, args, run)
        empty = world.book.store.put_bytes(b"")
        files = {"video": world.book.store.put_bytes(b"film"), "captions_srt": empty, "captions_vtt": empty}
        rendered = RenderedVideo(**files, duration_s=12.0, width=1920, height=1080, fps=30)
        kept = world.book.store.put_bytes(rendered.model_dump_json().encode())
        figures = {"duration_s": 12.0, "fps": 30, "integrated_lufs": -14.0, "true_peak_dbtp": -1.5}
        return {"rendered": kept, **files, "words": (), "pictures": (), **figures}

    monkeypatch.setattr(world.caller, "_answer", answer)


async def test_it_is_published_without_a_word_being_written(world: World) -> None:
    ended = await world.drive(await world.begin(film=FILM.model_dump(), offline=True))
    assert ended.status == "published", ended
    assert world.cast.path == ["design Tide", "screen Tide"]
    assert world.one("select provenance from runs") == "real"


async def test_what_its_maker_chose_is_told_and_a_policy_lets_a_person_decide(world: World) -> None:
    world.players.inspections = [gates("frozen")]
    assert (await world.drive(await world.begin(film=FILM.model_dump()))).status == "published"
    assert (await world.drive(await world.begin("policy", film=FILM.model_dump()))).status == "waiting"


async def test_a_broken_file_is_refused_by_what_was_measured_and_nothing_is_sent_back(world: World) -> None:
    world.players.inspections = [gates("loudness")]
    ended = await world.drive(await world.begin(film=FILM.model_dump()))
    assert (ended.status, ended.reasons) == ("refused", ("render: loudness measured bad, limit good",))


async def test_a_film_that_cannot_be_taken_in_is_refused_with_the_reason(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async def cut_short(*_: Any, **__: Any) -> None:
        raise failed_job("take_film", "tool_failed", "film: its pictures end after 2.0 s of 9.0 s, so it was cut short")

    monkeypatch.setattr(world.caller, "call", cut_short)
    ended = await world.drive(await world.begin(film=FILM.model_dump()))
    assert (ended.status, "cut short" in ended.reasons[0]) == ("refused", True)


def test_a_task_says_whole_what_is_said_of_a_film() -> None:
    kept = read_task("ready", {"film": FILM.model_dump(), "seconds": 12, "format": "landscape"})
    assert (kept["topic"], kept["film"]["rights"]) == ("Tide", "own")
    for changes in ({"no_captions": None}, {"captions": "c" * 64}, {"rights": "CC-BY"}, {"title": " "}, {"title": "a<b"}):
        with pytest.raises(Invalid, match=r"^film"):
            read_task("ready", {"film": {**FILM.model_dump(), **changes}, "seconds": 12, "format": "landscape"})

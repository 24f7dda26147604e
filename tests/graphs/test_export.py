"""The output folder: every file of what was reached, nothing half written, and one object with the same fields for every ending."""

import json
from pathlib import Path

import pytest

from graphs.export import Exported, NotExported, export_run
from graphs.orchestrator import Ended
from memory.artifacts import Provenance
from tests.fixtures.production import World, measured

FIELDS = {"run_id", "status", "title", "topic", "out_dir", "video", "thumbnail", "captions", "duration_s", "width", "height", "cost_usd"}
FIELDS |= {"sources", "gates", "timings_s", "provenance"}


async def export(world: World, ended: Ended, folder: Path) -> Exported:
    state = ended.state if ended.state is not None else await world.orchestrator.state(ended.run_id)
    return export_run(await world.book.studio(ended.run_id), state, ended.status, ended.reasons, folder)


async def test_a_published_run_leaves_every_file_and_names_it(world: World, tmp_path: Path) -> None:
    world.players.provenance = Provenance.DEMO
    exported = await export(world, await world.drive(await world.begin()), tmp_path / "out")
    present = {path.name for path in exported.folder.iterdir()}
    assert present == {
        "video.mp4", "captions.srt", "captions.vtt", "thumbnail.jpg", "thumbnail-1.jpg", "thumbnail-2.jpg", "thumbnail-3.jpg",
        "metadata.json", "sources.json", "decisions.json", "run.json",
    }  # fmt: skip
    assert set(exported.summary) >= FIELDS
    assert (exported.summary["provenance"], exported.summary["title"], exported.summary["library"]) == ("demo", "Draft 0", "library/entry")
    record = json.loads((exported.folder / "run.json").read_text("utf-8"))
    assert record["publications"][0]["state"] == "verified"


async def test_a_waiting_run_already_shows_the_person_what_there_is(world: World, tmp_path: Path) -> None:
    exported = await export(world, await world.drive(await world.begin("review")), tmp_path)
    assert (exported.folder / "video.mp4").is_file()
    assert (exported.summary["status"], exported.summary["library"]) == ("waiting", None)


@pytest.mark.parametrize("reached", ["no story", "a film"])
async def test_an_unhappy_run_has_the_same_fields_and_only_the_files_it_reached(world: World, tmp_path: Path, reached: str) -> None:
    if reached == "no story":
        world.players.refusal = "no story was found"
    else:
        world.players.inspections = [measured("narrate")]
    exported = await export(world, await world.drive(await world.begin()), tmp_path)
    assert set(exported.summary) >= FIELDS
    assert exported.summary["status"] == "refused"
    assert exported.summary["reasons"]
    assert (exported.folder / "decisions.json").is_file()
    assert (exported.folder / "video.mp4").is_file() == (reached == "a film")
    assert (exported.summary["video"] is None) == (reached == "no story")


async def test_a_folder_that_takes_no_files_is_an_error_that_can_be_repeated(world: World, tmp_path: Path) -> None:
    ended = await world.drive(await world.begin())
    taken = tmp_path / "taken"
    taken.write_text("a file")
    with pytest.raises(NotExported, match="published and kept"):
        await export(world, ended, taken)
    assert (await export(world, ended, tmp_path / "elsewhere")).summary["status"] == "published"

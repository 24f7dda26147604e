"""`ytempire produce`, `approve`, `resume` and `runs` through a whole production whose agents say what the test scripts: what a person reads, and a program."""

import json
from pathlib import Path

import pytest

from api import workshop
from graphs import orchestrator
from infra.errors import Unavailable
from memory.artifacts import Provenance
from tests.fixtures.desk import Desk
from tests.fixtures.production import World


@pytest.fixture
def studio(desk: Desk, world: World) -> Desk:
    """The command line over a studio whose agents and tools are the world's."""
    desk.patch.setattr(workshop, "ToolCaller", lambda *_: world.caller)
    desk.patch.setattr("api.live._LOOK_S", 0.01)
    return desk


def waiting(studio: Desk, autonomy: str = "review") -> str:
    """Make a video that waits for a person, and return its run."""
    made = studio.json("produce", "--autonomy", autonomy)
    assert made["status"] == "waiting"
    return str(made["run_id"])


def test_a_video_is_made_published_and_found_again(studio: Desk, world: World, tmp_path: Path) -> None:
    assert studio.told("runs").startswith("no runs yet")
    world.players.provenance = Provenance.DEMO
    out = tmp_path / "out"
    told = studio.told("produce", "--topic", "A lighthouse", "--out", str(out), "--seconds", "20")
    assert "published: Draft 0 (demo)" in told
    assert f"  video    {out}/video.mp4  (12.0 s, 1920x1080)" in told
    assert "the story comes from the demo corpus" in told
    (run,) = studio.json("runs")["runs"]
    assert (run["status"], run["title"]) == ("published", "Draft 0")
    assert "Draft 0" in studio.told("runs")
    record = studio.json("runs", "show", run["run_id"])
    assert record["publications"][0]["state"] == "verified"
    assert "published by library: verified" in studio.told("runs", "show", run["run_id"])
    assert json.loads((out / "run.json").read_text("utf-8"))["run_id"] == run["run_id"]
    assert "there is nothing to resume" in studio.refused("resume", run["run_id"])
    assert "nothing is unfinished" in studio.told("resume")


def test_a_refused_video_is_no_success_and_says_why(studio: Desk, world: World) -> None:
    world.players.refusal = "no story was found"
    assert "refused: no story was found" in studio.told("produce", code=1)
    (run,) = studio.json("runs")["runs"]
    assert run["reasons"] == ["no story was found"]
    assert "no story was found" in studio.told("runs", "show", run["run_id"])
    assert "no look at a publication of it is left" in studio.refused("runs", "look", run["run_id"])


@pytest.mark.parametrize(("answer", "status"), [("--accept", "published"), ("--ignore", "rejected")])
def test_a_person_decides_once(studio: Desk, answer: str, status: str) -> None:
    run_id = waiting(studio)
    assert studio.json("approve", run_id, answer, "--by", "ada")["status"] == status
    assert "waits for nobody" in studio.refused("approve", run_id, "--accept")


def test_another_title_is_seen_again_before_it_is_published(studio: Desk) -> None:
    run_id = waiting(studio)
    assert studio.json("approve", run_id, "--edit-title", "The light")["status"] == "waiting"
    assert studio.json("approve", run_id, "--accept")["title"] == "The light"


def test_words_of_a_person_are_worked_in_and_asked_about_again(studio: Desk, world: World) -> None:
    run_id = waiting(studio)
    told = studio.told("approve", run_id, "--respond", "say less")
    assert f"decide   ytempire approve {run_id} with one of --accept, --edit-title TITLE" in told
    assert world.cast.written[-1].notes == ("say less",)
    assert studio.json("approve", run_id, "--accept")["status"] == "published"


@pytest.mark.parametrize("given", [(), ("--accept", "--ignore")])
def test_a_decision_is_exactly_one(studio: Desk, given: tuple[str, ...]) -> None:
    assert f"{len(given)} were given" in studio.refused("approve", "run_x", *given)


def test_at_a_terminal_a_person_is_asked_at_once(studio: Desk, world: World) -> None:
    studio.at_terminal()
    told = studio.told("produce", "--autonomy", "manual", typed="?\nr\nless about the sea\na\ne\n\nThe light of the coast\na\n")
    assert "decide (a accept, r respond, x ignore)" in told
    assert "decide (a accept, e edit title, r respond, x ignore)" in told
    assert "published: The light of the coast" in told
    assert len(world.cast.written) == 2


def test_what_was_interrupted_is_gone_on_with(studio: Desk, world: World) -> None:
    async def away(_: str) -> None:
        raise Unavailable("the far side is away")

    studio.patch.setattr(orchestrator, "RECOVERIES", 0)
    world.caller.before = away
    assert "the far side is away" in studio("produce").stderr
    (left,) = studio.json("resume", code=1)["runs"]
    assert (left["status"], "the far side is away" in left["reasons"][0]) == ("running", True)
    world.caller.before = None
    (ended,) = studio.json("resume", left["run_id"])["runs"]
    assert (ended["run_id"], ended["status"]) == (left["run_id"], "published")
    assert "--out: names the folder of one run" in studio.refused("resume", "--out", str(studio.home / "x"))


def test_a_run_whose_files_cannot_be_written_is_kept(studio: Desk, tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.mkdir()
    (taken / "decisions.json").mkdir()
    assert "takes no files" in studio("produce", "--out", str(taken)).stderr
    assert [one["status"] for one in studio.json("runs")["runs"]] == ["published"]

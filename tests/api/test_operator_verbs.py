"""An operator's hand on autonomous runs and tasks, through the command line as it is typed: what it does, what it refuses, for people and for programs."""

from datetime import timedelta
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy import text

from api import readiness
from infra.database import Database
from infra.keyring import new_key
from infra.settings import Settings
from memory.repositories.channels import ChannelRepository
from memory.repositories.platform_channels import Connection, PlatformChannelRepository
from memory.repositories.slots import NewSlot, SlotRepository
from memory.vault import Vault
from tests.fixtures.desk import Desk
from tests.fixtures.films import CAPTIONS, small_film
from tests.memory.autonomy_desk import wake

START = ("runs", "start", "--hours", "48", "--channels", "deep-orbit", "--budget", "5")


def test_a_run_is_started_once_paused_edited_resumed_and_stopped(desk: Desk) -> None:
    begun = desk.json(*START, "--key", "weekend")
    assert (begun["status"], len(begun["plan"]) > 0) == ("planning", True)
    again = desk.json(*START, "--key", "weekend")
    assert (again["run_id"], again["notes"]) == (begun["run_id"], ["it was started before"])
    assert "was used before for run" in desk.refused(*START[:-1], "6", "--key", "weekend")
    assert f"run {begun['run_id']}" in desk.refused(*START)
    wake(desk.database)
    assert "begun and ends at" not in desk("runs", "pause", "--reason", "lunch").stdout
    assert desk.json("runs", "status")["runs"][0]["reason"] == "lunch"
    assert "nothing to change" in desk.refused("runs", "edit")
    assert "hours" in desk.refused("runs", "edit", "--hours", "9999")
    edited = desk.json("runs", "edit", "--hours", "24", "--budget", "2", "--channels", "deep-orbit,field-notes")
    assert (edited["budget_usd"], edited["channels"], edited["status"]) == (2.0, ["deep-orbit", "field-notes"], "paused")
    assert desk.json("runs", "resume")["status"] == "running"
    assert "not paused" in desk.refused("runs", "resume")
    assert "stopping" in desk("runs", "stop", "--reason", "enough").stdout
    assert "cannot be paused" in desk.refused("runs", "pause")
    desk.execute("update autonomous_runs set status = 'ended', ended_at = now(), ended_reason = 'over', wake_at = null")
    assert "no autonomous run is going on" in desk.refused("runs", "stop")
    assert "has ended" in desk.refused("runs", "edit", begun["run_id"], "--hours", "12")
    assert "does not exist" in desk.refused("runs", "status", "auto_none")


def test_a_run_tells_how_it_stands_and_what_it_noted(desk: Desk) -> None:
    assert "no autonomous run yet; start one with" in desk.told("runs", "status")
    assert "no autonomous run" in desk.refused("runs", "report")
    told = desk.told(*START)
    run_id = desk.json("runs", "status")["runs"][0]["run_id"]
    assert f"run {run_id} has begun and ends at " in told
    assert f"{run_id}  planning  " in desk.told("runs", "status")
    assert "$0.00 of $5.00" in desk.told("runs", "status", run_id)
    assert f"run {run_id} has not reported yet" in desk.told("runs", "report")
    assert desk.json("runs", "report") == {"run_id": run_id, "reports": []}
    log = desk.json("runs", "report", "--log")["log"]
    assert len(desk.told("runs", "report", "--log").splitlines()) == max(1, len(log))


def test_what_would_keep_a_run_from_its_work_is_said_before_it_starts(desk: Desk) -> None:
    with desk.database.unit_of_work() as session:
        for channel in ("deep-orbit", "field-notes"):
            ChannelRepository(session).ensure(channel, channel, channel)
            ChannelRepository(session).pause(channel, "a strike")
    told = desk.refused("runs", "start", "--hours", "48", "--channels", "deep-orbit,field-notes", "--budget", "5")
    assert told.count("is paused (a strike); resume it with") == 2
    assert "'nobody' has no personality" in desk.refused("runs", "start", "--hours", "48", "--channels", "nobody", "--budget", "5")
    assert "names none" in desk.refused("runs", "start", "--hours", "48", "--channels", ",", "--budget", "5")


def test_a_budget_below_one_video_and_a_run_longer_than_a_token_lives(desk: Desk) -> None:
    publishing = Database(desk.urls.publish, pool_size=1)
    with publishing.unit_of_work() as session:
        ChannelRepository(session).ensure("deep-orbit", "deep-orbit", "Deep Orbit")
        new = Connection("deep-orbit", "UC1", "Deep Orbit", "client", "real", "UU1", ())
        PlatformChannelRepository(session).connect(new, "refresh", Vault([new_key()]))
    publishing.dispose()
    desk.patch.setattr(readiness, "ask_live", _nobody)
    desk.patch.setattr("api.run_verbs.ask_live", _nobody)
    settings = Settings(_env_file=None, openai_api_key=SecretStr("k"), youtube_client_id="client", youtube_consent_days=1, network="auto", home=_home())
    desk.patch.setattr("api.run_verbs.load_settings", lambda: settings)
    told = desk.refused("runs", "start", "--hours", "72", "--channels", "deep-orbit", "--budget", "0.01")
    assert "budget: $0.01 is less than one video may cost" in told
    assert "hours: 72 is longer than the consent of deep-orbit still holds (24 h, YOUTUBE_CONSENT_DAYS=1)" in told
    assert desk.json("runs", "status")["runs"] == []


async def _nobody(*_: object) -> list[object]:
    return []


def _home() -> Path:
    return Settings(_env_file=None).home


def test_a_publication_that_waits_for_a_person_is_answered(desk: Desk) -> None:
    run_id = desk.json(*START, "--missed", "ask")["run_id"]
    flight = wake(desk.database)
    with desk.database.unit_of_work() as session:
        now = session.execute(text("select now()")).scalar_one()
        made = SlotRepository(session).plan(flight, [NewSlot(f"k{n}", "deep-orbit", now, now) for n in range(2)])
        for slot in made:
            SlotRepository(session).move(flight, slot.id, "asked", "its time has passed")
    caught, left = (slot.id for slot in made)
    assert "one of --catch-up and --skip" in desk.refused("runs", "answer", caught)
    answered = desk.json("runs", "answer", caught, "--catch-up")
    assert (answered["status"], answered["note"]) == ("planned", "the operator catches up")
    assert "skipped, the operator leaves it out" in desk("runs", "answer", left, "--skip").stdout
    assert "waits for nobody" in desk.refused("runs", "answer", left, "--skip")
    assert "does not exist" in desk.refused("runs", "answer", "slot_none", "--skip")
    assert {slot["status"] for slot in desk.json("runs", "status", run_id)["runs"][0]["slots"]} == {"planned", "skipped"}


def test_tasks_are_added_once_listed_and_taken_back(desk: Desk, tmp_path: Path) -> None:
    added = desk.json("tasks", "add", "--topic", "A comet returns", "--priority", "urgent", "--channel", "deep-orbit", "--key", "comet")
    assert (added["status"], added["priority"], added["runs"]) == ("queued", "urgent", 0)
    assert desk.json("tasks", "add", "--topic", "A comet returns", "--priority", "urgent", "--channel", "deep-orbit", "--key", "comet")["task"] == added["task"]
    assert "choose another key" in desk.refused("tasks", "add", "--topic", "Another comet", "--key", "comet")
    assert "no run is going on; it waits for one" in desk("tasks", "add", "--topic", "Quiet moons").stdout
    assert "give --topic TEXT" in desk.refused("tasks", "add")
    assert "--priority: 'soon' is unknown" in desk.refused("tasks", "add", "--topic", "x y z", "--priority", "soon")
    assert "names no offset from UTC" in desk.refused("tasks", "add", "--topic", "x y z", "--due", "2031-01-01T10:00")
    assert "has passed" in desk.refused("tasks", "add", "--topic", "x y z", "--due", "2001-01-01T10:00Z")
    assert "neither an existing file" in desk.refused("tasks", "add", "--from", str(tmp_path / "none.md"))
    assert [one["what"] for one in desk.json("tasks", "list")["tasks"]] == ["Quiet moons", "A comet returns"]
    assert "one of queued" in desk.refused("tasks", "list", "--status", "lost")
    assert desk.json("tasks", "cancel", added["task"], "--reason", "not wanted") == {"task": added["task"], "status": "cancelled"}
    assert "is cancelled already" in desk.refused("tasks", "cancel", added["task"])
    assert "not wanted" in desk("tasks", "list", "--status", "cancelled").stdout


def test_a_finished_script_is_taken_from_a_file_once_it_can_be_made(desk: Desk, tmp_path: Path) -> None:
    script = tmp_path / "tides.md"
    told = (
        "The sea rises twice a day because the Moon pulls at it. The far side rises as well. A bay can make a tide higher. Fishers plan by it. "
        "Ships wait for it too. Old harbors fall dry twice a day."
    )
    script.write_text(f"# How tides work\n\n{told}", "utf-8")
    added = desk.json("tasks", "add", "--script", str(script), "--own-text", "--channel", "deep-orbit")
    assert (added["kind"], added["what"]) == ("script", "How tides work")
    assert "--own-text" in desk.refused("tasks", "add", "--script", str(script))
    assert "give --script FILE with it" in desk.refused("tasks", "add", "--topic", "Tides", "--own-text")
    assert "cannot be read" in desk.refused("tasks", "add", "--script", str(tmp_path / "none.md"), "--own-text")
    script.write_bytes(b"# \xff\xfe")
    assert "is not UTF-8 text" in desk.refused("tasks", "add", "--script", str(script), "--own-text")
    script.write_text("# Tides\n\nToo short.", "utf-8")
    assert "script: 0 sentences of 4 words or more; at least 6" in desk.refused("tasks", "add", "--script", str(script), "--own-text")


def test_a_task_whose_video_is_in_the_making_is_left_to_it(desk: Desk) -> None:
    desk.json(*START)
    flight = wake(desk.database)
    task = desk.json("tasks", "add", "--topic", "A comet returns")["task"]
    with desk.database.unit_of_work() as session:
        now = session.execute(text("select now()")).scalar_one()
        SlotRepository(session).plan(flight, [NewSlot("k", "deep-orbit", now + timedelta(hours=1), now, task_id=task)])
        session.execute(text("insert into runs (id, kind, channel_id, request, provenance) values ('run_1', 'production', 'deep-orbit', '{}', 'demo')"))
        session.execute(text("update slots set status = 'launched', production_run_id = 'run_1', launched_at = now()"))
    assert "is being made by run run_1" in desk.refused("tasks", "cancel", task)


def test_a_finished_film_is_taken_once_everything_is_said_of_it(desk: Desk, tmp_path: Path) -> None:
    film = small_film(tmp_path / "film.mp4")
    captions = tmp_path / "film.srt"
    captions.write_bytes(CAPTIONS)
    said = ("--title", "Counting", "--description", "Eight bands.", "--channel", "field-notes", "--rights", "own", "--not-synthetic", "--tag", "bands")
    line = ("tasks", "add-film", str(film), *said, "--captions", str(captions), "--key", "one")
    added = desk.json(*line)
    assert (added["kind"], added["status"], added["what"], added["channel"]) == ("ready", "queued", "Counting", "field-notes")
    refused = ("tasks", "add-film", str(film), *said)
    assert "--captions: give the upload of an .srt or .vtt file" in desk.refused(*refused)
    assert "--credit: a film shown on the basis of CC-BY" in desk.refused(*refused, "--no-captions", "nobody speaks", "--rights", "CC-BY")
    assert "--rights: Input should be 'own'" in desk.refused(*refused, "--no-captions", "nobody speaks", "--rights", "mine")
    silent = (*said, "--no-captions", "nobody speaks")
    assert "FILE: 'film.srt' is of no type" in desk.refused("tasks", "add-film", str(captions), *silent)
    assert "cannot be read" in desk.refused("tasks", "add-film", str(tmp_path / "none.mp4"), *silent)

"""`ytempire channels changes|sameness|outcomes` on real rows: proposed, decided, seen and taken back."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from api import learning
from api.cli import build
from infra.database import Database
from memory.personality import get_personality
from memory.records.runs import RunRecord
from memory.repositories.channels import ChannelRepository
from memory.repositories.fingerprints import FingerprintRepository
from memory.repositories.runs import RunRepository
from memory.sameness import Earlier, fingerprint_of, judge
from tests.fixtures.scripting import make_script
from tests.fixtures.spam import spam

CHANNEL = "deep-orbit"


@pytest.fixture(autouse=True)
def here(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the verbs work on the test's database instead of a stack of their own."""

    @contextmanager
    def stack(_: object) -> Iterator[SimpleNamespace]:
        yield SimpleNamespace(urls=SimpleNamespace(database=database_url))

    monkeypatch.setattr(learning, "Stack", stack)
    monkeypatch.setattr(sys, "argv", ["ytempire", "--json"])


def ytempire(*arguments: str) -> dict[str, Any]:
    done = CliRunner().invoke(build(), [*arguments, "--json"])
    return dict(json.loads(done.stdout.splitlines()[-1]))


def plain(*arguments: str) -> str:
    return CliRunner().invoke(build(), [*arguments]).stdout


def test_a_change_is_proposed_decided_and_taken_back() -> None:
    made = ytempire("channels", "changes", "propose", CHANNEL, "voice.words_per_minute", "150", "--why", "viewers ask for it")
    assert (made["value_from"], made["value_to"], made["status"]) == (146, 150, "proposed")
    assert ytempire("channels", "changes", "approve", made["id"])["status"] == "approved"
    assert [one["id"] for one in ytempire("channels", "changes", "list", "--status", "approved")["changes"]] == [made["id"]]
    assert f"{CHANNEL}: voice.words_per_minute 146 -> 150  approved" in plain("channels", "changes", "list")
    assert ytempire("channels", "changes", "revert", made["id"])["status"] == "reverted"
    said = ytempire("channels", "changes", "reject", made["id"])["error"]["message"]
    assert said == f"change {made['id']} is reverted; only one that is proposed can be rejected"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("changes", "propose", "nobody", "tone", "[]"), "channel: 'nobody' is unknown"),
        (("changes", "propose", CHANNEL, "music", "loud"), "music: Input should be 'none', 'calm', 'bright', 'tense' or 'wonder', got 'loud'"),
        (("changes", "list", "--status", "maybe"), "--status: 'maybe' is unknown; give one of proposed, approved"),
        (("changes", "approve", "change_1"), "change: 'change_1' does not exist"),
        (("sameness", "nobody"), "channel: 'nobody' is unknown"),
        (("outcomes", CHANNEL, "--provenance", "dreamt"), "--provenance: 'dreamt' is unknown; give one of real"),
    ],
)
def test_bad_input_names_the_field_and_the_limit(arguments: tuple[str, ...], said: str) -> None:
    assert said in ytempire("channels", *arguments)["error"]["message"]


def test_sameness_shows_every_measure_its_limit_and_what_is_left_of_the_budget(database_url: str) -> None:
    personality = get_personality(CHANNEL)
    old, new = (fingerprint_of(make_script(*spam(number)), personality) for number in (0, 1))
    found = judge("script", new, (Earlier(run_id="run_0", channel_id=CHANNEL, title="The first", fingerprint=old),), (), personality.sameness)
    database = Database(database_url)
    with database.unit_of_work() as session:
        ChannelRepository(session).ensure(CHANNEL, CHANNEL, "Deep Orbit")
        for number in range(3):
            RunRepository(session).create(RunRecord(id=f"run_{number}", channel_id=CHANNEL, request={}, provenance="real"))
            FingerprintRepository(session).record_check(f"run_{number}", "script", 0, "real", found.model_dump(mode="json") | {"passed": number == 0})
            FingerprintRepository(session).record_check(f"run_{number}", "script", 1, "real", found.model_dump(mode="json") | {"passed": True})
    database.dispose()
    told = ytempire("channels", "sameness", CHANNEL)
    assert told["budget"] == {"measured": 3, "over": 2, "room": 0.5}
    assert told["limits"]["wording_own"] == 0.35
    assert told["checks"][0]["measures"][0] | {"limit": 0} == {
        "name": "wording", "value": 1.0, "limit": 0, "nearest": "The first", "nearest_run": "run_0", "nearest_channel": CHANNEL,
    }  # fmt: skip
    shown = plain("channels", "sameness", CHANNEL)
    assert "sent back or refused: 2 of the last 3 scripts; 50% of its slots are left to it" in shown
    assert "too alike in wording: 1.00 to “The first” of deep-orbit, at most 0.35 is allowed" in shown


def test_without_anything_published_there_is_nothing_to_say() -> None:
    assert plain("channels", "outcomes", CHANNEL).strip() == "nothing was published yet"
    assert "nothing was measured yet" in plain("channels", "sameness", CHANNEL)

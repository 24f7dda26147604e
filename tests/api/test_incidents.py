"""`ytempire incidents`, `notices` and `messages`, good input and bad."""

from datetime import timedelta
from pathlib import Path

import pytest

from memory.repositories.incidents import IncidentRepository
from memory.repositories.messages import MessageRepository
from tests.fixtures.desk import Desk


def opened(desk: Desk) -> str:
    with desk.database.unit_of_work() as session:
        return IncidentRepository(session).open("k", "copyright_strike", "critical", "a strike", signal="an inbound notice", confidence=0.9).id


def test_an_incident_is_listed_shown_and_resolved_and_its_message_is_kept(desk: Desk) -> None:
    assert desk.told("incidents", "list") == "no open incidents\n"
    incident = opened(desk)
    assert [one["id"] for one in desk.json("incidents", "list")["incidents"]] == [incident]
    assert f"{incident}  critical open         copyright_strike" in desk.told("incidents", "list")
    assert "acknowledged" in desk.told("incidents", "acknowledge", incident, "--note", "seen")
    shown = desk.json("incidents", "resolve", incident, "--note", "settled")
    assert (shown["status"], shown["confidence"], [one["what"] for one in shown["timeline"]]) == ("resolved", 0.9, ["opened", "acknowledged", "resolved"])
    assert desk.json("incidents", "list")["incidents"] == []
    assert [one["id"] for one in desk.json("incidents", "list", "--status", "all")["incidents"]] == [incident]
    (message,) = desk.json("messages", "list")["messages"]
    assert (message["severity"], message["deliveries"]) == ("critical", [])
    told = desk.told("incidents", "show", incident)
    assert all(words in told for words in ("a strike", "90% sure", "seen in: an inbound notice", "seen", "settled"))


def test_a_notice_is_handed_in_once_from_a_file_or_typed(desk: Desk, tmp_path: Path) -> None:
    assert "no notices; mails in " in desk.told("notices", "list")
    file = tmp_path / "notice.txt"
    file.write_text("Your channel received a copyright strike for https://youtu.be/abcdefghijk", "utf-8")
    first, again = desk.json("notices", "add", str(file)), desk.json("notices", "add", str(file))
    assert (first["kind"], first["new"], again["new"]) == ("strike", True, False)
    assert [one["id"] for one in desk.json("notices", "list")["notices"]] == [first["id"]]
    assert "no channel of ours" in desk.told("notices", "list")
    typed = "Subject: a \x1b[31mclaim\n\nYour video has a copyright claim: https://youtu.be/abcdefghijz"
    assert "\x1b" not in desk.told("notices", "add", "-", typed=typed)
    assert "'nowhere'" in desk.refused("notices", "add", str(file), "--channel", "nowhere")


def test_what_failed_of_a_message_is_sent_again(desk: Desk) -> None:
    assert "only kept here" in desk.told("messages", "list")
    desk.patch.setenv("YTEMPIRE_NOTIFY", "json://127.0.0.1:9/hook")
    opened(desk)
    (message,) = desk.json("messages", "list")["messages"]
    with desk.database.unit_of_work() as session:
        messages = MessageRepository(session)
        messages.address({"digest": "json://127.0.0.1"}, timedelta(hours=1))
        (due,) = messages.claim_due(("digest",), 60)
        messages.mark_failed(due, "410 Gone")
    assert "failed  json://127.0.0.1  410 Gone" in desk.told("messages", "list")
    assert desk.json("messages", "retry", message["id"]) == {"message": message["id"], "deliveries": 1}
    assert desk.json("messages", "list")["messages"][0]["deliveries"][0]["status"] == "waiting"


@pytest.mark.parametrize(
    ("line", "named"),
    [
        (("incidents", "show", "nowhere"), "incident: 'nowhere' does not exist"),
        (("incidents", "list", "--status", "odd"), "give open, acknowledged, resolved or all"),
        (("notices", "add", "/nonexistent"), "give a mail or a text"),
        (("notices", "add", "/dev/null"), "no file"),
        (("messages", "retry", "nowhere"), "message: 'nowhere' does not exist"),
        (("incidents", "reverse", "nowhere"), "'nowhere'"),
        (("incidents", "carry-out", "nowhere"), "'nowhere'"),
    ],
)
def test_bad_input_is_refused_with_what_to_give(desk: Desk, line: tuple[str, ...], named: str) -> None:
    done = desk(*line)
    assert (done.exit_code, named in done.stderr) == (2, True), done.output

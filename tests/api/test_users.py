"""`ytempire users` and `audit`, good input and bad."""

import pytest

from tests.fixtures.desk import Desk
from tests.fixtures.identity import PASSWORD


def test_people_are_let_in_and_out_and_every_step_is_in_the_trail(desk: Desk) -> None:
    ada = desk.json("users", "add", "Ada@example.org", "--role", "admin", "--password-stdin", typed=f"{PASSWORD}\n")
    bo = desk.json("users", "add", "bo@example.org", "--role", "viewer", "--name", "Bo")
    assert (ada["email"], ada["role"], "link" in ada) == ("ada@example.org", "admin", False)
    assert bo["link"].startswith("http://127.0.0.1:8000/welcome#")
    assert desk.json("users", "role", "bo@example.org", "operator")["role"] == "operator"
    assert desk.json("users", "disable", "bo@example.org")["disabled"] is True
    assert desk.json("users", "enable", "bo@example.org")["disabled"] is False
    assert desk.json("users", "link", "bo@example.org")["link"] != bo["link"]
    assert [one["email"] for one in desk.json("users", "list")["users"]] == ["bo@example.org", "ada@example.org"]
    assert len(desk.json("users", "rotate-keys")["keys"]) == 1
    events = desk.json("audit", "list")["events"]
    assert [one["action"] for one in events] == ["user.added"] * 2 + ["user.changed"] * 3 + ["user.link_made", "signing_key.made"]
    assert len(desk.told("audit", "list", "--after", str(events[-2]["id"])).splitlines()) == 1
    checked = desk.json("audit", "verify")
    assert checked["events"] == 7
    assert desk.json("audit", "verify", "--head", checked["head"]) == checked
    assert "none of its 7 seals" in desk.refused("audit", "verify", "--head", "0" * 64)
    assert f"head {checked['head']}" in desk.told("audit", "verify")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (("add", "ada@example.org", "--role", "viewer"), "has a user already"),
        (("add", "no address", "--role", "viewer"), "is no address"),
        (("add", "cy@example.org", "--role", "owner"), "there are viewer, operator, admin"),
        (("role", "cy@example.org", "viewer"), "nobody has the address"),
        (("disable", "ada@example.org"), "is the only admin"),
        (("add", "cy@example.org", "--role", "viewer", "--password-stdin"), "must be 12 to 128 characters"),
    ],
)
def test_who_may_not_be_let_in_or_out_is_told_why(desk: Desk, line: tuple[str, ...], said: str) -> None:
    assert desk.told("users", "list").startswith("nobody may sign in; let somebody in with")
    desk.told("users", "add", "ada@example.org", "--role", "admin")
    assert said in desk.refused("users", *line, typed="short\n")
    assert [one["email"] for one in desk.json("users", "list")["users"]] == ["ada@example.org"]


def test_a_person_reads_who_may_do_what_and_where_the_link_leads(desk: Desk) -> None:
    made = desk.told("users", "add", "ada@example.org", "--role", "viewer")
    assert "ada@example.org is viewer\n  open within 24 hours, once: http://127.0.0.1:8000/welcome#" in made
    assert desk.told("users", "disable", "ada@example.org") == "ada@example.org is let out\n"
    assert "viewer    disabled " in desk.told("users", "list")
    assert "signs from ten minutes on; nobody is signed out" in desk.told("users", "rotate-keys")

"""`ytempire users` and `audit` on a real stack, good input and bad."""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from api.cli import build
from api.stack import Stack
from infra.settings import load_settings
from tests.fixtures.identity import PASSWORD

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """A stack without workers that the commands of this module join."""
    with tempfile.TemporaryDirectory(prefix="ytempire-users-") as folder, pytest.MonkeyPatch.context() as patched:
        Path(folder).chmod(0o711)
        told = {"YTEMPIRE_HOME": folder, "YTEMPIRE_NETWORK": "off"} | {f"YTEMPIRE_WORKERS_{queue}": "0" for queue in ("IO", "CPU", "GPU", "PUBLISH")}
        for name, value in told.items():
            patched.setenv(name, value)
        with Stack(load_settings()) as running:
            yield running


def ytempire(*arguments: str, typed: str = "", fails: bool = False) -> Any:
    done = CliRunner().invoke(build(), [*arguments, *([] if fails else ["--json"])], input=typed)
    assert done.exit_code == (2 if fails else 0), done.output
    return done.stderr if fails else json.loads(done.stdout.strip().splitlines()[-1])


def test_people_are_let_in_and_out_and_every_step_is_in_the_trail(stack: Stack) -> None:
    assert stack.urls.database_api
    ada = ytempire("users", "add", "Ada@example.org", "--role", "admin", "--password-stdin", typed=f"{PASSWORD}\n")
    bo = ytempire("users", "add", "bo@example.org", "--role", "viewer", "--name", "Bo")
    assert (ada["email"], ada["role"], "link" in ada) == ("ada@example.org", "admin", False)
    assert bo["link"].startswith("http://127.0.0.1:8000/welcome#")
    assert ytempire("users", "role", "bo@example.org", "operator")["role"] == "operator"
    assert ytempire("users", "disable", "bo@example.org")["disabled"] is True
    assert ytempire("users", "enable", "bo@example.org")["disabled"] is False
    assert ytempire("users", "link", "bo@example.org")["link"] != bo["link"]
    assert [one["email"] for one in ytempire("users", "list")["users"]] == ["bo@example.org", "ada@example.org"]
    assert len(ytempire("users", "rotate-keys")["keys"]) == 1
    for arguments, said in (
        (("users", "add", "ada@example.org", "--role", "viewer"), "has a user already"),
        (("users", "add", "no address", "--role", "viewer"), "is no address"),
        (("users", "add", "cy@example.org", "--role", "owner"), "there are viewer, operator, admin"),
        (("users", "role", "cy@example.org", "viewer"), "nobody has the address"),
        (("users", "disable", "ada@example.org"), "is the only admin"),
        (("users", "add", "cy@example.org", "--role", "viewer", "--password-stdin"), "must be 12 to 128 characters"),
    ):
        assert said in ytempire(*arguments, typed="short\n", fails=True), arguments
    events = ytempire("audit", "list")["events"]
    assert [one["action"] for one in events] == ["user.added"] * 2 + ["user.changed"] * 3 + ["user.link_made", "signing_key.made"]
    checked = ytempire("audit", "verify")
    assert checked["events"] == 7
    assert ytempire("audit", "verify", "--head", checked["head"]) == checked
    assert "none of its 7 seals" in ytempire("audit", "verify", "--head", "0" * 64, fails=True)

"""The command: errors are facts on one line, or one object for programs."""

import json
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from api.cli import StudioGroup, build
from infra.errors import Conflict


def failing() -> typer.Typer:
    app = typer.Typer(cls=StudioGroup, pretty_exceptions_enable=False)

    @app.callback()
    def root() -> None:
        """Stand above the verb."""

    @app.command()
    def fail(as_json: bool = typer.Option(False, "--json")) -> None:
        raise Conflict("the home is in use; wait", pid=7)

    return app


def test_an_error_is_one_line_and_exit_code_2() -> None:
    done = CliRunner().invoke(failing(), ["fail"])
    assert done.exit_code == 2
    assert done.stderr == "error: the home is in use; wait\n"
    assert done.stdout == ""


def test_an_error_is_one_object_with_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["ytempire", "fail", "--json"])
    done = CliRunner().invoke(failing(), ["fail", "--json"])
    assert done.exit_code == 2
    assert json.loads(done.stdout)["error"] == {"code": "conflict", "message": "the home is in use; wait", "retryable": False, "details": {"pid": 7}}


def test_every_verb_is_assembled_and_explains_itself() -> None:
    done = CliRunner().invoke(build(), ["--help"])
    assert done.exit_code == 0
    for verb in ("up", "worker"):
        assert verb in done.stdout
        assert CliRunner().invoke(build(), [verb, "--help"]).exit_code == 0


def test_a_verb_that_is_asked_for_is_loaded_alone() -> None:
    done = CliRunner().invoke(build("up"), ["up", "--help"])
    assert done.exit_code == 0
    assert "whole stack" in done.stdout
    assert CliRunner().invoke(build("up"), ["worker", "--help"]).exit_code == 2
    assert CliRunner().invoke(build("nothing"), ["worker", "--help"]).exit_code == 0


def test_a_worker_without_a_stack_says_how_to_get_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YTEMPIRE_HOME", str(tmp_path))
    done = CliRunner().invoke(build(), ["worker", "--queue", "io"])
    assert done.exit_code == 2
    assert "ytempire up" in done.stderr

"""Bad input through the command: one clear line that names the option, the limit and the fix, or one object with `--json`."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.cli import build
from api.stack import Stack
from infra.homelock import HomeLock

Command = Callable[..., Result]
_APP = build()


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run the command in a home of its own; nothing of what is tested here may start a stack."""

    def run(*arguments: str) -> Result:
        monkeypatch.setattr(sys, "argv", ["ytempire", *arguments])
        return CliRunner().invoke(_APP, list(arguments))

    def refuse(_stack: Stack) -> None:
        raise AssertionError("the stack was started")

    monkeypatch.setenv("YTEMPIRE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("YTEMPIRE_NETWORK", "off")
    monkeypatch.setattr(Stack, "join_or_start", refuse)
    return run


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--channel", "nobody"], "nobody"),
        (["--seconds", "9"], "--seconds: 9 is outside 10 to 900"),
        (["--seconds", "901"], "--seconds: 901 is outside 10 to 900"),
        (["--seconds", "soon"], "--seconds"),
        (["--from", "no/such/file.md"], "--from: 'no/such/file.md' is neither an existing file or folder nor an http(s) address"),
        (["--from", "ftp://example.org/a"], "--from"),
        (["--autonomy", "yolo"], "give one of manual, review, policy, autonomous"),
        (["--topic", "x"], "--topic: has 1 characters"),
        (["--topic", "x" * 201], "2 to 200 are taken"),
        (["--format", "square"], "--format"),
        (["--seed", "-1"], "--seed"),
        (["--seed", str(10**30)], "--seed"),
        (["--colour", "red"], "--colour"),
    ],
)
def test_produce_refuses_what_it_cannot_do_before_it_starts_anything(command: Command, options: list[str], said: str) -> None:
    plain = command("produce", *options)
    assert (plain.exit_code, plain.stdout) == (2, "")
    assert said in " ".join(plain.stderr.replace("│", " ").split())
    assert "Traceback" not in plain.stderr
    told = command("produce", *options, "--json")
    assert told.exit_code == 2
    error = json.loads(told.stdout)["error"]
    assert said in error["message"]
    assert set(error) == {"code", "message", "retryable", "details"}


def test_an_output_folder_that_is_a_file_is_refused(command: Command, tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("a file")
    done = command("produce", "--out", str(taken))
    assert done.exit_code == 2
    assert "--out:" in done.stderr
    assert "File exists" in done.stderr


def test_an_unknown_channel_is_told_which_there_are(command: Command) -> None:
    done = command("produce", "--channel", "nobody")
    assert "field-notes" in done.stderr


@pytest.mark.parametrize("options", [[], ["--accept", "--ignore"], ["--respond", "a", "--edit-title", "b"]])
def test_approve_takes_exactly_one_decision(command: Command, options: list[str]) -> None:
    done = command("approve", "run_1", *options)
    assert done.exit_code == 2
    assert "exactly one of --accept, --ignore, --respond TEXT and --edit-title TEXT" in done.stderr


def test_resume_names_a_folder_only_for_one_run(command: Command, tmp_path: Path) -> None:
    done = command("resume", "--out", str(tmp_path))
    assert (done.exit_code, "--out: names the folder of one run" in done.stderr) == (2, True)


def test_a_busy_home_is_named_with_who_holds_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "home"
    start = Stack.join_or_start
    monkeypatch.setattr(Stack, "join_or_start", lambda stack: start(stack, 0.0))
    monkeypatch.setenv("YTEMPIRE_HOME", str(home))
    monkeypatch.setattr(sys, "argv", ["ytempire", "produce", "--json"])
    with HomeLock(home):
        done = CliRunner().invoke(_APP, ["produce", "--json"])
    assert done.exit_code == 2
    error = json.loads(done.stdout)["error"]
    assert error["code"] == "conflict"
    assert str(home) in error["message"]


def test_quality_inspect_of_a_missing_file_and_of_a_text_file_says_what_is_wrong(command: Command, tmp_path: Path) -> None:
    missing = command("quality", "inspect", str(tmp_path / "none.mp4"), "--json")
    assert (missing.exit_code, "is not a file" in json.loads(missing.stdout)["error"]["message"]) == (2, True)
    text = tmp_path / "words.mp4"
    text.write_text("these are words and no film\n" * 20)
    done = command("quality", "inspect", str(text), "--json")
    assert done.exit_code in {1, 2}
    body = json.loads(done.stdout)
    assert "error" in body or any(not gate["passed"] for gate in body["gates"])
    empty = tmp_path / "empty.mp4"
    empty.touch()
    assert command("quality", "inspect", str(empty)).exit_code in {1, 2}


def test_help_starts_without_a_decoder_a_model_or_a_compiler() -> None:
    script = (
        "import sys\nfrom typer.testing import CliRunner\nfrom api.cli import build\n"
        "assert CliRunner().invoke(build(), ['--help']).exit_code == 0\n"
        "print(sorted({'av', 'cv2', 'numba', 'onnxruntime', 'torch', 'PIL', 'scipy', 'moviepy', 'openai', 'anthropic'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout.strip() == "[]", done.stderr

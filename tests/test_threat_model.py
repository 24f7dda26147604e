"""The threat model names what shows it: every risk of both lists has a line, and every test that a line names is there."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "threat-model.md").read_text("utf-8")
RISKS = [f"{group}{number:02}" for group in ("LLM", "ASI", "WEB") for number in range(1, 11)]
ROWS = {line.split()[1]: line for line in PAGE.splitlines() if re.match(r"\| (LLM|ASI|WEB)\d\d ", line)}


def named_in(path: str) -> set[str]:
    """Return the names of the tests of a file, those of classes too."""
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")}


def test_every_risk_has_a_line_with_a_control_and_a_test() -> None:
    assert list(ROWS) == RISKS
    for risk, line in ROWS.items():
        _, name, control, tests, _ = (part.strip() for part in line.split("|"))
        assert len(name) > len(risk), risk
        assert len(control) > 30, risk
        assert re.fullmatch(r"`tests/[\w/]+\.py::test_\w+`(, `tests/[\w/]+\.py::test_\w+`)*", tests), risk


def test_every_test_that_is_named_is_there() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(test_\w+))?`", PAGE)
    assert len(named) > 60
    assert [f"{path}::{test}" for path, test in named if not (ROOT / path).exists() or (test and test not in named_in(path))] == []


def test_every_dependency_is_pinned() -> None:
    """What `pyproject.toml` names is installed at one version, which constraints.txt says once."""
    pinned = [re.sub(r"[-_.]+", "-", line.partition("==")[0]).lower() for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines() if "==" in line]
    assert len(pinned) == len(set(pinned))
    lists = re.findall(r"^(?:dependencies|dev|ml) = \[\n(.*?)^\]", (ROOT / "pyproject.toml").read_text("utf-8"), re.DOTALL | re.MULTILINE)
    asked = {re.sub(r"[-_.]+", "-", name).lower() for block in lists for name in re.findall(r'^  "([A-Za-z0-9_.-]+)', block, re.MULTILINE)}
    assert len(asked) > 60
    assert asked - set(pinned) == set()

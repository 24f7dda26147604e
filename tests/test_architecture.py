"""The conventions that no linter knows: sizes, names, docstrings, doors, and where our packages come from."""

import ast
import importlib
import re
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("infra", "memory", "tools", "agents", "graphs", "api", "evals")
PRODUCT = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
EVERY = [*PRODUCT, *TESTS]
JUNK_DRAWERS = {"utils", "util", "helpers", "common", "manager", "misc"}
EDGES = {"tools/worker.py", "graphs/orchestrator.py", "api/errors.py"}
GENERATED = {"memory/migrations/versions"}


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def functions(tree: ast.AST) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


@pytest.mark.parametrize("package", PACKAGES)
def test_each_package_is_imported_from_this_repository(package: str) -> None:
    assert importlib.import_module(package).__file__ == str(ROOT / package / "__init__.py")


def test_files_stay_small() -> None:
    limits = [(path, 400 if path in TESTS else 300) for path in EVERY if not any(part in name(path) for part in GENERATED)]
    too_long = {name(path): lines for path, limit in limits if (lines := len(path.read_text("utf-8").splitlines())) > limit}
    assert too_long == {}


def test_functions_stay_short() -> None:
    too_long = {
        f"{name(path)}:{function.name}": length
        for path in EVERY
        if not any(part in name(path) for part in GENERATED)
        for function in functions(parsed(path))
        if (length := (function.end_lineno or 0) - function.lineno + 1) > 50
    }
    assert too_long == {}


def test_no_junk_drawers() -> None:
    assert [name(path) for path in EVERY if path.stem in JUNK_DRAWERS] == []


def test_every_module_says_why_it_exists() -> None:
    assert [name(path) for path in EVERY if path.stat().st_size and not ast.get_docstring(parsed(path))] == []


def test_broad_excepts_stand_only_at_the_three_edges() -> None:
    broad = [
        f"{name(path)}:{node.lineno}"
        for path in PRODUCT
        if name(path) not in EDGES
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ExceptHandler) and (node.type is None or (isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"}))
    ]
    assert broad == []


def test_only_the_unit_of_work_commits() -> None:
    commits = [
        f"{name(path)}:{node.lineno}"
        for path in PRODUCT
        if not name(path).startswith("infra/")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "commit"
        and not node.args
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in {"session", "connection"}
    ]
    assert commits == []


def test_log_events_are_constants_in_the_past_tense() -> None:
    calls = [
        (name(path), node.args[0].value)
        for path in PRODUCT
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"info", "warning", "error", "debug", "exception"}
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in {"log", "logger", "_log"}
        and node.args
        and isinstance(node.args[0], ast.Constant)
    ]
    assert [call for call in calls if not re.fullmatch(r"[a-z_]+\.[a-z_]+", str(call[1]))] == []


def test_the_production_graph_fits_on_one_screen() -> None:
    assert len((ROOT / "graphs" / "production.py").read_text("utf-8").splitlines()) <= 75


def test_a_node_that_interrupts_does_nothing_before_it() -> None:
    for path in PRODUCT:
        for function in functions(parsed(path)):
            calls = [node for node in ast.walk(function) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "interrupt"]
            assert len(calls) <= 1, f"{name(path)}:{function.name} interrupts more than once"
            assert not calls or not any(isinstance(node, ast.Await | ast.For | ast.While) for node in ast.walk(function)), f"{name(path)}:{function.name}"


def test_every_imported_distribution_is_declared() -> None:
    """A package that is only there by chance is missing on a stranger's machine, and the first video fails at its last step."""
    declared = (ROOT / "pyproject.toml").read_text("utf-8").lower().replace("_", "-")
    brought_along = {"anyio", "httpcore2", "psycopg-pool", "typing-extensions"}  # parts of declared packages' public interfaces
    imported = {
        name.split(".")[0]
        for path in PRODUCT
        for node in ast.walk(parsed(path))
        for name in ([alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""] if isinstance(node, ast.ImportFrom) else [])
    }
    # A name may come from several distributions (langgraph does); one declared is enough.
    installed = {name: {one.lower().replace("_", "-") for one in owners} for name, owners in packages_distributions().items()}
    owners = [installed[name] - {"ytempire"} for name in imported if installed.get(name, {"ytempire"}) != {"ytempire"}]
    missing = [sorted(one) for one in owners if not one & brought_along and not any(f'"{name}' in declared for name in one)]
    assert missing == []

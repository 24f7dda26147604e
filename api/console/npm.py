"""Runs npm in the console's folder, with the Node that builds it and the packages of its lock file: `python -m api.console.npm run lint`."""

import subprocess
import sys

from api.console.build import install, turn
from api.console.folder import SOURCES
from api.console.node import find_node
from infra.errors import StudioError


def main(arguments: list[str]) -> int:
    """Run npm with these arguments and return its exit code."""
    try:
        with turn(SOURCES):
            node = find_node(SOURCES.parent)
            install(node, SOURCES)
    except StudioError as error:
        sys.stderr.write(f"{error.message}\n")
        return 1
    return subprocess.run(node.runs(*arguments), cwd=SOURCES, check=False).returncode


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

"""Removes what an interrupted pip left half-installed, so that pip installs it again; `make` runs it before pip, with nothing installed yet.

pip takes a distribution for installed as soon as its metadata lies there. It writes `INSTALLER` and the final `RECORD` last, after scripts and data.
"""

import csv
import shutil
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path


def list_broken(site: Path) -> Iterator[Path]:
    """Yield the metadata folder of each distribution in `site` whose installation did not come to its end, or whose files are not as recorded."""
    for folder in sorted(site.glob("*.dist-info")):
        if not (folder / "INSTALLER").is_file() or not (folder / "RECORD").is_file() or not _is_whole(folder / "RECORD", site):
            yield folder


def _is_whole(record: Path, site: Path) -> bool:
    with record.open(newline="", encoding="utf-8") as lines:
        rows = [row for row in csv.reader(lines) if len(row) == 3]
    return bool(rows) and all(_has(site / name, size) for name, _, size in rows if not name.endswith(".pyc"))


def _has(path: Path, size: str) -> bool:
    try:
        return not size or path.stat().st_size == int(size)
    except FileNotFoundError:
        return False


def main() -> None:
    """Forget every broken distribution of this environment; pip then writes all its files anew."""
    for folder in list_broken(Path(sysconfig.get_path("purelib"))):
        sys.stderr.write(f"{folder.name.removesuffix('.dist-info')} was left half-installed: installing it again\n")
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()

"""A whole rehearsal: the real clients of every provider, against stand-ins, from trends to one verified upload; and no secret is left anywhere."""

import base64
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.processes import environment
from infra.settings import CHECKOUT
from tests.fixtures.canaries import dump, given_secrets, issued_secrets, leaks

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
COMMAND = Path(sys.executable).parent / "ytempire"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("stage")
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def rehearsed(home: Path) -> dict[str, Any]:
    env = environment(YTEMPIRE_HOME=str(home), YTEMPIRE_NETWORK="off", **given_secrets())
    argv = [str(COMMAND), "produce", "--rehearse", "--privacy", "private", "--seconds", "15", "--json"]
    done = subprocess.run(argv, cwd=CHECKOUT, env=env, capture_output=True, text=True, timeout=800, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_a_rehearsal_is_published_once_and_says_what_it_is(home: Path, rehearsed: dict[str, Any]) -> None:
    assert (rehearsed["status"], rehearsed["provenance"]) == ("published", "rehearsal")
    assert "youtube.com" in rehearsed["library"]
    metadata = json.loads((Path(rehearsed["out_dir"]) / "metadata.json").read_text("utf-8"))
    assert "rehearsal" in json.dumps(metadata).lower()
    assert metadata["privacy"] == "private"
    lines = [json.loads(line) for line in (home / "rehearsal" / "logs" / "sandbox.jsonl").read_text("utf-8").splitlines()]
    begun = [
        line for line in lines if line["service"] == "youtube" and line["method"] == "POST" and line["path"].startswith("/upload/") and "videos" in line["path"]
    ]
    assert len(begun) == 1
    asked = {line["service"] for line in lines}
    assert asked >= {"sources", "youtube"}
    assert asked & {"openai", "anthropic"}


def test_its_first_look_reads_the_stand_ins_audience_and_no_file_keeps_it(home: Path, rehearsed: dict[str, Any]) -> None:
    (seen,) = rehearsed["audience"]
    assert seen["figures"]["statistics"]["values"] == {"views": 48, "likes": 5, "comments": 2}
    assert seen["figures"]["statistics"]["age_s"] < 600
    assert all(one["text"].startswith("Rehearsal: ") for one in seen["figures"]["comments"])
    assert [(one["check"], one["status"], one["severity"]) for one in seen["looks"]][:2] == [("1h", "done", "none"), ("24h", "scheduled", "")]
    files = [path for path in (home / "rehearsal").rglob("*") if path.is_file() and "postgres" not in path.parts]
    assert not any(b"where does the second number come from" in path.read_bytes() for path in files)


def test_what_it_cost_is_counted(rehearsed: dict[str, Any]) -> None:
    assert 0 < rehearsed["cost_usd"] < 3


def test_no_secret_is_left_in_the_database_redis_logs_media_exports_or_the_stand_ins_record(home: Path, rehearsed: dict[str, Any]) -> None:
    studio, dumped, vault = home / "rehearsal", home / "dump", home / "rehearsal" / "token.keys"
    assert rehearsed["run_id"]
    assert {"jobs", "checkpoint_blobs", "platform_channels", "cost_entries"} <= dump(studio, dumped)
    secrets = {**given_secrets(), **issued_secrets("field-notes"), "the vault's key": vault.read_text("ascii").strip()}
    files = [path for folder in (studio, dumped) for path in folder.rglob("*") if path.is_file() and path != vault]
    kinds = {path.parent.name for path in files} | {path.name for path in files}
    assert {"pg_wal", "appendonly.aof", "sandbox.jsonl", "stack.log", "metadata.json"} <= kinds
    # The address of an upload is as good as a key to it: the platform alone may know it.
    own = [path for path in files if path.name != "sandbox.jsonl"]
    found = leaks(iter(files), secrets) + leaks(iter(own), {"an upload's address": "upload_id=session-"})
    shutil.rmtree(dumped)
    assert found == []


def test_a_secret_is_found_in_all_its_clothes(tmp_path: Path) -> None:
    secret = "sk-a-real-looking-key"
    clothes = [secret.encode(), secret.encode().hex().encode(), *(base64.b64encode(f"{'x' * shift}{secret}, and more".encode()) for shift in range(3))]
    for number, cloth in enumerate(clothes):
        path = tmp_path / str(number)
        path.write_bytes(b"before " + cloth)
        assert leaks(iter([path]), {"key": secret}) == [f"key in {path}"]


def test_the_real_home_remembers_nothing_of_it(home: Path, rehearsed: dict[str, Any]) -> None:
    assert rehearsed["run_id"]
    assert [path.name for path in home.iterdir()] == ["rehearsal"]

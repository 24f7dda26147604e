"""A production over three machines: one is cut off while it renders, one is switched off, and the video is published once."""

import json
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.fixtures.hosts import STUDIO, Host, Network, new_network, unable

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
_LEASE = {"YTEMPIRE_JOB_LEASE_S": "3", "YTEMPIRE_JOB_RESEND_S": "2"}
_BUCKET = {
    "YTEMPIRE_MEDIA": "s3://media/studio",
    "AWS_ENDPOINT_URL": f"http://{STUDIO}:9000",
    "AWS_ACCESS_KEY_ID": "studio",
    "AWS_SECRET_ACCESS_KEY": "a secret of the studio",
}


@dataclass
class Studio:
    """The studio's machine, with a stack that listens, and what its database says."""

    network: Network
    host: Host

    @property
    def home(self) -> Path:
        """The home of the studio's machine."""
        return self.host.folder / "home"

    def until(self, what: Callable[[], Any], within_s: float = 90.0) -> Any:
        """Wait for something of the world and return it; fails with what every machine said."""
        limit = time.monotonic() + within_s
        while not (found := what()):
            assert time.monotonic() < limit, "\n".join(f"=== {host.name}\n{host.log()}" for host in self.network.hosts)
            time.sleep(0.1)
        return found

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Return the rows of a query at the studio's database."""
        url = json.loads((self.home / "run" / "stack.json").read_text())["database"]
        with psycopg.connect(url) as connection:
            return connection.execute(query, values).fetchall()

    def joined(self, name: str) -> bool:
        """Whether a worker of a machine serves."""
        return bool(self.rows("select 1 from workers where host like %s and state in ('idle', 'busy')", f"{name}/%"))

    def rendering(self) -> str:
        """Return the name of the machine that renders now."""
        found = self.rows("select w.host from jobs j join workers w on w.id = j.lease_owner where j.tool = 'render_video' and j.state = 'running'")
        return str(found[0][0]).partition("/")[0] if found else ""


@pytest.fixture(scope="module")
def studio() -> Iterator[Studio]:
    if reason := unable():
        pytest.skip(reason)
    folder = Path(tempfile.mkdtemp(prefix="ytempire-machines-"))
    folder.chmod(0o711)
    env = {"YTEMPIRE_NETWORK": "off", "YTEMPIRE_WORKERS_CPU": "0", "YTEMPIRE_WORKERS_IO": "2", **_LEASE}
    try:
        with new_network(folder, **env) as network:
            host = network.add("studio")
            host.env |= _BUCKET
            host.start_plain("python", "-m", "tests.fixtures.object_server", STUDIO, "9000")
            host.start_plain("ytempire", "up", "--listen", STUDIO, "--json")
            found = Studio(network, host)
            found.until((found.home / "run" / "stack.json").exists)
            yield found
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _machine(studio: Studio, name: str, bundle: Path) -> Host:
    """Return a machine that serves cpu, with nothing of the studio's but the file."""
    host = studio.network.add(name)
    host.worker("--queue", "cpu", "--join", str(bundle))
    studio.until(lambda: studio.joined(name))
    return host


def test_a_machine_cut_off_and_one_switched_off_lose_nothing_and_do_nothing_twice(studio: Studio) -> None:
    bundle = studio.network.folder / "join.env"
    written = studio.host.ytempire("join", "--out", str(bundle), "--json")
    assert written.returncode == 0, written.stderr + written.stdout
    assert bundle.stat().st_mode & 0o077 == 0
    hosts = {name: _machine(studio, name, bundle) for name in ("anvil", "bellows")}

    producing = studio.host.start_plain("ytempire", "produce", "--seconds", "12", "--json", "--out", str(studio.host.folder / "out"))
    first = studio.until(studio.rendering, 240)
    hosts[first].cut()
    second = studio.until(lambda: (name := studio.rendering()) != first and name, 60)
    # Back on the net, the first still believes in a job that is another's by now; the other is switched off in the middle of it.
    hosts[first].mend()
    hosts.pop(second).kill()
    assert producing.wait(400) == 0, studio.host.log()

    attempts = studio.rows(
        "select w.host, a.outcome from job_attempts a join jobs j on j.id = a.job_id join workers w on w.id = a.worker "
        "where j.tool = 'render_video' order by a.token"
    )
    told = [(str(host).partition("/")[0], outcome) for host, outcome in attempts]
    assert told == [(first, "discarded"), (second, "lost"), (first, "done")]
    assert studio.rows("select count(*) from jobs where state <> 'done' or completions <> 1") == [(0,)]
    assert studio.rows("select state, count(*) from publications group by state") == [("verified", 1)]
    assert len(list((studio.home / "library").glob("*/*/video.mp4"))) == 1
    for host in hosts.values():
        assert host.terminate() == 0, host.log()
        assert not studio.joined(host.name), "a machine that leaves signs off"


def test_a_machine_that_does_not_fit_is_told_why(studio: Studio) -> None:
    bundle = studio.network.folder / "another.env"
    assert studio.host.ytempire("join", "--out", str(bundle)).returncode == 0
    stranger = studio.network.add("stranger")

    def refused(*arguments: str, **env: str) -> str:
        stranger.env |= env
        done = stranger.ytempire("worker", "--queue", "cpu", *arguments)
        assert done.returncode == 2, done.stdout + done.stderr
        return done.stderr

    assert "does not accept AWS_ACCESS_KEY_ID" in refused("--join", str(bundle), AWS_SECRET_ACCESS_KEY="wrong")
    del stranger.env["AWS_SECRET_ACCESS_KEY"]
    assert "not the studio's media store" in refused("--join", str(bundle), YTEMPIRE_MEDIA="s3://media/another")
    del stranger.env["YTEMPIRE_MEDIA"]
    bundle.chmod(0o644)
    assert "others can read it (mode 644)" in refused("--join", str(bundle))
    bundle.chmod(0o600)
    text = bundle.read_text()
    bundle.write_text(text.replace(":15432", ":15433"))
    assert "Postgres does not answer a query" in refused("--join", str(bundle))
    bundle.write_text(text.replace("ytempire_app:", "ytempire_app:x"))
    assert "password authentication failed" in refused("--join", str(bundle))
    assert studio.rows("select count(*) from workers where host like %s", "stranger/%") == [(0,)]

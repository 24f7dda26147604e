"""The embedded Postgres: where it can live, and what it survives."""

import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from infra.embedded.postgres import EmbeddedPostgres, PostgresUrls, end_sessions
from infra.errors import Conflict, Unavailable
from infra.settings import CHECKOUT

FAST = {"fsync": "off", "full_page_writes": "off"}


def write_row(url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("create table if not exists kept (value int)")
        connection.execute("insert into kept values (42)")


def read_rows(url: str) -> list[tuple[int]]:
    with psycopg.connect(url) as connection:
        return connection.execute("select value from kept").fetchall()


def test_a_home_deep_inside_closed_folders_works_and_no_folder_is_opened_up(tmp_path: Path, parent_modes: Callable[[Path], dict[Path, int]]) -> None:
    closed = tmp_path / ("a folder with spaces and a long name " * 3).strip() / ("x" * 90)
    closed.mkdir(parents=True)
    closed.parent.chmod(0o700)
    before = parent_modes(closed / "home")
    server = EmbeddedPostgres(closed / "home", FAST)
    urls = server.start()
    try:
        assert len(str(server.socket_folder)) < 80
        assert stat.S_IMODE(server.socket_folder.stat().st_mode) == 0o700
        assert stat.S_IMODE(server.data.stat().st_mode) == 0o700
        assert stat.S_IMODE((closed / "home" / "services" / "postgres.json").stat().st_mode) == 0o600
        assert parent_modes(closed / "home") == before
        with psycopg.connect(urls.app) as connection:
            assert connection.execute("select current_setting('server_version_num')::int >= 180000, current_setting('listen_addresses')").fetchone() == (
                True,
                "",
            )
        write_row(urls.admin)
    finally:
        server.stop()
    assert server.start() == urls
    assert read_rows(urls.admin) == [(42,)]
    server.stop()


def test_root_never_runs_the_server(postgres_server: EmbeddedPostgres) -> None:
    assert postgres_server.process is not None
    owner = os.stat(f"/proc/{postgres_server.process.pid}").st_uid
    assert owner != 0
    assert postgres_server.data.stat().st_uid == owner


def test_a_wrong_password_is_refused(postgres_server: EmbeddedPostgres) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(f"postgresql://ytempire_app:guess@/ytempire?host={postgres_server.socket_folder}")


def test_a_second_server_for_the_same_home_is_a_conflict_that_names_the_holder(postgres_server: EmbeddedPostgres) -> None:
    with pytest.raises(Conflict, match=f"in use by pid {os.getpid()}"):
        EmbeddedPostgres(postgres_server.home).start()
    postgres_server.ping()


def test_two_homes_run_side_by_side(postgres_server: EmbeddedPostgres, made_home: Path) -> None:
    other = EmbeddedPostgres(made_home, FAST)
    try:
        assert other.start().app != postgres_server.urls().app
        other.ping()
        postgres_server.ping()
    finally:
        other.stop()


def test_a_killed_server_starts_again_with_its_data_while_a_session_of_the_old_one_is_still_busy(made_home: Path) -> None:
    server = EmbeddedPostgres(made_home)
    urls = server.start()
    write_row(urls.admin)
    busy = psycopg.connect(urls.admin, autocommit=True)
    busy.execute("set max_parallel_workers_per_gather = 0")
    busy.pgconn.send_query(b"select count(*) from generate_series(1, 2000000000)")
    assert server.process is not None
    os.kill(server.process.pid, signal.SIGKILL)
    server.process.wait()
    try:
        server.start()
        assert read_rows(urls.admin) == [(42,)]
    finally:
        busy.close()
        server.stop()


@pytest.mark.parametrize("pid", [os.getpid(), 999_999_999], ids=["of another live process", "of nobody"])
def test_a_stale_pid_file_is_not_believed(made_home: Path, pid: int) -> None:
    server = EmbeddedPostgres(made_home, FAST)
    (server.data / "postmaster.pid").write_text(f"{pid}\n{server.data}\n1\n5432\n{server.socket_folder}\n\n  1 1\nready\n")
    server.socket_folder.joinpath(".s.PGSQL.5432.lock").write_text(f"{pid}\n")
    server.start()
    server.ping()
    server.stop()


def test_a_first_start_killed_at_any_moment_leaves_nothing_half_made(short_home: Path) -> None:
    code = "import sys; from pathlib import Path; from infra.embedded.postgres import EmbeddedPostgres; EmbeddedPostgres(Path(sys.argv[1])).start()"
    services = short_home / "services"
    # While initdb has hardly begun, while it fills the first database, and when the cluster is there but neither the role nor the database is.
    for moment in ("postgres.new*/PG_VERSION", "postgres.new*/base/1/*", "postgres/PG_VERSION"):
        first = subprocess.Popen([sys.executable, "-c", code, str(short_home)], cwd=CHECKOUT, stdout=subprocess.DEVNULL)
        while not any(services.glob(moment)):
            assert first.poll() is None
            time.sleep(0.001)
        first.kill()
        first.wait()
    server = EmbeddedPostgres(short_home, FAST)
    server.start()
    server.ping()
    server.stop()
    assert list(services.glob("postgres.new*")) == []


def test_a_broken_cluster_is_reported_with_the_servers_own_words(made_home: Path) -> None:
    server = EmbeddedPostgres(made_home, FAST)
    (server.data / "global" / "pg_control").unlink()
    with pytest.raises(Unavailable, match="could not find the database system|pg_control"):
        server.start()
    assert server.process is None


def test_every_other_session_of_a_database_can_be_ended_and_the_server_works_on(database_urls: PostgresUrls) -> None:
    with psycopg.connect(database_urls.app) as connection:
        assert end_sessions(database_urls.admin) == 1
        with pytest.raises(psycopg.OperationalError):
            connection.execute("select 1")
    with psycopg.connect(database_urls.app) as connection:
        connection.execute("select 1")
    assert end_sessions("postgresql://nobody@/none?host=/nowhere") == 0

"""The embedded Redis: what it survives and what it refuses."""

import os
import signal
import stat
from pathlib import Path

import pytest
import redis
from redis.exceptions import NoPermissionError

from infra.embedded.redis import EmbeddedRedis, cut_connections


def test_a_killed_server_loses_no_acknowledged_write(tmp_path: Path) -> None:
    server = EmbeddedRedis(tmp_path / "a home")
    client = redis.Redis.from_url(server.start())
    for number in range(2000):
        client.rpush("queue", number)
    assert server.process is not None
    os.kill(server.process.pid, signal.SIGKILL)
    server.process.wait()
    server.start()
    try:
        assert client.llen("queue") == 2000
    finally:
        client.close()
        server.stop()


def test_a_cut_append_only_file_still_loads(tmp_path: Path) -> None:
    server = EmbeddedRedis(tmp_path)
    with redis.Redis.from_url(server.start()) as client:
        client.set("kept", "yes")
        client.set("cut", "x" * 1000)
    server.stop()
    file = server.data / "appendonly.aof"
    os.truncate(file, file.stat().st_size - 100)
    with redis.Redis.from_url(server.start()) as client:
        assert client.get("kept") == b"yes"
        assert client.get("cut") is None
    server.stop()


def test_only_its_own_user_can_reach_the_socket(redis_server: EmbeddedRedis) -> None:
    assert stat.S_IMODE(redis_server.socket.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(redis_server.socket.stat().st_mode) == 0o700
    assert (redis_server.home / "services" / "redis.password").stat().st_mode & 0o077 == 0
    with redis.Redis.from_url(redis_server.url()) as client:
        assert client.info("server")["tcp_port"] == 0


@pytest.mark.parametrize("command", ["CONFIG GET dir", "DEBUG SLEEP 0", "SHUTDOWN", "REPLICAOF 127.0.0.1 1", "MODULE LIST", "ACL LIST", "SCRIPT KILL"])
def test_commands_that_reach_beyond_the_data_are_refused(redis_url: str, command: str) -> None:
    with redis.Redis.from_url(redis_url) as client, pytest.raises(NoPermissionError):
        client.execute_command(*command.split())


def test_the_scripts_that_queues_need_run(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        assert client.register_script("return redis.call('SET', KEYS[1], ARGV[1])")(keys=["scripted"], args=["1"]) == b"OK"
        with client.lock("held", timeout=1):
            assert client.exists("held")


def test_every_other_connection_can_be_cut_and_the_server_works_on(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client, client.pubsub() as listening:
        listening.subscribe("nothing")
        client.ping()
        assert cut_connections(redis_url) >= 1
        assert client.ping()
    assert cut_connections("unix://studio:wrong@/nowhere.sock") == 0

"""`ytempire channels` against the stand-in platform, and which worker is given the key."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest
from pydantic import SecretStr
from typer.testing import CliRunner

from api.cli import build
from api.commands import channels
from api.stack_host import StackUrls, processes
from infra.keyring import new_key
from infra.settings import Settings
from infra.units import ProcessSpec
from tests.fixtures.desk import Desk
from tools.sandbox import Sandbox
from tools.vendors.youtube.consent import Asking
from tools.vendors.youtube.sandbox import youtube_app
from tools.vendors.youtube.sandbox_world import World

CLIENT = {"YOUTUBE_CLIENT_ID": "sandbox.apps.googleusercontent.com", "YOUTUBE_CLIENT_SECRET": "sandbox-secret"}
URLS = StackUrls("postgresql:///app", "postgresql:///publish", "postgresql:///admin", "redis://")


@pytest.fixture
def world() -> World:
    """A platform with one channel, whose owner consents."""
    world = World()
    world.add_account("UCnotes", "Field Notes")
    return world


@pytest.fixture
def owner(desk: Desk, world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A studio that knows the platform, and an owner who follows every address they are told."""
    monkeypatch.setattr(channels, "Asking", lambda *about: replace(Asking(*about), announce=_visit, browser=False))
    with Sandbox(youtube_app(world)) as server:
        for name, value in {"YOUTUBE_BASE_URL": server.url, "OAUTHLIB_INSECURE_TRANSPORT": "1", **CLIENT}.items():
            monkeypatch.setenv(name, value)
        yield desk


def _visit(address: str) -> None:
    def go() -> None:
        with httpx2.Client(follow_redirects=True) as browser:
            browser.get(address)

    threading.Thread(target=go, daemon=True).start()


def test_a_channel_is_connected_listed_sealed_anew_and_disconnected(owner: Desk, world: World) -> None:
    assert "no channel is connected" in owner.told("channels", "list")
    connected = owner.json("channels", "connect", "field-notes")
    assert (connected["channel"], connected["external_id"], connected["state"]) == ("field-notes", "UCnotes", "active")
    listed = owner.json("channels", "list")
    assert [one["title"] for one in listed["channels"]] == ["Field Notes"]
    assert listed["quota"]["insert_calls"] == 100
    told = owner.told("channels", "list")
    assert "UCnotes" in told
    assert "left of today's quota: " in told
    keys = owner.settings.token_keys_file
    assert keys.stat().st_mode & 0o777 == 0o600
    assert owner.json("channels", "rotate-key") == {"consents": 1}
    assert len(keys.read_text().split()) == 2
    assert owner.json("channels", "disconnect", "field-notes") == {"channel": "field-notes", "readings_deleted": 0}
    assert world.accounts["UCnotes"].revoked
    assert owner.json("channels", "list")["channels"] == []
    assert [one["action"] for one in owner.json("audit", "list")["events"]] == ["channel.connected", "token_key.rotated", "channel.disconnected"]


def test_what_cannot_be_connected_sealed_or_settled_is_told_with_the_reason(owner: Desk) -> None:
    assert "'nobody' is not one of the studio's; there are " in owner.refused("channels", "connect", "nobody")
    assert "none of key 'run_nowhere'" in owner.refused("channels", "settle", "run_nowhere", "none")
    owner.patch.setenv("YTEMPIRE_TOKEN_KEYS", new_key())
    assert "the keys come from the environment" in owner.refused("channels", "rotate-key")


def test_without_a_client_the_command_names_what_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("YTEMPIRE_HOME", str(tmp_path))
    done = CliRunner().invoke(build(), ["channels", "connect", "field-notes"])
    assert (done.exit_code, "YOUTUBE_CLIENT_ID and YOUTUBE_CLIENT_SECRET" in done.stderr) == (2, True)


@pytest.mark.parametrize("given", [None, "key-from-the-environment"])
def test_only_publish_workers_are_given_the_key_and_the_client_secret(settings: Settings, given: str | None) -> None:
    changes = {"youtube_client_id": "id", "youtube_client_secret": SecretStr("client-secret"), "token_keys": SecretStr(given) if given else None}
    settings = settings.model_copy(update={**changes, "workers_cpu": 1, "workers_io": 1, "workers_gpu": 1})
    found = [unit for unit in processes(settings, URLS) if isinstance(unit, ProcessSpec)]
    held = {unit.name: (unit.env["YTEMPIRE_TOKEN_KEYS"], unit.env["YOUTUBE_CLIENT_SECRET"]) for unit in found}
    publish = held.pop("worker-publish-1")
    assert publish == (given or settings.token_keys_file.read_text().strip(), "client-secret")
    assert set(held) == {"dispatch", "worker-io-1", "worker-cpu-1", "worker-gpu-1"}
    assert set(held.values()) == {("", "")}


def test_only_publish_workers_connect_as_the_role_that_reads_consents(settings: Settings) -> None:
    found = [unit for unit in processes(settings.model_copy(update={"workers_gpu": 1}), URLS) if isinstance(unit, ProcessSpec)]
    for unit in found:
        assert unit.env["DATABASE_URL"] == (URLS.database_publish if unit.name.startswith("worker-publish-") else URLS.database), unit.name
        assert URLS.database_publish not in {value for name, value in unit.env.items() if name != "DATABASE_URL"}, unit.name


def test_without_youtube_no_key_is_made(settings: Settings) -> None:
    processes(settings, URLS)
    assert not settings.token_keys_file.exists()

"""What is asked, what is remembered of the answers, and which runs a failed one holds back."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from api import live_providers
from api.cli import build
from api.live_providers import ProbeFailed, ensure_probed, probe_providers, targets
from api.stack import Stack
from api.workshop import Workshop, open_workshop
from graphs.request import ProductionRequest
from infra.settings import Settings
from memory.probes import Probe, read_probes, save_probes
from tools.probe_provider.schema import ProbeResult
from tools.sandbox import Sandbox
from tools.sandboxes import SHELF
from tools.vendors.openai.sandbox import wrong_key

KEYED = {"OPENAI_API_KEY": "sk-canary-1", "PEXELS_API_KEY": "px-canary-2", "YTEMPIRE_VOICE": "piper"}


def settings_of(home: Path, **told: Any) -> Settings:
    return Settings(_env_file=None, **{"YTEMPIRE_HOME": home, **KEYED, **told})


def request_of(**told: Any) -> ProductionRequest:
    return ProductionRequest(channel="field-notes", **told)


def note(settings: Settings, ok: bool, provider: str = "openai", subject: str = "gpt-5-mini") -> None:
    """Remember a probe of every target, with this answer of one provider."""
    at = datetime(2026, 11, 22, tzinfo=UTC)
    good = [
        Probe(provider=one.args.provider, subject=one.args.subject, ok=True, ms=1, said="fine", configured=one.configured, at=at) for one in targets(settings)
    ]
    tag = next((one.configured for one in good if one.provider == provider), "")
    kept = [one for one in good if one.provider != provider]
    fix = "" if ok else "mend it"
    asked = Probe(provider=provider, subject=subject, ok=ok, ms=1, said="it answered", fix=fix, configured=tag, at=at)
    save_probes(settings.home, (*kept, asked))


def test_only_what_is_configured_and_wanted_is_asked(tmp_path: Path) -> None:
    assert targets(Settings(_env_file=None, home=tmp_path)) == ()
    assert [one.name for one in targets(settings_of(tmp_path))] == ["openai gpt-5-mini", "pexels"]
    assert [one.name for one in targets(settings_of(tmp_path, YTEMPIRE_LANGUAGE="offline"))] == ["pexels"]
    chain = settings_of(tmp_path, YTEMPIRE_MODELS_WRITER="anthropic:a,openai:b,offline", YTEMPIRE_MODELS_FAST="openai:c")
    assert [one.name for one in targets(chain)] == ["anthropic a", "openai b", "openai c", "pexels"]
    assert targets(settings_of(tmp_path, YTEMPIRE_NETWORK="off")) == ()


def test_an_autonomous_run_is_refused_after_a_failed_probe_and_started_after_a_good_one(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    note(settings, ok=False)
    with pytest.raises(ProbeFailed, match=r"openai gpt-5-mini did not serve .* mend it.*--autonomy review"):
        ensure_probed(settings, request_of())
    note(settings, ok=True)
    assert ensure_probed(settings, request_of()) == ()


@pytest.mark.parametrize("told", [{"rehearsal": True}, {"offline": True}])
def test_rehearsals_and_offline_runs_are_never_held_back(tmp_path: Path, told: dict[str, bool]) -> None:
    settings = settings_of(tmp_path)
    note(settings, ok=False)
    assert ensure_probed(settings, request_of(**told)) == ()


def test_a_person_who_watches_may_go_on_and_is_told(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    note(settings, ok=False)
    assert "did not serve" in ensure_probed(settings, request_of(autonomy="review"))[0]


def test_without_a_probe_a_run_is_allowed_and_told(tmp_path: Path) -> None:
    (told,) = ensure_probed(settings_of(tmp_path), request_of())
    assert told.startswith("not asked yet with the present key: openai gpt-5-mini, pexels")
    (tmp_path / "probes.json").write_text("not json")
    assert ensure_probed(settings_of(tmp_path), request_of()) == (told,)


def test_a_good_probe_of_another_key_proves_nothing_and_a_bad_one_still_holds(tmp_path: Path) -> None:
    note(settings_of(tmp_path), ok=True)
    changed = settings_of(tmp_path, OPENAI_API_KEY="sk-new")
    assert "present key: openai gpt-5-mini;" in ensure_probed(changed, request_of())[0]
    note(settings_of(tmp_path), ok=False)
    with pytest.raises(ProbeFailed):
        ensure_probed(changed, request_of())


def test_a_failed_provider_that_is_not_configured_any_more_holds_nothing_back(tmp_path: Path) -> None:
    note(settings_of(tmp_path), ok=False)
    assert ensure_probed(settings_of(tmp_path, YTEMPIRE_LANGUAGE="offline"), request_of()) == ()


def test_a_channel_whose_consent_failed_holds_back_its_own_runs_only(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, YOUTUBE_CLIENT_ID="id", YOUTUBE_CLIENT_SECRET="secret")
    note(settings, ok=False, provider="youtube", subject="field-notes")
    with pytest.raises(ProbeFailed, match="youtube field-notes"):
        ensure_probed(settings, request_of())
    note(settings, ok=False, provider="youtube", subject="another")
    assert ensure_probed(settings, request_of()) == ()


def test_the_command_refuses_before_anything_is_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (KEYED | {"YTEMPIRE_HOME": str(tmp_path)}).items():
        monkeypatch.setenv(name, value)
    note(settings_of(tmp_path), ok=False)
    done = CliRunner().invoke(build(), ["produce", "--autonomy", "autonomous"])
    assert done.exit_code == 2
    assert "an autonomous run is not started" in done.stderr
    assert [one.name for one in tmp_path.iterdir()] == ["probes.json"]


@pytest.fixture
def shelf() -> Iterator[tuple[dict[str, Sandbox], dict[str, str]]]:
    """Every stand-in, and the variables that send a studio there."""
    servers: dict[str, Sandbox] = {}
    told: dict[str, str] = {}
    with ExitStack() as running:
        for one in SHELF:
            servers[one.name] = running.enter_context(Sandbox(one.make()))
            told |= one.variables(servers[one.name].url)
        yield servers, told


async def ask_all(stack: Stack) -> tuple[dict[str, Probe], Workshop]:
    async with open_workshop(stack) as workshop:
        return {one.name: one for one in await probe_providers(workshop)}, workshop


@pytest.mark.slow
def test_all_providers_are_asked_by_workers_remembered_and_asked_again_once_mended(
    shelf: tuple[dict[str, Sandbox], dict[str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    servers, told = shelf
    settings = Settings(_env_file=None, **{"YTEMPIRE_HOME": tmp_path, "YTEMPIRE_WORKERS_CPU": "1", "YTEMPIRE_WORKERS_IO": "2", **told})  # type: ignore[arg-type]
    tmp_path.chmod(0o711)
    servers["openai"].faults.play("/models/gpt-5-mini", wrong_key())
    monkeypatch.setattr(live_providers, "ALL_WITHIN_S", 240.0)
    with Stack(settings) as stack:
        first, _ = asyncio.run(ask_all(stack))
        assert {name for name, probe in first.items() if not probe.ok} == {"openai gpt-5-mini"}, first
        assert first["openai gpt-5-mini"].trouble == "key"
        assert "OPENAI_API_KEY" in first["openai gpt-5-mini"].fix
        assert len(first) == 7
        assert first["openai gpt-image-2.5-flare"].ok
        assert read_probes(tmp_path) == first
        assert "sandbox" not in json.dumps([probe.said + probe.fix for probe in first.values()])
        with pytest.raises(ProbeFailed):
            ensure_probed(settings, request_of())
        again, _ = asyncio.run(ask_all(stack))
        assert all(probe.ok for probe in again.values()), again
        assert ensure_probed(settings, request_of()) == ()


async def test_a_provider_that_keeps_everybody_waiting_is_given_up(tmp_path: Path) -> None:
    target = targets(settings_of(tmp_path))[0]
    waiting: asyncio.Task[ProbeResult] = asyncio.create_task(asyncio.Event().wait())  # type: ignore[arg-type]
    told = live_providers.probe_of(target, waiting)
    assert (told.ok, told.trouble) == (False, "network")
    assert "60 s" in told.said
    with pytest.raises(asyncio.CancelledError):
        await waiting

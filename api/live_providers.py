"""Asking every configured provider once, and refusing autonomous runs while the newest answer was a failure."""

import asyncio
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr

from api.needs import Caller
from graphs.request import ProductionRequest
from infra.clock import SYSTEM_CLOCK
from infra.errors import StudioError, Unavailable
from infra.ids import json_digest, new_id
from infra.settings import Settings
from memory.probes import Probe, read_probes, save_probes
from memory.repositories.platform_channels import PlatformChannelRepository
from tools.base import ToolSpec
from tools.call import JobKey, RunScope
from tools.probe_provider.schema import CHANNEL, LANGUAGE, PICTURES, TIMEOUT_S, VOICE, ProbeArgs, ProbeResult, Trouble
from tools.write_text.choice import chain_for
from tools.write_text.schema import Role

ALL_WITHIN_S = 60.0
_ROLES: tuple[Role, ...] = ("writer", "critic", "fast")
_AGAIN = "run `ytempire doctor --live` again"
_SETTING_OF_SUBJECT = {
    "openai": "OPENAI_MODEL (or YTEMPIRE_MODELS_*; YTEMPIRE_IMAGES_MODEL for pictures)",
    "anthropic": "ANTHROPIC_MODEL (or YTEMPIRE_MODELS_*)",
    "elevenlabs": "ELEVENLABS_MODEL",
    "google_tts": "GOOGLE_TTS_VOICE",
}
_FIXES: dict[Trouble, str] = {
    "key": "the key is wrong, expired, revoked or without the right to this: make a new one at the provider and set {variable}",
    "credit": "the account has no credit left: top it up at the provider, or take {variable} out",
    "model": "set {subject} to one that the account may use",
    "consent": "its owner has to consent again: run `ytempire channels connect {channel}`",
    "busy": "the provider asks to wait: do that; nothing is wrong with the key",
    "network": "it gave no usable answer: look at this machine's network, at the address you set, and at the provider's status page",
    "stopped": "an operator stopped it: `ytempire switch list` says why, `ytempire switch release SCOPE --reason WHY` lets it go on",
    "other": "mend what it says",
}


class ProbeFailed(Unavailable):
    """A configured provider did not serve when it was last asked, so nothing is started that nobody watches."""

    code = "probe_failed"
    retryable = False


@dataclass(frozen=True)
class Target:
    """One question to ask: by which tool, of what, and a tag of the key and address it is asked with."""

    spec: ToolSpec[ProbeArgs, ProbeResult]
    args: ProbeArgs
    configured: str = ""

    @property
    def name(self) -> str:
        """The name of its probe."""
        return f"{self.args.provider} {self.args.subject}".strip()


def targets(settings: Settings) -> tuple[Target, ...]:
    """Return what a run with these settings may use and a key opens, connected channels aside; nothing while the network is off."""
    if settings.network == "off":
        return ()
    links = dict.fromkeys(link for role in _ROLES for link in chain_for(settings, role) if link.provider != "offline")
    asked: list[tuple[ToolSpec[ProbeArgs, ProbeResult], str, str]] = [(LANGUAGE, link.provider, link.model) for link in links]
    if settings.buys_pictures:
        # Looking the model up is the cheapest real call: it costs nothing, and a picture would.
        asked.append((LANGUAGE, "openai", settings.images_model))
    if settings.voice != "piper":
        voices = (
            ("elevenlabs", settings.elevenlabs_model, settings.elevenlabs_api_key),
            ("google_tts", settings.google_tts_voice, settings.google_tts_api_key),
        )
        asked += [(VOICE, name, subject) for name, subject, key in voices if key]
    asked += [(PICTURES, name, "") for name, key in (("pexels", settings.pexels_api_key), ("pixabay", settings.pixabay_api_key)) if key]
    return tuple(Target(spec, ProbeArgs(provider=name, subject=subject), _configured(settings, name)) for spec, name, subject in asked)


async def probe_providers(workshop: Caller) -> tuple[Probe, ...]:
    """Ask every configured provider and connected channel once, all within a minute, and remember what came of it."""
    settings = workshop.settings
    if settings.network == "off":
        return ()
    asked = (*targets(settings), *await asyncio.to_thread(_channels, workshop))
    run_id = new_id("doctor")
    tasks = [asyncio.create_task(_probe(workshop, target, JobKey(run_id, "probe", 0, number))) for number, target in enumerate(asked)]
    if tasks:
        await asyncio.wait(tasks, timeout=ALL_WITHIN_S)
    probes = tuple(probe_of(target, task) for target, task in zip(asked, tasks, strict=True))
    save_probes(settings.home, probes)
    return probes


def ensure_probed(settings: Settings, request: ProductionRequest) -> tuple[str, ...]:
    """Return what the person who starts a run should know of its providers; raises ProbeFailed when nobody would watch it.

    Rehearsals and offline runs use no provider. A provider that was never asked with its present key is allowed, and told.
    """
    if request.rehearsal or request.offline:
        return ()
    known, wanted = read_probes(settings.home), targets(settings)
    names = {target.name for target in wanted} | ({f"youtube {request.channel}"} if _publishes(settings) else set())
    failed = [probe for name, probe in known.items() if name in names and not probe.ok]
    told = tuple(f"{probe.name} did not serve at {probe.at:%Y-%m-%d %H:%M} UTC: {probe.said}; {probe.fix}" for probe in failed)
    if failed and request.autonomy == "autonomous":
        hint = "With --autonomy review a person may go on without it"
        raise ProbeFailed(f"an autonomous run is not started: {'; '.join(told)}. {hint}", providers=[probe.name for probe in failed])
    unknown = [target.name for target in wanted if target.name not in known or (known[target.name].ok and known[target.name].configured != target.configured)]
    note = f"not asked yet with the present key: {', '.join(unknown)}; `ytempire doctor --live` does, at no cost"
    return (*told, note) if unknown else told


async def _probe(workshop: Caller, target: Target, key: JobKey) -> ProbeResult:
    return await workshop.caller.call(target.spec, target.args, key=key, agent="doctor", run=RunScope(run_id=key.run_id))


def probe_of(target: Target, task: "asyncio.Task[ProbeResult]") -> Probe:
    """Return what a question that was asked came to; one that is still open is given up."""
    if not task.done():
        task.cancel()
        result = ProbeResult(ok=False, said=f"no answer within {ALL_WITHIN_S:.0f} s", trouble="network", ms=round(1000 * ALL_WITHIN_S))
        return _noted(target, result)
    error = task.exception()
    if error is None:
        return _noted(target, task.result())
    if not isinstance(error, StudioError):
        raise error
    late = error.details.get("reason") == "job_timed_out"
    ms = round(1000 * TIMEOUT_S) if late else 0
    return _noted(target, ProbeResult(ok=False, said=error.message, trouble="network" if late else "other", ms=ms))


def _noted(target: Target, result: ProbeResult) -> Probe:
    name, subject = target.args.provider, target.args.subject
    about = {"variable": _variable(name), "subject": _SETTING_OF_SUBJECT.get(name, ""), "channel": subject}
    fix = "" if result.ok else f"{_FIXES[result.trouble].format(**about)}; then {_AGAIN}"
    return Probe(provider=name, subject=subject, **result.model_dump(), fix=fix, configured=target.configured, at=SYSTEM_CLOCK.now())


def _variable(provider: str) -> str:
    return "YOUTUBE_CLIENT_ID and YOUTUBE_CLIENT_SECRET" if provider == "youtube" else f"{provider.upper()}_API_KEY"


def _channels(workshop: Caller) -> tuple[Target, ...]:
    """Return the connected channels; those of a stand-in are asked at a stand-in only."""
    settings = workshop.settings
    if not _publishes(settings):
        return ()
    real = settings.youtube_base_url is None
    with workshop.database.unit_of_work() as session:
        ids = [one.channel_id for one in PlatformChannelRepository(session).list_() if (one.provenance == "real") is real]
    return tuple(Target(CHANNEL, ProbeArgs(provider="youtube", subject=channel), _configured(settings, "youtube")) for channel in ids)


def _publishes(settings: Settings) -> bool:
    return settings.youtube_client is not None and settings.publisher != "library"


def _configured(settings: Settings, provider: str) -> str:
    """Return a tag of what a provider is reached with, from which it cannot be told."""
    values: list[Any] = [getattr(settings, f"{provider}_{part}", None) for part in ("api_key", "client_id", "client_secret", "base_url")]
    told = [value.get_secret_value() if isinstance(value, SecretStr) else value for value in values]
    return json_digest(["probe", provider, told])[:12]

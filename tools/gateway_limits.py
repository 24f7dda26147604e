"""What the settings and the providers' plans allow: money, calls at once, and how soon a failing provider is left alone."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from infra.settings import Settings
from memory.ledger import MICROUSD_PER_USD, Limits
from memory.repositories.circuits import Temper

OTHER_KIND = "other"


@dataclass(frozen=True)
class Provider:
    """What is known of a provider: the kind of service whose limit its calls count against, and the calls at once of its smallest plan."""

    kind: str = OTHER_KIND
    concurrency: int | None = None


def provider_of(name: str) -> Provider:
    """Return what `providers.toml` says of a provider; one it does not name has no kind and no bound of its own."""
    known = _providers().get(name, {})
    return Provider(kind=known.get("kind", OTHER_KIND), concurrency=known.get("concurrency"))


def limits_for(provider: str, settings: Settings) -> Limits:
    """Return the limits that a call to this provider must keep, in micro-dollars."""
    by_kind = {"llm": settings.limit_llm_usd, "voice": settings.limit_voice_usd, "storage": settings.limit_storage_usd, "compute": settings.limit_compute_usd}
    return Limits(
        call=_microusd(settings.limit_call_usd),
        run=_microusd(settings.limit_run_usd),
        video=_microusd(settings.limit_video_usd),
        day=_microusd(settings.limit_day_usd),
        tenant=_microusd(settings.limit_tenant_usd),
        provider=_microusd(settings.limit_provider_day_usd),
        kind=_microusd(by_kind.get(provider_of(provider).kind)),
        soft=frozenset({"kind"}) if settings.limit_kinds == "alert" else frozenset(),
    )


def concurrency_for(provider: str, asked: int | None, settings: Settings) -> int | None:
    """Return how many calls to a provider may run at once over all processes: the operator's word, else the caller's, else the smallest plan's."""
    told = dict(pair.split("=") for pair in settings.provider_concurrency.split(",") if pair)
    if provider in told:
        return int(told[provider])
    return asked if asked is not None else provider_of(provider).concurrency


def temper_for(settings: Settings) -> Temper:
    """Return after how many failures a circuit opens, and for how long."""
    return Temper(settings.circuit_failures, settings.circuit_open_s)


def _microusd(usd: float | None) -> int | None:
    return None if usd is None else round(usd * MICROUSD_PER_USD)


@cache
def _providers() -> dict[str, dict[str, Any]]:
    loaded: dict[str, dict[str, Any]] = tomllib.loads((files("tools") / "providers.toml").read_text("utf-8"))["providers"]
    return loaded

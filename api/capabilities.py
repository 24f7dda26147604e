"""What the studio can do here and now: each capability, what serves it, its limits, and how to switch on the better one."""

import os
import shutil
from collections.abc import Callable
from typing import Literal

from pydantic import BaseModel, ConfigDict

from api.capacity import capacity
from infra.settings import Settings
from tools.vendors.piper.voices import list_voices

Status = Literal["ok", "limited", "missing"]
LEAST_FREE_GB = 5.0
_GB = 1 << 30


class Capability(BaseModel):
    """One thing the studio needs, and how well it is served."""

    model_config = ConfigDict(frozen=True)

    name: str
    status: Status
    served_by: str
    limits: str
    better: str


def capabilities(settings: Settings, services: tuple[Capability, ...] = ()) -> tuple[Capability, ...]:
    """Return every capability; `services` are those of database and queue, which only a running stack can tell."""
    looks: tuple[Callable[[Settings], Capability], ...] = (_language, _voice, _pictures, _publishing, _trends, _payments)
    return (*(look(settings) for look in looks), *services, _gpu(settings), _disk(settings))


def _language(settings: Settings) -> Capability:
    served = []
    if settings.openai_api_key or settings.openai_base_url:
        served.append(f"OpenAI-compatible server ({settings.openai_model})")
    if settings.anthropic_api_key or settings.anthropic_base_url:
        served.append(f"Anthropic ({settings.anthropic_model})")
    if served and settings.language != "offline":
        return Capability(name="language", status="ok", served_by=" then ".join(served), limits="up to $0.10 a video", better="")
    return Capability(
        name="language",
        status="limited",
        served_by="offline writer (arranges sentences of quotable sources)",
        limits="only topics with evidence in the public domain, CC0, CC BY, CC BY-SA, or your own documents; English",
        better="set OPENAI_API_KEY, OPENAI_BASE_URL (any compatible server) or ANTHROPIC_API_KEY in .env",
    )


def _voice(settings: Settings) -> Capability:
    voices = list_voices(settings)
    paid = _paid_voices(settings)
    if not voices and not paid:
        return Capability(name="voice", status="missing", served_by="none", limits="no narration", better="run `make setup`: it installs a Piper voice")
    installed = [f"Piper ({', '.join(voice.name for voice in voices)})"] if voices else []
    limits = [f"{voice.name}: {voice.licence}" for voice in voices]
    limits += [f"paid voices: ${settings.limit_voice_usd:.2f} a video ({settings.limit_kinds}); cloned ones need a recorded consent"] if paid else []
    fit = bool(paid) or any(voice.monetisable for voice in voices)
    keys = "set ELEVENLABS_API_KEY or GOOGLE_TTS_API_KEY, or put a voice whose licence allows monetised use into the studio's voices folder"
    served = " then ".join([*paid, *installed])
    return Capability(name="voice", status="ok" if fit else "limited", served_by=served, limits="; ".join(limits), better="" if fit else keys)


def _paid_voices(settings: Settings) -> list[str]:
    """Return the paid voices whose key is set, in the order in which they are asked, unless the operator wants none."""
    if settings.voice == "piper":
        return []
    named = {
        "elevenlabs": settings.elevenlabs_api_key and f"ElevenLabs ({settings.elevenlabs_model}, voice {settings.elevenlabs_voice})",
        "google_tts": settings.google_tts_api_key and f"Google ({settings.google_tts_voice})",
    }
    order = sorted(named, key=lambda name: name != settings.voice)
    return [told for name in order if (told := named[name])]


def _pictures(settings: Settings) -> Capability:
    if settings.network == "off":
        served, limits = "designed stills, charts and illustrations; your own pictures", "no photographs from outside while YTEMPIRE_NETWORK=off"
        return Capability(name="pictures", status="limited", served_by=served, limits=limits, better="set YTEMPIRE_NETWORK=auto")
    stock = [name for name, key in (("Pexels", settings.pexels_api_key), ("Pixabay", settings.pixabay_api_key)) if key]
    searched = ", ".join(("NASA", "Wikimedia Commons", "Openverse", *stock))
    clips = f"; clips from {' and '.join(stock)}" if stock else ""
    served = f"designed stills, charts, illustrations; photographs from {searched}{clips}; your own pictures and clips{_generated(settings)}"
    limits = "photographs and clips only where a network answers, with credit; generated pictures only where none fits, at most four a video"
    missing = [name for name in ("Pexels", "Pixabay") if name not in stock]
    better = f"set {' and '.join(f'{name.upper()}_API_KEY' for name in missing)} for stock photographs and clips (free keys)" if missing else ""
    return Capability(name="pictures", status="ok", served_by=served, limits=limits, better=better)


def _generated(settings: Settings) -> str:
    if settings.diffusers_model:
        return f"; painted here by {settings.diffusers_model}"
    return (
        f"; generated by OpenAI ({settings.images_model}, {settings.images_quality}, ${settings.limit_call_usd:.2f} a call at most)"
        if settings.buys_pictures
        else ""
    )


def _publishing(settings: Settings) -> Capability:
    if settings.youtube_client is not None and settings.publisher != "library":
        return Capability(
            name="publishing",
            status="ok",
            served_by=f"YouTube for real videos of connected channels (`ytempire channels list`); else the local library ({settings.library_root})",
            limits="100 uploads a day and 10,000 quota units for all channels together; demonstrations stay in the library",
            better="",
        )
    return Capability(
        name="publishing",
        status="ok",
        served_by=f"local library ({settings.library_root})",
        limits="watchable pages and a feed on this machine; nothing leaves it",
        better="set YOUTUBE_CLIENT_ID and YOUTUBE_CLIENT_SECRET and run `ytempire channels connect CHANNEL` to publish to YouTube",
    )


def _trends(settings: Settings) -> Capability:
    off = [name for name, on in (("Reddit", settings.accept_reddit_terms), ("Google Trends", settings.accept_gtrends_terms)) if not on]
    status: Status = "limited" if settings.network == "off" else "ok"
    served = "the demo corpus" if settings.network == "off" else "RSS and Atom feeds, Hacker News, Wikipedia pageviews; the demo corpus when no network answers"
    switch = {"Reddit": "YTEMPIRE_ACCEPT_REDDIT_TERMS=true", "Google Trends": "YTEMPIRE_ACCEPT_GTRENDS_TERMS=true"}
    better = f"read their terms and set {' and '.join(switch[name] for name in off)}" if off else ""
    return Capability(
        name="trends", status=status, served_by=served, limits=f"off until you accept their terms: {', '.join(off)}" if off else "", better=better
    )


def _payments(settings: Settings) -> Capability:
    if settings.stripe_secret_key is None:
        served, how = "self-hosted plan (no Stripe key)", "set STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRETS only to sell plans to others"
        return Capability(name="payments", status="ok", served_by=served, limits="none but the machine's", better=how)
    live = settings.stripe_secret_key.get_secret_value().startswith(("sk_live_", "rk_live_"))
    served = f"Stripe ({'live' if live else 'test'} mode)"
    if settings.stripe_webhook_secrets is None:
        limits, how = "payments are not noticed: STRIPE_WEBHOOK_SECRETS is not set", "add /webhooks/stripe to the account's webhooks and set its secret"
        return Capability(name="payments", status="limited", served_by=served, limits=limits, better=how)
    count = len(settings.stripe_webhook_secrets.get_secret_value().split(","))
    return Capability(name="payments", status="ok", served_by=f"{served}, {count} webhook secret(s)", limits="those of each tenant's plan", better="")


def _gpu(settings: Settings) -> Capability:
    devices = capacity(settings)["gpu"]
    if devices:
        return Capability(name="gpu", status="ok", served_by=f"{devices} worker(s)", limits="", better="")
    return Capability(name="gpu", status="limited", served_by="none", limits="nothing needs one yet", better="")


def _disk(settings: Settings) -> Capability:
    there = settings.home
    while not there.exists():
        there = there.parent
    free = shutil.disk_usage(there).free / _GB
    writable = os.access(there, os.W_OK)
    status: Status = "ok" if free >= LEAST_FREE_GB and writable else "limited" if writable else "missing"
    better = "" if status == "ok" else f"free at least {LEAST_FREE_GB:.0f} GB, or set YTEMPIRE_HOME to a folder on another disk"
    return Capability(
        name="disk",
        status=status,
        served_by=f"{free:.1f} GB free under {settings.home}",
        limits="a one-minute video takes about 60 MB with its parts",
        better=better,
    )

"""The shelf of stand-ins: every outside service that can be rehearsed against, what serves it, and the settings that point to it."""

import json
import re
import threading
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.types import ASGIApp

from infra.clock import SYSTEM_CLOCK
from infra.errors import Invalid
from memory.personality import load_personalities
from tools.sandbox import Fault, FaultKind, FaultScript, SeenRequest
from tools.sandbox_sources import rehearsed_clips, rehearsed_pictures, rehearsed_sources
from tools.vendors.anthropic.sandbox import anthropic_app
from tools.vendors.elevenlabs.sandbox import elevenlabs_app
from tools.vendors.google_tts.sandbox import google_tts_app
from tools.vendors.openai.sandbox import openai_app
from tools.vendors.pexels.sandbox import pexels_app
from tools.vendors.pixabay.sandbox import pixabay_app
from tools.vendors.stripe.sandbox import KEY, SECRET, rehearsed_stripe
from tools.vendors.youtube.sandbox_stage import rehearsed_client, rehearsed_youtube

_SECRET_HEADERS = frozenset({"authorization", "x-api-key", "xi-api-key", "x-goog-api-key", "cookie"})
_KEY_IN_A_QUERY = re.compile(r"((?:^|&)(?:key|token|access_token)=)[^&]*")
_TEXT_OF_A_BODY = 2000
_ON_SCRIPT = "a fault of the operator's own script"
Plays = Literal["once", "always"]


@dataclass(frozen=True)
class StandIn:
    """One service: `make` builds its server, `variables` gives the environment that sends the studio to `url` instead of the vendor."""

    name: str
    make: Callable[[], ASGIApp]
    variables: Callable[[str], dict[str, str]]


def rehearsed_pexels() -> ASGIApp:
    """Serve made-up photographs and clips of the demo corpus as Pexels would."""
    return pexels_app(rehearsed_pictures(), clips=rehearsed_clips())


def rehearsed_pixabay() -> ASGIApp:
    """Serve made-up photographs and clips of the demo corpus as Pixabay would."""
    return pixabay_app(rehearsed_pictures(), clips=rehearsed_clips())


SHELF = (
    StandIn("sources", rehearsed_sources, lambda url: {"YTEMPIRE_SOURCES_SANDBOX_URL": url}),
    StandIn("openai", openai_app, lambda url: {"OPENAI_BASE_URL": url, "OPENAI_API_KEY": "sk-sandbox", "YTEMPIRE_IMAGES_MODEL": "gpt-image-2.5-flare"}),
    StandIn("anthropic", anthropic_app, lambda url: {"ANTHROPIC_BASE_URL": url, "ANTHROPIC_API_KEY": "sk-ant-sandbox"}),
    StandIn("elevenlabs", elevenlabs_app, lambda url: {"ELEVENLABS_BASE_URL": url, "ELEVENLABS_API_KEY": "xi-sandbox", "ELEVENLABS_VOICE": "auto"}),
    StandIn("google_tts", google_tts_app, lambda url: {"GOOGLE_TTS_BASE_URL": url, "GOOGLE_TTS_API_KEY": "google-sandbox"}),
    StandIn("youtube", lambda: rehearsed_youtube(tuple(load_personalities())), rehearsed_client),
    StandIn("pexels", rehearsed_pexels, lambda url: {"PEXELS_BASE_URL": url, "PEXELS_API_KEY": "pexels-sandbox"}),
    StandIn(
        "pixabay",
        rehearsed_pixabay,
        lambda url: {"PIXABAY_BASE_URL": url, "PIXABAY_API_KEY": "pixabay-sandbox"},
    ),
)
# Served by name only. They are no part of a rehearsal: with a key of Stripe its plans would count for the studio.
BESIDE = (StandIn("stripe", rehearsed_stripe, lambda url: {"STRIPE_BASE_URL": url, "STRIPE_SECRET_KEY": KEY, "STRIPE_WEBHOOK_SECRETS": SECRET}),)


def chosen(names: tuple[str, ...]) -> tuple[StandIn, ...]:
    """Return the stand-ins of those names, all of a rehearsal for none; raises Invalid naming the unknown one."""
    known = {one.name: one for one in (*SHELF, *BESIDE)}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise Invalid(f"service: {unknown[0]!r} has no stand-in; there are {', '.join(known)}")
    return tuple(known[name] for name in names) if names else SHELF


class ScriptedFault(BaseModel):
    """A fault of a script file: which requests of which service, what happens, and whether once (`times`, after `skip` served as usual) or always."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    service: str
    path: str = Field(default="/", pattern=r"^/", max_length=500)
    method: str = Field(default="", pattern=r"^[A-Z]{0,10}$")
    kind: str
    plays: Plays = "once"
    times: int = Field(default=1, ge=1, le=1000)
    skip: int = Field(default=0, ge=0, le=100_000)
    status: int = Field(default=200, ge=200, le=599)
    seconds: float = Field(default=0.0, ge=0, le=600)
    size: int = Field(default=0, ge=0, le=1_000_000_000)
    body: str = ""
    headers: dict[str, str] = Field(default_factory=dict)

    def fault(self) -> Fault:
        """Return it as the server plays it; raises Invalid for an unknown kind."""
        kinds = get_args(FaultKind)
        if self.kind not in kinds:
            raise Invalid(f"fault.kind: {self.kind!r} is unknown; give one of {', '.join(kinds)}")
        kind: FaultKind = self.kind  # type: ignore[assignment]
        return Fault(kind, _ON_SCRIPT, self.status, self.seconds, self.size, self.body.encode(), tuple(self.headers.items()))


def read_script(path: Path) -> tuple[ScriptedFault, ...]:
    """Read the `[[fault]]` tables of a TOML file; raises Invalid naming the file, the field and the fix."""
    try:
        tables = tomllib.loads(path.read_text("utf-8")).get("fault", [])
        faults = tuple(ScriptedFault.model_validate(table) for table in tables)
    except OSError as error:
        raise Invalid(f"faults: {path} cannot be read ({error.strerror})") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Invalid(f"faults: {path} is not a TOML file ({error})") from error
    except (ValidationError, AttributeError, TypeError) as error:
        raise Invalid(f"faults: {path}: {_first(error)}") from error
    for one in faults:
        chosen((one.service,))
        one.fault()
    return faults


def _first(error: Exception) -> str:
    if isinstance(error, ValidationError):
        found = error.errors()[0]
        return f"fault.{'.'.join(str(part) for part in found['loc'])}: {found['msg']}"
    return "`fault` must be a list of tables, each begun by [[fault]]"


def load_faults(script: FaultScript, service: str, faults: tuple[ScriptedFault, ...]) -> None:
    """Give a running stand-in its part of a script."""
    for one in (one for one in faults if one.service == service):
        if one.plays == "always":
            script.always(one.path, one.fault())
        else:
            script.play(one.path, *([one.fault()] * one.times), method=one.method, skip=one.skip)


class EffectRecord:
    """A file with one JSON line for every request that reached a stand-in, without the secrets that it carried."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        path.parent.mkdir(parents=True, exist_ok=True)

    def observer(self, service: str) -> Callable[[SeenRequest, int, Fault | None], None]:
        """Return what writes down the requests of one service."""

        def observe(request: SeenRequest, status: int, fault: Fault | None) -> None:
            played = {"status": status, "fault": fault.kind if fault else None}
            line = {"at": SYSTEM_CLOCK.now().isoformat(), "service": service, **_told(request), **played}
            with self._lock, self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line, ensure_ascii=False) + "\n")

        return observe


def _told(request: SeenRequest) -> dict[str, Any]:
    headers = {name: "(hidden)" if name.lower() in _SECRET_HEADERS else value for name, value in request.headers.items()}
    hidden = "token" in request.path.rsplit("/", 1)[-1]
    body = "(hidden)" if hidden else request.body[:_TEXT_OF_A_BODY].decode("utf-8", "replace")
    query = _KEY_IN_A_QUERY.sub(r"\1(hidden)", request.query)
    told = {"method": request.method, "path": request.path, "query": query, "headers": headers, "body": body}
    # By the digest two requests are seen to be the same, also where the body is hidden or cut short here.
    return {**told, "bytes": len(request.body), "sha256": sha256(request.body).hexdigest()}

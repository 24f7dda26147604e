"""`/v1/settings`."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, Field

from api.auth.confirming import RequireConfirmed
from api.http.fields import Body
from api.http.principal import Principal, Require
from api.http.problems import problems
from api.http.state import ServiceState, State
from api.http.versions import Version, answer, versioned
from api.settings.desk import ensure_of_the_studio, told_settings
from infra.database import UnitOfWork
from infra.errors import NotFound
from infra.ids import canonical_json
from memory.repositories.audit import AuditRepository
from memory.repositories.settings import SettingRepository

router = APIRouter(tags=["settings"])
Reader = Annotated[Principal, Require("settings:read")]
Editor = Annotated[Principal, RequireConfirmed("settings:edit")]
Name = Annotated[str, Path(pattern=r"^[A-Z][A-Z0-9_]{1,80}$")]


class SettingView(BaseModel):
    """One setting. The value of a secret, or of an address that may hold one, is never told: `is_set` says that there is one."""

    name: str
    value: bool | int | float | str | None
    is_set: bool
    secret: bool
    source: Literal["default", "environment", "set"]
    changeable: bool
    changed_by: str | None
    changed_at: datetime | None


class SettingList(BaseModel):
    """All of them, by name."""

    items: list[SettingView]


class SettingChange(Body):
    """The value from now on; null lets the environment's hold again."""

    value: Annotated[float | None, Field(ge=0, le=100_000)]


@router.get("/v1/settings", response_model=SettingList)
def settings_list(request: Request, state: State, who: Reader) -> Response:
    """List the settings: what each is, where that comes from, and which may be changed while the studio runs."""
    ensure_of_the_studio(who, "settings:read")
    with state.work(who) as session:
        return answer(request, canonical_json({"items": list(told_settings(state.settings, SettingRepository(session).list_()))}))


@router.get("/v1/settings/{name}", response_model=SettingView, responses=problems(404))
def settings_get(request: Request, state: State, who: Reader, name: Name) -> Response:
    """Return one setting."""
    ensure_of_the_studio(who, "settings:read")
    with state.work(who) as session:
        return answer(request, _one(session, state, name))


@router.put("/v1/settings/{name}", response_model=SettingView, responses=problems(404, 412, 428))
def settings_edit(state: State, who: Editor, version: Version, name: Name, asked: SettingChange) -> Response:
    """Change a setting while the studio runs; the others are set in the environment."""
    ensure_of_the_studio(who, "settings:edit")
    with state.work(who) as session:
        version.check(_one(session, state, name))
        if asked.value is None:
            SettingRepository(session).unset(name)
        else:
            SettingRepository(session).set(name, asked.value, who.user_id)
        AuditRepository(session).append(who.user_id, "setting.changed", name, {"value": asked.value})
        return versioned(_one(session, state, name))


def _one(session: UnitOfWork, state: ServiceState, name: str) -> bytes:
    found = next((one for one in told_settings(state.settings, SettingRepository(session).list_()) if one["name"] == name), None)
    if found is None:
        raise NotFound(f"setting: there is no {name}; `GET /v1/settings` lists them", setting=name)
    return canonical_json(found)

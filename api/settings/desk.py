"""What is told of settings: where each comes from, and of secrets only whether they are set."""

from collections.abc import Iterator
from typing import Any

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from api.http.principal import Principal
from api.http.refusals import NotAllowed
from infra.settings import Settings
from memory.records.settings import SettingRecord
from memory.records.tenants import LOCAL_TENANT
from memory.repositories.settings import LIMITS

# Addresses of servers hold passwords, and places on the disk are nobody's business.
_HIDDEN = ("_url", "_dsn", "notify", "operator_token")


def ensure_of_the_studio(who: Principal, permission: str) -> None:
    """Raise NotAllowed for whoever belongs to another tenant than the one that runs the studio."""
    if who.tenant_id != LOCAL_TENANT:
        raise NotAllowed(f"permission {permission}: only the tenant that runs the studio has it", permission=permission)


def told_settings(settings: Settings, changed: dict[str, SettingRecord]) -> Iterator[dict[str, Any]]:
    """Yield every setting by the name that the environment gives it, in their order."""
    for field, info in sorted(type(settings).model_fields.items(), key=lambda one: _name(*one)):
        name, value = _name(field, info), getattr(settings, field)
        row, secret = changed.get(name), _is_hidden(field, info)
        source = "set" if row else "environment" if field in settings.model_fields_set else "default"
        shown = None if secret else row.value if row else value if isinstance(value, bool | int | float | str | None) else str(value)
        yield {
            "name": name,
            "value": shown,
            "is_set": row is not None or value not in (None, "", ()),
            "secret": secret,
            "source": source,
            "changeable": name in LIMITS,
            "changed_by": row.changed_by if row else None,
            "changed_at": row.changed_at.isoformat() if row else None,
        }


def _name(field: str, info: FieldInfo) -> str:
    alias = info.validation_alias
    return alias if isinstance(alias, str) else f"YTEMPIRE_{field.upper()}"


def _is_hidden(field: str, info: FieldInfo) -> bool:
    return SecretStr in (info.annotation, *getattr(info.annotation, "__args__", ())) or field.endswith(_HIDDEN)

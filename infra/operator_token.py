"""The operator's token of a home: made once, readable by its owner only."""

import os
import secrets

from infra.settings import Settings

_FILE = "operator.token"


def find_operator_token(settings: Settings) -> str | None:
    """Return the token from the settings or the home's file; None when there is neither."""
    if settings.operator_token is not None:
        return settings.operator_token.get_secret_value()
    try:
        return (settings.home / _FILE).read_text("ascii").strip() or None
    except FileNotFoundError:
        return None


def make_operator_token(settings: Settings) -> str:
    """Make the home's token, or return the one that another process made first."""
    settings.home.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(settings.home / _FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return find_operator_token(settings) or ""
    with os.fdopen(handle, "w") as file:
        token = secrets.token_urlsafe(32)
        file.write(token + "\n")
        file.flush()
        os.fsync(file.fileno())
    return token

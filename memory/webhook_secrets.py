"""The secrets that sign events on their way out: random, shown once, sealed at rest with the keys of the home's identity."""

import secrets

from infra.keyring import ensure_keys
from infra.settings import Settings
from memory.vault import Vault


def new_secret() -> str:
    """Return a fresh secret of 256 bits."""
    return f"whsec_{secrets.token_hex(32)}"


class WebhookSecrets:
    """Seals and opens them, each bound to its endpoint."""

    def __init__(self, settings: Settings) -> None:
        given = settings.identity_keys
        self._vault = Vault(tuple(given.get_secret_value().split(",")) if given is not None else ensure_keys(settings.home / "identity.keys"))

    def seal(self, secret: str, endpoint_id: str) -> str:
        """Return the secret as it is kept."""
        return self._vault.seal(secret, f"webhook:{endpoint_id}")

    def open(self, sealed: str, endpoint_id: str) -> str:
        """Return the secret; raises VaultLocked."""
        return self._vault.open(sealed, f"webhook:{endpoint_id}")

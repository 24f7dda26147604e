"""The only way to a request to Stripe: the gateway books it, a kill switch holds it back or cuts it, and its connections end with it."""

from collections.abc import Callable
from contextlib import closing
from typing import TypeVar

from infra.database import Database
from infra.settings import Settings
from memory.artifacts import Provenance
from memory.ledger import Charge
from tools.gateway_free import FreeCall
from tools.gateway_watch import LEASE_S
from tools.registry import load_constant
from tools.vendors.stripe.errors import StripeAway
from tools.vendors.stripe.port import Payments, is_live_key

PROVIDER = "stripe"
# With the SDK, which is loaded where there is a key.
_CLIENT = "tools.vendors.stripe.client:StripeClient"
_T = TypeVar("_T")


class StripeDoor:
    """Requests on behalf of tenants; without a key there are none."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._settings = settings

    @property
    def livemode(self) -> bool:
        """Whether the key in use moves real money."""
        key = self._settings.stripe_secret_key
        return key is not None and is_live_key(key.get_secret_value())

    def call(self, operation: str, tenant_id: str | None, ask: Callable[[Payments], _T]) -> _T:
        """Make one request, which costs nothing; raises StripeAway, StripeRefused, and Stopped while a kill switch covers it."""
        truth = Provenance.REAL if self._settings.stripe_base_url is None else Provenance.REHEARSAL
        charge = Charge(PROVIDER, operation, 0, tenant_id=tenant_id, provenance=truth.value, lease_s=LEASE_S)
        with FreeCall(self._database, charge, (StripeAway,)), closing(load_constant(_CLIENT)(self._settings)) as client:
            return ask(client)

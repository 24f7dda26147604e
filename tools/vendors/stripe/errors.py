"""What a request to Stripe can come to, as facts of the studio."""

from infra.errors import Forbidden
from tools.base import ToolError, ToolRetry


class StripeAway(ToolRetry):
    """Stripe did not answer, or asked to be left alone for a while; nothing may be concluded."""

    code = "stripe_away"


class StripeRefused(ToolError):
    """Stripe refused the request: a key, a price or an object is not what the settings say."""

    code = "stripe_refused"


class EventRefused(Forbidden):
    """What came to the webhook is not an event that Stripe signed, now, for this account and mode."""

    code = "stripe_event_refused"

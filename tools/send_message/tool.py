"""One message, one address, one attempt, through the gateway's book of free calls."""

from memory.addresses import addresses_of
from memory.repositories.messages import MessageRepository
from tools.base import ToolContext
from tools.gateway_free import FreeCall, free_charge
from tools.job_database import job_database
from tools.send_message.schema import SPEC, SendMessageArgs, SendMessageResult
from tools.vendors.apprise.client import AppriseNotifier, Letter

PROVIDER = "notify"


def run(args: SendMessageArgs, ctx: ToolContext) -> SendMessageResult:
    """Send a queued message to one of the configured addresses.

    A failure is a result: the outbox decides when to try again. Raises MessageMissing, and Stopped while a kill switch covers it.
    """
    address = next((one for one in addresses_of(ctx.settings) if one.digest == args.address), None)
    if address is None:
        return SendMessageResult(outcome="refused", said="the address is no longer in YTEMPIRE_NOTIFY")
    if ctx.settings.network == "off":
        return SendMessageResult(outcome="later", said="YTEMPIRE_NETWORK is off")
    with job_database(ctx, SPEC.name) as database:
        with database.unit_of_work() as session:
            message = MessageRepository(session).get(args.message)
            letter = Letter(f"[ytempire] {message.subject}", f"{message.body}\n\n{message.id}", message.severity)
        ctx.ensure_live()
        with FreeCall(database, free_charge(ctx, PROVIDER, address.url.partition(":")[0].lower()[:40])) as usage:
            told = AppriseNotifier().send(address.url, letter)
            usage["outcome"] = told.outcome
    return SendMessageResult(outcome=told.outcome, said=told.said)

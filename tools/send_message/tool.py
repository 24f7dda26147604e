"""One message, one address, one attempt, through the gateway's book of free calls."""

from infra.database import Session
from memory.addresses import Address, addresses_of, report_addresses
from memory.records.messages import MessageRecord
from memory.repositories.autonomous_runs import AutonomousRunRepository
from memory.repositories.messages import REPORT, MessageRepository
from tools.base import ToolContext
from tools.gateway_free import FreeCall, free_charge
from tools.job_database import job_database
from tools.send_message.schema import SPEC, SendMessageArgs, SendMessageResult
from tools.vendors.apprise.client import AppriseNotifier, Letter

PROVIDER = "notify"


def run(args: SendMessageArgs, ctx: ToolContext) -> SendMessageResult:
    """Send a queued message to one of the configured addresses, or of those its run reports to.

    A failure is a result: the outbox decides when to try again. Raises MessageMissing, and Stopped while a kill switch covers it.
    """
    if ctx.settings.network == "off":
        return SendMessageResult(outcome="later", said="YTEMPIRE_NETWORK is off")
    with job_database(ctx, SPEC.name) as database:
        with database.unit_of_work() as session:
            message = MessageRepository(session).get(args.message)
            address = _find(session, ctx, message, args.address)
            if address is None:
                return SendMessageResult(outcome="refused", said="the address is no longer in YTEMPIRE_NOTIFY, nor one of its run")
            letter = Letter(f"[ytempire] {message.subject}", f"{message.body}\n\n{message.id}", message.severity)
        ctx.ensure_live()
        with FreeCall(database, free_charge(ctx, PROVIDER, address.url.partition(":")[0].lower()[:40])) as usage:
            told = AppriseNotifier().send(address.url, letter)
            usage["outcome"] = told.outcome
    return SendMessageResult(outcome=told.outcome, said=told.said)


def _find(session: Session, ctx: ToolContext, message: MessageRecord, digest: str) -> Address | None:
    """Return the address of that digest: the operator's, or one of the autonomous run whose report it is."""
    given = AutonomousRunRepository(session).addresses(str(message.about.get("autonomous_run"))) if message.kind == REPORT else ()
    own = report_addresses(given, ctx.settings)
    return next((one for one in (*addresses_of(ctx.settings), *own) if one.digest == digest), None)

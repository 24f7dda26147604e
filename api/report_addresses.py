"""Where reports go: addresses of one run, checked before it starts, and how every address fares."""

from collections.abc import Sequence
from typing import Any

from api.capabilities import Capability
from api.stack import Stack
from infra.database import Database, Session
from infra.errors import Invalid
from infra.settings import Settings
from memory.addresses import addresses_of, mail_server, plain_mail, report_addresses
from memory.records.autonomous_runs import AutonomousRunRecord
from memory.repositories.messages import MessageRepository
from tools.vendors.apprise.client import understands

MOST = 10
_KINDS = "give ada@example.org, or an Apprise URL such as mailtos://user:password@smtp.example.org?to=ada@example.org or tgram://token/chat"


def read_addresses(given: Sequence[str], settings: Settings) -> tuple[str, ...]:
    """Return the addresses of a run's reports as they are kept, each once; raises Invalid naming the option, what is wrong and the fix."""
    found = tuple(dict.fromkeys(one.strip() for one in given))
    if len(found) > MOST:
        raise Invalid(f"--report-to: {len(found)} addresses are given and a run reports to at most {MOST}; name a list address instead")
    for number, one in enumerate(found, 1):
        # What stands in a URL may be a secret and is not repeated.
        named = repr(one) if plain_mail(one) or "://" not in one else f"number {number} ({one.partition('://')[0]}://...)"
        if plain_mail(one):
            if mail_server(settings) is None:
                whole = f"mailtos://user:password@smtp.example.org?to={plain_mail(one)}"
                raise Invalid(f"--report-to: {named} needs a mail server to go through; put one into YTEMPIRE_NOTIFY, or give the whole {whole}")
        elif not understands(one):
            raise Invalid(f"--report-to: {named} is no address that messages can be sent to; {_KINDS}")
    return found


def labels_of(given: Sequence[str], settings: Settings) -> tuple[str, ...]:
    """Return what people are shown of these addresses."""
    return tuple(one.label for one in report_addresses(given, settings))


def fates_of(session: Session, run: AutonomousRunRecord) -> list[dict[str, Any]]:
    """Return each of a run's own addresses and what became of the newest report there, as JSON values."""
    fates = MessageRepository(session).report_fates(run.id)
    labels = run.request.get("report_to", ())
    return [{"address": label, "status": fates[label].status, "said": fates[label].error or ""} if label in fates else _untold(label) for label in labels]


def message_state(stack: Stack) -> Capability:
    """Return where messages go, and which addresses do not take them."""
    configured = [one.label for one in addresses_of(stack.settings)]
    database = Database(stack.urls.database, pool_size=1)
    try:
        with database.unit_of_work() as session:
            failing = MessageRepository(session).list_failing()
    finally:
        database.dispose()
    served = ", ".join(configured) or "kept here only; `ytempire messages list` shows them"
    limits = "; ".join(f"{one.label} takes none: {one.said}" for one in failing)
    better = " ".join(f"mend {one.label}, then `ytempire messages retry {one.message_id}`." for one in failing)
    hint = "" if configured else "set YTEMPIRE_NOTIFY to be told of incidents and reports"
    return Capability(name="messages", status="ok" if configured and not failing else "limited", served_by=served, limits=limits, better=better or hint)


def _untold(label: str) -> dict[str, Any]:
    return {"address": label, "status": "no report yet", "said": ""}

"""A consent is withdrawn at the platform first and forgotten after that, so that none is left there which nobody here knows of."""

from infra.database import Database, Session
from memory.records.platform_channels import PlatformChannelRecord
from memory.repositories.messages import MessageRepository
from memory.repositories.platform_channels import PlatformChannelRepository
from memory.repositories.quota import Spender
from memory.repositories.readings import ReadingRepository
from memory.repositories.run_events import RunEventRepository
from memory.repositories.runs import RunRepository
from tools.base import ToolContext
from tools.disconnect_account.schema import SPEC, DisconnectAccountArgs, DisconnectAccountResult
from tools.job_database import job_database
from tools.vendors.youtube.consent import withdraw_consent
from tools.youtube_consent import vault_of
from tools.youtube_door import Door

ACCOUNT_REVOKED = "account.revoked"


def run(args: DisconnectAccountArgs, ctx: ToolContext) -> DisconnectAccountResult:
    """Withdraw the consent, delete it and the readings made through it, and tell the operator and every run of the channel that goes on.

    A consent that ended already is forgotten without asking the platform. Raises NotConnected, VaultLocked, and OutcomeUnknown when no answer came.
    """
    with job_database(ctx, SPEC.name) as database:
        with database.unit_of_work() as session:
            channels = PlatformChannelRepository(session)
            held = channels.get(args.channel)
            token = channels.open_token(args.channel, vault_of(ctx.settings)) if held.state == "active" else None
        if token is not None:
            _withdraw(token, held, ctx, database)
        with database.unit_of_work() as session:
            PlatformChannelRepository(session).disconnect(args.channel)
            # The platform's policy gives seven days for this (III.E.4); nothing is gained by waiting.
            gone = ReadingRepository(session, ctx.clock.now()).forget(args.channel)
            told = _tell(session, held, args, ctx.job_id)
        return DisconnectAccountResult(title=held.title, readings_deleted=gone.readings, runs_told=told)


def _withdraw(token: str, held: PlatformChannelRecord, ctx: ToolContext, database: Database) -> None:
    door = Door(database, ctx, Spender(held.project, f"disconnect:{ctx.job_id}", held.channel_id), ctx.settings.youtube_granted)
    door.send("oauth.revoke", lambda: withdraw_consent(token, ctx.settings.youtube_base_url))


def _tell(session: Session, held: PlatformChannelRecord, args: DisconnectAccountArgs, job_id: str) -> tuple[str, ...]:
    runs = tuple(run.id for run in RunRepository(session).list_unfinished() if run.channel_id == held.channel_id)
    for run_id in runs:
        RunEventRepository(session).append(run_id, ACCOUNT_REVOKED, {"account": held.title, "by": args.by, "reason": args.reason})
    going = f"{len(runs)} runs of it go on and will not be able to publish there: {', '.join(runs)}." if runs else "No run of it is under way."
    body = f"{args.by} withdrew the consent of {held.title} ({held.external_id}): {args.reason}. {going} Connect the channel again to publish there."
    about = {"channel": held.channel_id, "external_id": held.external_id, "runs": list(runs)}
    MessageRepository(session).queue(f"account:{job_id}", "account", f"{held.channel_id} is not connected to YouTube any more", body, "warning", about)
    return runs

"""`ytempire channels`: connect channels to YouTube, see them and today's quota, change the key, and settle what only a person can decide."""

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from api.learning import add_to as add_learning
from api.stack import Stack
from infra.clock import SYSTEM_CLOCK
from infra.database import Database
from infra.errors import Invalid
from infra.keyring import add_key, ensure_keys
from infra.settings import Settings, load_settings
from memory.ledger import Charge
from memory.personality import load_personalities
from memory.repositories.audit import AuditRepository
from memory.repositories.channels import ChannelRepository
from memory.repositories.platform_channels import Connection, PlatformChannelRepository
from memory.repositories.publications import Answer, PublicationRepository
from memory.repositories.quota import QuotaLedger, Spender
from memory.repositories.readings import ReadingRepository
from memory.vault import Vault
from tools.base import provenance_of_connection
from tools.gateway_free import FreeCall
from tools.gateway_watch import LEASE_S
from tools.vendors.youtube.client import YouTubeClient
from tools.vendors.youtube.consent import Asking, ask_for_consent, withdraw_consent
from tools.vendors.youtube.consent_page import SCOPES
from tools.vendors.youtube.errors import OutcomeUnknown
from tools.vendors.youtube.port import ChannelView

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Channel = Annotated[str, typer.Argument(help="The studio's channel.")]
_OPERATOR = "operator"


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    verb = typer.Typer(help="Connect channels to YouTube and look after the connections.", no_args_is_help=True)
    verb.command(name="list")(list_channels)
    verb.command(name="connect")(connect)
    verb.command(name="disconnect")(disconnect)
    verb.command(name="rotate-key")(rotate_key)
    verb.command(name="settle")(settle)
    add_learning(verb)
    app.add_typer(verb, name="channels")


def list_channels(as_json: AsJson = False) -> None:
    """List the connected channels and what is left of today's quota."""
    settings = load_settings()
    with _books(settings) as session:
        rows = [_row(one) for one in PlatformChannelRepository(session).list_()]
        ledger = QuotaLedger(session, SYSTEM_CLOCK.now(), settings.youtube_granted)
        quota = ledger.summary(rows[0]["project"] if rows else settings.youtube_client_id or "")
    if as_json:
        typer.echo(json.dumps({"channels": rows, "quota": quota}, default=str))
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("channel", "youtube", "title", "state", "connected"):
        table.add_column(heading)
    for row in rows:
        table.add_row(
            row["channel"], row["external_id"], row["title"], row["state"] + (f": {row['reason']}" if row["reason"] else ""), str(row["connected"])[:16]
        )
    Console().print(table if rows else "no channel is connected; connect one with: ytempire channels connect CHANNEL")
    Console().print("left of today's quota: " + ", ".join(f"{bucket} {left}" for bucket, left in quota.items()))


def connect(
    channel: Channel,
    browser: Annotated[bool, typer.Option(help="Open the browser here.")] = True,
    account: Annotated[str | None, typer.Option(help="The Google account to propose.")] = None,
    as_json: AsJson = False,
) -> None:
    """Ask the owner of a YouTube channel for consent and connect it; also mends a consent that ended."""
    settings = load_settings()
    client = _client(settings)
    known = load_personalities()
    if channel not in known:
        raise Invalid(f"channel: {channel!r} is not one of the studio's; there are {', '.join(sorted(known))}")
    token = ask_for_consent(client, Asking(lambda address: typer.echo(f"open: {address}", err=True), browser, account), settings.youtube_base_url)
    found = _read_channel(channel, token, settings)
    new = Connection(channel, found.id, found.title, client[0], _provenance(settings), found.uploads_playlist, SCOPES)
    with _books(settings) as session:
        ChannelRepository(session).ensure(channel, channel, known[channel].name)
        row = _row(PlatformChannelRepository(session).connect(new, token, _vault(settings)))
        AuditRepository(session).append(_OPERATOR, "channel.connected", channel, {"youtube": found.id, "project": client[0]})
    typer.echo(json.dumps(row, default=str) if as_json else f"{channel} publishes to {found.title} ({found.id}) from now on")


def disconnect(channel: Channel, as_json: AsJson = False) -> None:
    """Withdraw a consent at Google, forget it here, and delete what was read through it."""
    settings = load_settings()
    with _books(settings) as session:
        channels = PlatformChannelRepository(session)
        if channels.get(channel).state == "active":
            withdraw_consent(channels.open_token(channel, _vault(settings)), settings.youtube_base_url)
        channels.disconnect(channel)
        # The platform's policy gives seven days for this (III.E.4); nothing is gained by waiting.
        gone = ReadingRepository(session, SYSTEM_CLOCK.now()).forget(channel)
        AuditRepository(session).append(_OPERATOR, "channel.disconnected", channel, {})
    said = f"{channel} is not connected to YouTube any more; {gone.readings} readings of it were deleted"
    typer.echo(json.dumps({"channel": channel, "readings_deleted": gone.readings}) if as_json else said)


def rotate_key(as_json: AsJson = False) -> None:
    """Make a new key and seal every consent with it; running publish workers take it at their next start."""
    settings = load_settings()
    if settings.token_keys is not None:
        raise Invalid("YTEMPIRE_TOKEN_KEYS: the keys come from the environment; put a new one first there, then run this again")
    with _books(settings) as session:
        changed = PlatformChannelRepository(session).rotate(Vault(add_key(settings.token_keys_file)))
        AuditRepository(session).append(_OPERATOR, "token_key.rotated", "all", {"consents": changed})
    typer.echo(json.dumps({"consents": changed}) if as_json else f"{changed} consents are sealed with the new key; restart the stack")


def settle(
    key: Annotated[str, typer.Argument(help="The publication's key: the run.")],
    answer: Annotated[Answer, typer.Argument(help="video: it is there; none: it is certainly not there; again: mended, go on; drop: give it up.")],
    video: Annotated[str | None, typer.Option(help="The video's id, with the answer `video`.")] = None,
    as_json: AsJson = False,
) -> None:
    """Answer what a publication waits for; afterwards `ytempire resume` goes on."""
    with _books(load_settings()) as session:
        row = PublicationRepository(session).settle(key, answer, video)
        AuditRepository(session).append(_OPERATOR, "publication.settled", key, {"answer": answer.value, "video": video, "state": row.state})
        state = row.state
    typer.echo(json.dumps({"key": key, "state": state}) if as_json else f"{key} is {state.replace('_', ' ')} now; go on with: ytempire resume")


@contextmanager
def _books(settings: Settings) -> Iterator[Any]:
    """Yield a unit of work on the database of the home's stack, as the role that may touch consents."""
    with _database(settings) as database, database.unit_of_work() as session:
        yield session


@contextmanager
def _database(settings: Settings) -> Iterator[Database]:
    with Stack(settings) as stack:
        database = Database(stack.urls.database_publish, pool_size=1)
        try:
            yield database
        finally:
            database.dispose()


def _read_channel(channel: str, token: str, settings: Settings) -> ChannelView:
    """Ask the platform whose channel the consent opens; booked like every call, with the unit of quota that it costs."""
    client = _client(settings)
    charge = Charge("youtube", "channels.list", 0, provenance=_provenance(settings), lease_s=LEASE_S)
    with _database(settings) as database, closing(YouTubeClient(token, client, settings.youtube_base_url)) as youtube:
        with database.unit_of_work() as session:
            who = Spender(client[0], f"connect:{channel}")
            QuotaLedger(session, SYSTEM_CLOCK.now(), settings.youtube_granted).spend(who, "channels.list")
        with FreeCall(database, charge, (OutcomeUnknown,)):
            return youtube.channel()


def _provenance(settings: Settings) -> str:
    return provenance_of_connection(settings).value


def _client(settings: Settings) -> tuple[str, str]:
    if settings.youtube_client is None:
        raise Invalid("YOUTUBE_CLIENT_ID and YOUTUBE_CLIENT_SECRET: set both to your OAuth client (type: desktop app)")
    return settings.youtube_client


def _vault(settings: Settings) -> Vault:
    return Vault(settings.token_keys.get_secret_value().split(",") if settings.token_keys else ensure_keys(settings.token_keys_file))


def _row(one: Any) -> dict[str, Any]:
    about = {name: getattr(one, name) for name in ("external_id", "title", "project", "state", "reason")}
    return {"channel": one.channel_id, **about, "connected": one.connected_at}

"""A rehearsal: the whole pipeline with its real clients, against stand-ins on this machine, in a home of its own."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

from api.stack_host import StackUrls
from infra.database import Database
from infra.errors import Invalid
from infra.keyring import ensure_keys
from infra.settings import Settings
from memory.artifacts import Provenance
from memory.personality import get_personality
from memory.repositories.channels import ChannelRepository
from memory.repositories.platform_channels import Connection, PlatformChannelRepository
from memory.vault import Vault
from tools.sandbox import Sandbox
from tools.sandboxes import SHELF, EffectRecord
from tools.vendors.youtube.consent_page import SCOPES
from tools.vendors.youtube.sandbox_stage import staged_account

FOLDER = "rehearsal"
_SOME_ADDRESS = "http://127.0.0.1:1"
_THIS_MACHINE = frozenset({"127.0.0.1", "::1", "localhost"})


@contextmanager
def rehearsing(settings: Settings) -> Iterator[Settings]:
    """Serve every stand-in and yield settings that send all outside calls to them; nothing real is asked and no real memory is touched.

    The rehearsal's database, media and library lie in the folder `rehearsal` of the home, with a record of every request in its logs. Where the
    settings name a stand-in on this machine for every service already, as `ytempire sandbox` tells to, those are used: they outlive this process, so
    that a rehearsal that was killed finds its uploads again.
    """
    home = settings.home.resolve() / FOLDER
    if serves_all(settings):
        yield _replaced(settings, {"YTEMPIRE_HOME": str(home), "YTEMPIRE_NETWORK": "auto"})
        return
    effects = EffectRecord(home / "logs" / "sandbox.jsonl")
    variables: dict[str, str] = {}
    with ExitStack() as running:
        for one in SHELF:
            server = running.enter_context(Sandbox(one.make(), observe=effects.observer(one.name)))
            variables |= one.variables(server.url)
        yield _replaced(settings, {**variables, "YTEMPIRE_HOME": str(home), "YTEMPIRE_NETWORK": "auto"})


def serves_all(settings: Settings) -> bool:
    """Say whether the settings send every service that has a stand-in to a server on this machine."""
    given = settings.environment()
    addresses = [variable for one in SHELF for variable, value in one.variables(_SOME_ADDRESS).items() if value == _SOME_ADDRESS]
    return all(urlsplit(given.get(variable, "")).hostname in _THIS_MACHINE for variable in addresses)


def _replaced(settings: Settings, variables: dict[str, str]) -> Settings:
    """Return the settings with those variables; a database, queue or media store of the real studio is left out, so the rehearsal has its own."""
    kept = {name: getattr(settings, name) for name in settings.model_fields_set}
    aliases = {str(field.validation_alias): name for name, field in type(settings).model_fields.items()}
    changed = {aliases[variable]: value for variable, value in variables.items()}
    # Empty rather than left out: a child process would read what is left out from the environment or `.env` again.
    own = dict.fromkeys(("database_url", "database_publish_url", "database_api_url", "database_admin_url", "redis_url", "token_keys", "media", "listen"), "")
    return Settings.model_validate({**kept, **changed, **own})


def connect_stage(urls: StackUrls, settings: Settings, channel: str) -> None:
    """Connect a channel to its stand-in account, as its owner would with `ytempire channels connect`; doing it again changes nothing."""
    account, client = staged_account(channel), settings.youtube_client
    if client is None:
        raise Invalid("YOUTUBE_CLIENT_ID: a rehearsal needs the stand-in's OAuth client; start it through `rehearsing`")
    new = Connection(channel, account.channel_id, account.title, client[0], Provenance.REHEARSAL.value, account.uploads_playlist, SCOPES)
    database = Database(urls.database_publish, pool_size=1)
    try:
        with database.unit_of_work() as session:
            ChannelRepository(session).ensure(channel, channel, get_personality(channel).name)
            PlatformChannelRepository(session).connect(new, account.refresh_token, Vault(ensure_keys(settings.token_keys_file)))
    finally:
        database.dispose()

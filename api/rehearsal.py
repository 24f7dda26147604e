"""A rehearsal: the whole pipeline with its real clients, against stand-ins on this machine, in a home of its own."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from infra.settings import Settings
from tools.sandbox import Sandbox
from tools.sandboxes import SHELF, EffectRecord

FOLDER = "rehearsal"


@contextmanager
def rehearsing(settings: Settings) -> Iterator[Settings]:
    """Serve every stand-in and yield settings that send all outside calls to them; nothing real is asked and no real memory is touched.

    The rehearsal's database, media and library lie in the folder `rehearsal` of the home, with a record of every request in its logs.
    """
    home = settings.home.resolve() / FOLDER
    effects = EffectRecord(home / "logs" / "sandbox.jsonl")
    variables: dict[str, str] = {}
    with ExitStack() as running:
        for one in SHELF:
            server = running.enter_context(Sandbox(one.make(), observe=effects.observer(one.name)))
            variables |= one.variables(server.url)
        yield _replaced(settings, {**variables, "YTEMPIRE_HOME": str(home), "YTEMPIRE_NETWORK": "auto"})


def _replaced(settings: Settings, variables: dict[str, str]) -> Settings:
    """Return the settings with those variables; a database or queue of the real studio is left out, so the rehearsal starts its own."""
    kept = {name: getattr(settings, name) for name in settings.model_fields_set}
    aliases = {str(field.validation_alias): name for name, field in type(settings).model_fields.items()}
    changed = {aliases[variable]: value for variable, value in variables.items()}
    # Empty rather than left out: a child process would read what is left out from the environment or `.env` again.
    return Settings.model_validate({**kept, **changed, "database_url": "", "database_admin_url": "", "redis_url": ""})

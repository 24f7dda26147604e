"""The schema and how it comes to be: `migrate(url)` brings a database to the newest revision."""

from collections.abc import Callable

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from infra.log import get_logger
from memory.migrations import isolation
from memory.migrations.isolation import API_ROLE, APP_ROLE
from memory.schema_revision import SchemaBusy, newest_revision

PUBLISH_ROLE = "ytempire_publish"
SCHEMA_MIGRATED = "schema.migrated"
_LOCK = 0x79744D69  # "ytMi": one migration at a time in a database
_WAIT_FOR_OTHERS = "120s"
_WAIT_FOR_TABLE = "10s"
_LOCK_NOT_AVAILABLE = "55P03"
_log = get_logger("migrations")

# Privileges of the role that everything but migrations connects as; the audit trail can only be added to.
_GRANTS = (
    "grant usage on schema public to {role}",
    "grant select, insert, update, delete on all tables in schema public to {role}",
    "grant usage, select on all sequences in schema public to {role}",
    "alter default privileges in schema public grant select, insert, update, delete on tables to {role}",
    "alter default privileges in schema public grant usage, select on sequences to {role}",
    "revoke insert, update, delete on alembic_version from {role}",
)
_APPEND_ONLY = "revoke update, delete, truncate on audit_events from {role}"
_SEALS = ("revoke update, delete, truncate on audit_seals from {role}", "revoke insert, update, truncate on audit_unsealed from {role}")
# The consents of channel owners: sealed, and out of reach of every role but that of the workers that publish.
_CONSENTS_APART = ("revoke all on channel_tokens from {role}", "grant select, insert, update, delete on channel_tokens to {publish}")
# What an owner answered: whoever asked writes it down, and cannot read it back.
_ANSWERS_APART = (
    "revoke all on consent_secrets from {role}",
    "grant insert, delete, select (request_id), update (code) on consent_secrets to {role}",
    "grant select, insert, update, delete on consent_secrets to {publish}",
)


def migrate(url: str, revision: str = "head") -> None:
    """Bring the database at `url` (its owner's libpq URL) to `revision`, as a whole or not at all.

    Safe to call from many processes at once: one works, the others wait and find nothing to do. Raises `SchemaBusy`
    when a lock could not be had within 10 s for a table or 120 s for another migration.
    """
    _run(url, lambda config: command.upgrade(config, revision), upward=True)


def downgrade(url: str, revision: str) -> None:
    """Take the database back to `revision` (`base` drops every table of ours), as a whole or not at all."""
    _run(url, lambda config: command.downgrade(config, revision), upward=False)


def _run(url: str, work: Callable[[Config], None], *, upward: bool) -> None:
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"), poolclass=NullPool)
    config = _config()
    try:
        with engine.begin() as connection:
            connection.execute(text(f"set local lock_timeout = '{_WAIT_FOR_OTHERS}'"))
            connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _LOCK})
            connection.execute(text(f"set local lock_timeout = '{_WAIT_FOR_TABLE}'"))
            config.attributes["connection"] = connection
            if _revision(connection) != newest_revision() or not upward:
                isolation.lift(connection)  # the columns that policies name may go or change
            work(config)
            _grant(connection)
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", None) != _LOCK_NOT_AVAILABLE:
            raise
        raise SchemaBusy("the schema is locked by another session; end it, or try again when it is idle") from error
    finally:
        engine.dispose()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "memory:migrations")
    config.set_main_option("path_separator", "os")
    return config


def _grant(connection: Connection) -> None:
    """Give the restricted roles their privileges where they exist: a server of the user's own may have other roles."""
    if not _has_role(connection, APP_ROLE):
        return
    statements = list(_GRANTS)
    if _has_table(connection, "audit_events"):
        statements.append(_APPEND_ONLY)
    if _has_table(connection, "audit_seals"):
        statements.extend(_SEALS)
    if _has_table(connection, "channel_tokens") and _has_role(connection, PUBLISH_ROLE):
        statements.extend(_CONSENTS_APART)
    if _has_table(connection, "consent_secrets") and _has_role(connection, PUBLISH_ROLE):
        statements.extend(_ANSWERS_APART)
    for statement in statements:
        connection.exec_driver_sql(statement.format(role=APP_ROLE, publish=PUBLISH_ROLE))
    if _has_role(connection, API_ROLE):
        isolation.impose(connection, complete=_revision(connection) == newest_revision())
    _log.info(SCHEMA_MIGRATED, revision=_revision(connection))


def _revision(connection: Connection) -> str | None:
    if not _has_table(connection, "alembic_version"):
        return None
    found: str | None = connection.scalar(text("select max(version_num) from alembic_version"))
    return found


def _has_role(connection: Connection, name: str) -> bool:
    asked = text("select 1 from pg_roles where rolname = :role and rolname <> current_user")
    return connection.scalar(asked, {"role": name}) is not None


def _has_table(connection: Connection, name: str) -> bool:
    return connection.scalar(text("select to_regclass(:table)"), {"table": f"public.{name}"}) is not None

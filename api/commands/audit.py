"""`ytempire audit`: read the audit trail, and verify that nothing in it was changed, removed or slipped in."""

from typing import Annotated, Any

import typer

from api.desk import at_database, tell
from infra.database import UnitOfWork
from memory.repositories.audit import AuditRepository, details_of

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    verb = typer.Typer(help="Read the audit trail and verify it.", no_args_is_help=True)
    verb.command(name="list")(list_events)
    verb.command(name="verify")(verify)
    app.add_typer(verb, name="audit")


def list_events(
    after: Annotated[int, typer.Option(min=0, help="Only events after the one of this number.")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many at most.")] = 100,
    as_json: AsJson = False,
) -> None:
    """List events, oldest first."""

    def work(session: UnitOfWork) -> dict[str, Any]:
        found = AuditRepository(session).list_(after, limit)
        about = ("id", "tenant_id", "actor", "action", "subject")
        return {"events": [{name: getattr(one, name) for name in about} | {"at": one.at.isoformat(), "details": details_of(one)} for one in found]}

    tell(
        at_database(work),
        as_json,
        lambda body: [f"{one['id']:>6}  {one['at'][:19]}  {one['actor']:<16} {one['action']:<24} {one['subject']}" for one in body["events"]],
    )


def verify(
    head: Annotated[str | None, typer.Option(help="The hash that was kept elsewhere: it also betrays a trail that was cut short.")] = None,
    as_json: AsJson = False,
) -> None:
    """Seal what waits to be sealed, then check the whole trail; fails naming the first event that does not fit."""

    def work(session: UnitOfWork) -> dict[str, Any]:
        trail = AuditRepository(session)
        # Checked before as well: sealing must not make an event look whole that was tampered with while it waited.
        trail.verify(head)
        while trail.seal():
            pass
        last = trail.head()
        return {"events": trail.verify(), "head": last.hash if last else None}

    tell(at_database(work), as_json, lambda body: [f"{body['events']} events, none changed, removed or slipped in; head {body['head']}"])

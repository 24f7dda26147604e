"""`ytempire doctor`: what works here, what serves it, its limits, and how to switch on the better one."""

import json
from typing import Annotated, Any

import typer
from rich.console import Console

from api.backup_state import backup_state
from api.capabilities import Capability, capabilities
from api.findings import last_findings, render_findings
from api.live_providers import probe_providers
from api.live_sources import check_sources
from api.machines import machine_capabilities
from api.report_addresses import message_state
from api.stack import Stack
from api.workshop import open_workshop, run
from infra.embedded.redis import require_redis
from infra.settings import load_settings
from memory.probes import Probe

EXIT_MISSING = 1


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command(name="doctor")(doctor)


def doctor(
    live: Annotated[bool, typer.Option("--live", help="Also ask every configured provider, and fetch every source once.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Say what the studio can do here, and what would make it better."""
    settings = load_settings()
    with Stack(settings) as stack:
        services = (*_services(stack), backup_state(stack), message_state(stack))
        found_last = last_findings(stack)
        probes, sources = run(_live(stack)) if live else (None, None)
    found = capabilities(settings, services)
    if as_json:
        body: dict[str, Any] = {"capabilities": [one.model_dump() for one in found], "watchdog": found_last}
        if probes is not None:
            body |= {"providers": [probe.model_dump(mode="json") | {"name": probe.name} for probe in probes], "sources": sources}
        typer.echo(json.dumps(body, ensure_ascii=False))
    else:
        _tell(found)
        render_findings({**found_last, "findings": [one for one in found_last["findings"] if one["status"] != "ok"]})
        if probes is not None:
            _tell_probes(probes)
        for source in sources or ():
            typer.echo(f"{source['status']:<13}{source['source_id']:<32}{source['reason']}")
    if any(one.status == "missing" for one in found) or any(not probe.ok for probe in probes or ()):
        raise typer.Exit(EXIT_MISSING)


def _services(stack: Stack) -> tuple[Capability, ...]:
    settings = stack.settings
    require_redis(stack.urls.redis)
    own_database, own_queue = settings.database_url is not None, settings.redis_url is not None
    return (
        Capability(
            name="database",
            status="ok",
            served_by="your PostgreSQL (DATABASE_URL)" if own_database else "embedded PostgreSQL with pgvector",
            limits="" if own_database else "one machine; data in the studio's home",
            better="" if own_database else "set DATABASE_URL to a PostgreSQL 17+ server with pgvector",
        ),
        Capability(
            name="queue",
            status="ok",
            served_by="your Redis (REDIS_URL)" if own_queue else "embedded Redis",
            limits="" if own_queue else "one machine",
            better="" if own_queue else "set REDIS_URL",
        ),
        *machine_capabilities(settings, stack.urls.database),
    )


async def _live(stack: Stack) -> tuple[tuple[Probe, ...], list[dict[str, Any]]]:
    async with open_workshop(stack) as workshop:
        return await probe_providers(workshop), await check_sources(workshop)


def _tell_probes(probes: tuple[Probe, ...]) -> None:
    console = Console(soft_wrap=True)
    if not probes:
        console.print("no provider was asked: none is configured, or YTEMPIRE_NETWORK=off", highlight=False)
    for probe in probes:
        state = "ok" if probe.ok else "failed"
        console.print(f"{state:<8} {probe.name:<32} {probe.ms} ms  {probe.said}", markup=False, highlight=False)
        if probe.fix:
            console.print(f"{'':9}fix: {probe.fix}", markup=False, highlight=False)
    if any(not probe.ok for probe in probes):
        console.print("autonomous runs are refused until a `ytempire doctor --live` finds these mended", highlight=False)


def _tell(found: tuple[Capability, ...]) -> None:
    console = Console(soft_wrap=True)
    for one in found:
        console.print(f"{one.status:<8} {one.name:<11} {one.served_by}", markup=False, highlight=False)
        if one.limits:
            console.print(f"{'':21}limits: {one.limits}", markup=False, highlight=False)
        if one.better:
            console.print(f"{'':21}better: {one.better}", markup=False, highlight=False)

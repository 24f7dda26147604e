"""What the HTTP service answers under load, beside an endpoint that only says hello, measured in one run."""

import asyncio
import json
import statistics
from typing import Any
from urllib.request import Request, urlopen

import psycopg
from websockets.asyncio.client import ClientConnection, connect

from evals.bench_api_load import Call, Rate, load
from evals.bench_api_stage import Stage, staged
from infra.errors import Unavailable

CONNECTIONS, USERS = 32, 100
CHANGES = 100
_ANSWERS_WITHIN_S = 30.0
# What the console asks for every few seconds.
_POLLED = "/v1/channels?limit=5"


def measure_api(seconds: float, rounds: int, users: int = USERS, changes: int = CHANGES) -> dict[str, Any]:
    """Measure for so long a time and so often; loads and floor take turns, so that other work on the machine falls on all alike."""
    with staged(users) as stage:
        return asyncio.run(_measure(stage, seconds, rounds, changes))


async def _measure(stage: Stage, seconds: float, rounds: int, changes: int) -> dict[str, Any]:
    loads = await _loads(stage)
    found: dict[str, list[Rate]] = {name: [] for name in loads}
    for port, calls in loads.values():  # connections are made and statements prepared when they are first needed
        await load(port, calls, 0.0)
    for _ in range(rounds):
        for name, (port, calls) in loads.items():
            found[name].append(await load(port, calls, seconds))
    figures: dict[str, Any] = {"connections": CONNECTIONS, "users": len(stage.tokens)}
    for name, rates in found.items():
        figures[f"{name}_rps"] = statistics.median(one.rps for one in rates)
        figures[f"{name}_p99_ms"] = statistics.median(one.percentile_ms(0.99) for one in rates)
        figures[f"{name}_errors"] = sum(one.errors for one in rates)
    for name in ("row", "polled", "unchanged", "list"):
        figures[f"{name}_rps_share"] = figures[f"{name}_rps"] / figures["hello_rps"]
        figures[f"{name}_p99_ratio"] = figures[f"{name}_p99_ms"] / figures["hello_p99_ms"]
    few, many = (statistics.median(one.percentile_ms(0.95) for one in found[name]) for name in ("approvals_few", "approvals_many"))
    figures |= {"approvals_few_p95_ms": few, "approvals_many_p95_ms": many, "approvals_p95_ratio": many / few if few else 0.0}
    return {**figures, **await _crowd(stage, seconds), **await _reaching(stage, changes)}


async def _loads(stage: Stage) -> dict[str, tuple[int, list[list[Call]]]]:
    etag = (await asyncio.to_thread(_get, stage, _POLLED))[1]
    cursor = json.loads((await asyncio.to_thread(_get, stage, "/v1/channels?limit=50"))[0])["next"]

    def many(*calls: Call) -> list[list[Call]]:
        return [[*calls[at % len(calls) :], *calls[: at % len(calls)]] for at in range(CONNECTIONS)]

    rows = [Call(f"/v1/channels/bench-{number}", stage.token) for number in range(1, 301)]
    return {
        "hello": (stage.hello_port, many(Call("/hello"))),
        "row": (stage.port, many(*rows)),
        "polled": (stage.port, many(Call(_POLLED, stage.token))),
        "unchanged": (stage.port, many(Call(_POLLED, stage.token, etag))),
        # A page behind a cursor is never kept.
        "list": (stage.port, many(Call(f"/v1/channels?limit=50&cursor={cursor}", stage.token))),
        "approvals_few": (stage.port, many(Call("/v1/approvals?status=pending&limit=10", stage.token))),
        "approvals_many": (stage.port, many(Call("/v1/approvals?status=pending&limit=10", stage.crowded_token))),
    }


async def _crowd(stage: Stage, seconds: float) -> dict[str, Any]:
    """Let all users look at different pages at once while channels change."""
    pages = [f"/v1/channels?limit={number}" for number in (5, 10, 20, 50)] + ["/v1/incidents", "/v1/channels/bench-7"]
    calls = [[Call(pages[(at + turn) % len(pages)], token) for turn in range(len(pages))] for at, token in enumerate(stage.tokens)]
    before = await asyncio.to_thread(_reads, stage)
    changing = asyncio.create_task(asyncio.to_thread(_change_for, stage, max(2, int(seconds * 5))))
    rate = await load(stage.port, calls, seconds)
    await changing
    after = await asyncio.to_thread(_reads, stage)
    reads = {outcome: after.get(outcome, 0.0) - before.get(outcome, 0.0) for outcome in ("hit", "miss", "bypassed")}
    return {
        "crowd_rps": rate.rps,
        "crowd_p99_ms": rate.percentile_ms(0.99),
        "crowd_errors": rate.errors,
        "cache_hit_ratio": reads["hit"] / max(1.0, sum(reads.values())),
    }


def _change_for(stage: Stage, times: int) -> None:
    with psycopg.connect(stage.urls.app, autocommit=True) as connection:
        for number in range(times):
            connection.execute("update channels set name = %s where id = 'bench-1'", [f"Renamed {number}"])
            connection.execute("select pg_sleep(0.2)")


async def _reaching(stage: Stage, changes: int) -> dict[str, Any]:
    """Measure from before a row is changed to the moment at which a subscribed page knows."""
    request = Request(f"http://127.0.0.1:{stage.port}/v1/me/socket-tickets", method="POST", headers={"authorization": f"Bearer {stage.token}"})
    ticket = (await asyncio.to_thread(_ask, request))[0]
    took: list[float] = []
    loop = asyncio.get_running_loop()
    async with (
        connect(f"ws://127.0.0.1:{stage.port}/ws", proxy=None) as page,
        await psycopg.AsyncConnection.connect(stage.urls.app, autocommit=True) as connection,
    ):
        await page.send(json.dumps({"type": "authenticate", "ticket": json.loads(ticket)["ticket"]}))
        await page.send(json.dumps({"type": "subscribe", "topics": ["channel:bench-2"]}))
        await _until(page, "subscribed")
        for number in range(changes):
            begun = loop.time()
            await connection.execute("update channels set name = %s where id = 'bench-2'", [f"Told {number}"])
            await _until(page, "event")
            took.append((loop.time() - begun) * 1000)
    return {"reach_p50_ms": statistics.median(took), "reach_p95_ms": statistics.quantiles(took, n=20)[-1]}


async def _until(page: ClientConnection, kind: str) -> None:
    async with asyncio.timeout(_ANSWERS_WITHIN_S):
        while (said := json.loads(await page.recv()))["type"] != kind:
            if said["type"] == "error":
                raise Unavailable(f"the socket refused: {said['detail']}")


def _get(stage: Stage, path: str) -> tuple[bytes, str]:
    return _ask(Request(f"http://127.0.0.1:{stage.port}{path}", headers={"authorization": f"Bearer {stage.token}"}))


def _ask(request: Request) -> tuple[bytes, str]:
    with urlopen(request, timeout=_ANSWERS_WITHIN_S) as answer:  # noqa: S310 - our own server on this machine  # nosec B310
        return answer.read(), answer.headers.get("etag", "")


def _reads(stage: Stage) -> dict[str, float]:
    """Return how often kept reads were asked for, by outcome, as the service counts them."""
    lines = _get(stage, "/metrics")[0].decode().splitlines()
    wanted = [line.split(" ") for line in lines if line.startswith("ytempire_cache_reads_total") and 'policy="api_responses"' in line]
    return {name.partition('outcome="')[2].partition('"')[0]: float(value) for name, value in wanted}

"""What the HTTP service answers under load, beside an endpoint that only says hello, measured in one run."""

import asyncio
import json
import statistics
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from typing import Any
from urllib.request import Request, urlopen

import psycopg
from websockets.asyncio.client import ClientConnection, connect

from evals.bench_api_load import Call, Rate, load
from evals.bench_api_render import Render, resting_render
from evals.bench_api_stage import FEW, Stage, staged
from infra.clock import SYSTEM_CLOCK
from infra.errors import Unavailable

CONNECTIONS, USERS = 32, 100
CHANGES = 100
_ANSWERS_WITHIN_S = 30.0
# What the console asks for every few seconds.
_POLLED = "/v1/channels?limit=5"


Beside = Callable[[], AbstractContextManager[Render]]


def measure_api(seconds: float, rounds: int, users: int = USERS, changes: int = CHANGES, beside: Beside = resting_render) -> dict[str, Any]:
    """Measure for so long a time and so often, while the machine does nothing else and while a film is encoded on every core.

    Loads and floor take turns, so that other work on the machine falls on all alike.
    """
    with beside() as render, staged(users) as stage:
        return asyncio.run(_measure(stage, render, (seconds, rounds, changes)))


async def _measure(stage: Stage, render: Render, sizes: tuple[float, int, int]) -> dict[str, Any]:
    seconds, rounds, changes = sizes
    loads = await _loads(stage)
    quiet, busy = _Found(loads), _Found(loads)
    for port, calls in loads.values():  # connections are made and statements prepared when they are first needed
        await load(port, calls, 0.0)
    for _ in range(rounds):
        await quiet.round(seconds)
        with render.going():
            await busy.round(seconds)
    figures: dict[str, Any] = {"connections": CONNECTIONS, "users": len(stage.tokens), **quiet.figures(quiet)}
    figures |= await _crowd(stage, seconds) | await _reaching(stage, changes)
    with render.going():
        beside = busy.figures(quiet) | await _crowd(stage, seconds) | await _reaching(stage, changes)
    return {
        **figures,
        **{f"rendering_{name}": value for name, value in beside.items()},
        "rendering_cores": render.cores,
        "rendering_cores_alone": render.cores_alone,
    }


class _Found:
    """What loads measured, round by round."""

    def __init__(self, loads: dict[str, tuple[int, list[list[Call]]]]) -> None:
        self._loads = loads
        self._rates: dict[str, list[Rate]] = {name: [] for name in loads}

    async def round(self, seconds: float) -> None:
        """Measure each load once."""
        for name, (port, calls) in self._loads.items():
            self._rates[name].append(await load(port, calls, seconds))

    def rps(self, name: str) -> float:
        """Return the median of requests a second."""
        return statistics.median(one.rps for one in self._rates[name])

    def ms(self, name: str, share: float) -> float:
        """Return the median of the times that this share of answers took at most."""
        return statistics.median(one.percentile_ms(share) for one in self._rates[name])

    def figures(self, beside: "_Found") -> dict[str, Any]:
        """Return all figures, with shares of and ratios to the floor of `beside`."""
        told: dict[str, Any] = {}
        for name, rates in self._rates.items():
            told |= {f"{name}_rps": self.rps(name), f"{name}_p99_ms": self.ms(name, 0.99), f"{name}_errors": sum(one.errors for one in rates)}
        for name in ("row", "polled", "unchanged", "list"):
            told[f"{name}_rps_share"] = self.rps(name) / beside.rps("hello")
            told[f"{name}_p99_ratio"] = self.ms(name, 0.99) / beside.ms("hello", 0.99)
        few, many = self.ms("approvals_few", 0.95), self.ms("approvals_many", 0.95)
        return told | {"approvals_few_p95_ms": few, "approvals_many_p95_ms": many, "approvals_p95_ratio": many / few if few else 0.0}


async def _loads(stage: Stage) -> dict[str, tuple[int, list[list[Call]]]]:
    etag = (await asyncio.to_thread(_get, stage, _POLLED))[1]
    # A page behind a cursor is never kept.
    cursor = await _cursor(stage, "/v1/channels?limit=50", stage.token)
    waiting = f"/v1/approvals?status=pending&limit={FEW // 2}"
    few, many_pending = [f"{waiting}&cursor={await _cursor(stage, waiting, token)}" for token in (stage.token, stage.crowded_token)]

    def many(*calls: Call) -> list[list[Call]]:
        return [[*calls[at % len(calls) :], *calls[: at % len(calls)]] for at in range(CONNECTIONS)]

    rows = [Call(f"/v1/channels/bench-{number}", stage.token) for number in range(1, 301)]
    return {
        "hello": (stage.hello_port, many(Call("/hello"))),
        "row": (stage.port, many(*rows)),
        "polled": (stage.port, many(Call(_POLLED, stage.token))),
        "unchanged": (stage.port, many(Call(_POLLED, stage.token, etag))),
        "list": (stage.port, many(Call(f"/v1/channels?limit=50&cursor={cursor}", stage.token))),
        "approvals_few": (stage.port, many(Call(few, stage.token))),
        "approvals_many": (stage.port, many(Call(many_pending, stage.crowded_token))),
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
    async with (
        connect(f"ws://127.0.0.1:{stage.port}/ws", proxy=None) as page,
        await psycopg.AsyncConnection.connect(stage.urls.app, autocommit=True) as connection,
    ):
        await page.send(json.dumps({"type": "authenticate", "ticket": json.loads(ticket)["ticket"]}))
        await page.send(json.dumps({"type": "subscribe", "topics": ["channel:bench-2"]}))
        await _until(page, "subscribed")
        return await reach(page, lambda number: connection.execute("update channels set name = %s where id = 'bench-2'", [f"Told {number}"]), changes)


async def reach(page: ClientConnection, change: Callable[[int], Awaitable[object]], changes: int) -> dict[str, Any]:
    """Make changes one after the other and time how long a subscribed page waits for each; after one that it never hears of, the rest are lost too."""
    took_ms: list[float] = []
    for number in range(changes):
        begun = SYSTEM_CLOCK.monotonic()
        await change(number)
        try:
            await _until(page, "event")
        except TimeoutError:
            break
        took_ms.append((SYSTEM_CLOCK.monotonic() - begun) * 1000)
    lost = changes - len(took_ms)
    # What never came counts as what it was waited for.
    took_ms += [_ANSWERS_WITHIN_S * 1000] * lost
    return {"reach_p50_ms": statistics.median(took_ms), "reach_p95_ms": statistics.quantiles(took_ms, n=20)[-1], "reach_lost": lost}


async def _until(page: ClientConnection, kind: str) -> None:
    async with asyncio.timeout(_ANSWERS_WITHIN_S):
        while (said := json.loads(await page.recv()))["type"] != kind:
            if said["type"] == "error":
                raise Unavailable(f"the socket refused: {said['detail']}")


async def _cursor(stage: Stage, path: str, token: str) -> str:
    return str(json.loads((await asyncio.to_thread(_get, stage, path, token))[0])["next"])


def _get(stage: Stage, path: str, token: str | None = None) -> tuple[bytes, str]:
    return _ask(Request(f"http://127.0.0.1:{stage.port}{path}", headers={"authorization": f"Bearer {token or stage.token}"}))


def _ask(request: Request) -> tuple[bytes, str]:
    with urlopen(request, timeout=_ANSWERS_WITHIN_S) as answer:  # noqa: S310 - our own server on this machine  # nosec B310
        return answer.read(), answer.headers.get("etag", "")


def _reads(stage: Stage) -> dict[str, float]:
    """Return how often kept reads were asked for, by outcome, as the service counts them."""
    lines = _get(stage, "/metrics")[0].decode().splitlines()
    wanted = [line.split(" ") for line in lines if line.startswith("ytempire_cache_reads_total") and 'policy="api_responses"' in line]
    return {name.partition('outcome="')[2].partition('"')[0]: float(value) for name, value in wanted}

"""Every request to the outside is an entry of the ledger: the gateway books what is billed, its free side what costs quota or nothing."""

import ast
from functools import cache
from pathlib import Path

import pytest

from infra.settings import CHECKOUT

VENDORS = CHECKOUT / "tools" / "vendors"
PRODUCT = sorted(path for package in ("infra", "memory", "tools", "agents", "graphs", "api", "evals") for path in (CHECKOUT / package).rglob("*.py"))
# Libraries that open connections by themselves, and the SDKs built on them.
NETWORK = frozenset(
    {
        *("aiohttp", "anthropic", "boto3", "elevenlabs", "google.cloud", "googleapiclient", "google_auth_httplib2", "httpcore", "httpcore2", "httplib2"),
        *("http.client", "httpx", "httpx2", "langchain_openai", "openai", "requests", "stripe", "urllib.request", "urllib3", "websockets"),
    }
)
# The fetcher is itself the door of free reads; sandboxes are servers.
FETCHER = frozenset({"tools/fetch.py", "tools/fetch_body.py", "tools/fetch_guard.py", "tools/fetch_json.py", "tools/fetch_pace.py"})
# Chaos asks the stand-ins that it started itself, on this machine, what they saw; a bench asks the service that it started.
BENCHES = frozenset({"evals/chaos_stage.py", "evals/bench_api.py", "evals/bench_api_stage.py"})
# A simulation stands in for the platform inside the process: the client's connection ends there, and no socket is opened.
SIMULATIONS = frozenset({"evals/simulation/outside.py"})
# The bucket of the media is where the studio keeps its own things, as its database is.
STORES = frozenset({"infra/objects_s3.py"})
# The sign of life says nothing but that the studio is watched over, costs nothing, and must not need the books that it vouches for.
SIGNALS = frozenset({"infra/deadman.py"})
# An assistant's process asks the studio itself, with a program's token, and nobody else.
STUDIO = frozenset({"api/assistant/studio.py"})
# Events go to addresses that an admin named, cost nothing, and must still tell of a kill switch; the log of deliveries is their book.
RECEIVERS = frozenset({"tools/webhook_post.py"})
DOORS = FETCHER | BENCHES | SIMULATIONS | STORES | SIGNALS | STUDIO | RECEIVERS
# The platform is paid in quota, not in money: its calls are booked by the gateway's free side, which every tool reaches through one door.
# Payments cost nothing to ask about; they too are reached through one door.
QUOTA_DOORS = {
    "youtube": frozenset({"tools.gateway_free", "tools.youtube_door"}),
    "stripe": frozenset({"tools.gateway_free", "tools.stripe_door"}),
}
CLIENTS = {"youtube": ("client", "audience_client")}


@cache
def imports(path: Path) -> frozenset[str]:
    """Return every module a file imports, statically or by a name it gives to importlib."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("tools.vendors."):
            found.add(node.value)
    return frozenset(found)


def name(path: Path) -> str:
    return path.relative_to(CHECKOUT).as_posix()


def touches(path: Path, modules: frozenset[str]) -> bool:
    return any(one == module or one.startswith(f"{module}.") for one in imports(path) for module in modules)


def stands_beside(path: Path, modules: frozenset[str]) -> bool:
    return any(touches(one, modules) for one in PRODUCT if one.parent == path.parent)


def is_sandbox(path: Path) -> bool:
    return "sandbox" in path.stem


def billed_vendors() -> list[str]:
    """Return the vendors whose clients open connections themselves: whoever they are, somebody counts what they do."""
    packages = [path for path in VENDORS.iterdir() if (path / "client.py").exists()]
    return sorted(package.name for package in packages if any(touches(path, NETWORK) for path in package.glob("*.py") if not is_sandbox(path)))


def test_the_vendors_that_bill_are_found() -> None:
    assert {"openai", "anthropic"} <= set(billed_vendors())
    assert not {"feeds", "wikipedia", "piper", "ffmpeg"} & set(billed_vendors())


def test_only_vendors_and_the_fetcher_can_reach_the_outside() -> None:
    elsewhere = [name(path) for path in PRODUCT if touches(path, NETWORK) and name(path) not in DOORS and VENDORS not in path.parents]
    assert [path for path in elsewhere if "sandbox" not in path] == []


def test_the_fetcher_is_opened_by_the_gateway_only() -> None:
    made = {name(path) for path in PRODUCT for node in ast.walk(ast.parse(path.read_text("utf-8"))) if _makes_a_fetcher(node)}
    # A probe is booked as a whole, by the gateway itself.
    assert made == {"tools/gateway_free.py", "tools/probe_provider/pictures.py"}


def _makes_a_fetcher(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Fetcher"


@pytest.mark.parametrize("vendor", billed_vendors())
def test_a_client_that_bills_is_used_only_where_the_gateway_is(vendor: str) -> None:
    door = QUOTA_DOORS.get(vendor, frozenset({"tools.gateway"}))
    clients = frozenset(f"tools.vendors.{vendor}.{client}" for client in CLIENTS.get(vendor, ("client",)))
    users = [path for path in PRODUCT if touches(path, clients) and VENDORS not in path.parents]
    assert [name(user) for user in users if not stands_beside(user, door)] == []


def test_free_doors_book_at_the_gateway() -> None:
    for door in ("youtube_door.py", "stripe_door.py"):
        assert touches(CHECKOUT / "tools" / door, frozenset({"tools.gateway_free"}))


def test_whoever_picks_a_vendor_by_name_stands_at_the_gateway() -> None:
    pickers = [path for path in PRODUCT if "tools.vendors." in imports(path) and VENDORS not in path.parents]
    assert [name(path) for path in pickers if not stands_beside(path, frozenset({"tools.gateway"}))] == []


@pytest.mark.parametrize("vendor", billed_vendors())
def test_a_client_that_bills_says_whether_a_failure_was_charged(vendor: str) -> None:
    if vendor in QUOTA_DOORS:
        pytest.skip("its door counts calls that cost no money")
    told = frozenset({"tools.gateway.CallRejected", "tools.gateway.CallTurnedAway"})
    files = [*(VENDORS / vendor).glob("*.py"), VENDORS / "speech.py", VENDORS / "language.py"]
    assert any(touches(path, told) for path in files)


@pytest.mark.parametrize("vendor", billed_vendors())
def test_a_client_that_bills_never_retries_by_itself(vendor: str) -> None:
    for path in (VENDORS / vendor).glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.keyword) and node.arg in {"max_retries", "max_network_retries", "num_retries"}:
                assert isinstance(node.value, ast.Constant), f"{name(path)}:{node.value.lineno}"
                assert node.value.value == 0, f"{name(path)}:{node.value.lineno}"

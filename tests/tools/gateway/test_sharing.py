"""What processes share: circuits, waits, places, and answers that were bought before."""

import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from infra.database import Database
from infra.settings import CHECKOUT, Settings
from memory.ledger import Ledger
from memory.repositories.circuits import CircuitRepository
from memory.switchboard import Switchboard
from tests.fixtures.spending import Meter, ask, job
from tools import gateway_admission, gateway_watch
from tools.gateway import Answer, CallRejected, CallTurnedAway, Gateway, PaidCall, ProviderBusy
from tools.gateway_call import retry_after_s
from tools.sandbox import Sandbox, rate_limited, server_error

_HOLDER = """
import sys, time
from pathlib import Path
from infra.database import Database
from infra.settings import Settings
from tests.fixtures.spending import job
from tools.gateway import Gateway, PaidCall
url, folder = sys.argv[1:]
def make():
    print("in flight", flush=True)
    time.sleep(120)
settings = Settings(_env_file=None, home=Path(folder), network="off")
Gateway(job(settings, url, Path(folder), "job_held"), Database(url)).call(PaidCall("acme", "work", "held", 1000, concurrency=1, reusable=True), make)
"""


def state(database: Database) -> str:
    with database.unit_of_work() as session:
        (circuit,) = CircuitRepository(session).list_()
        return circuit.state


def pass_time(database: Database) -> float:
    """Let every open circuit's time be over, without waiting for it; return how many seconds it had left."""
    with database.unit_of_work() as session:
        left = session.execute(text("select max(extract(epoch from open_until - now())) from provider_circuits")).scalar_one()
        session.execute(text("update provider_circuits set open_until = now()"))
    return float(left)


def patiently(call: Callable[[], object]) -> object:
    """Call again while others have to end first, as the job kernel does."""
    while True:
        try:
            return call()
        except ProviderBusy:
            continue


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not wait for a free place."""
    monkeypatch.setattr(gateway_admission, "_PATIENCE_S", 0.0)


def test_failures_open_the_circuit_for_every_job_and_one_probe_closes_it(settings: Settings, database: Database, tmp_path: Path, provider: Sandbox) -> None:
    provider.faults.always("/work", server_error(503))
    jobs = [Gateway(job(settings, database.url, tmp_path, f"job_{number}", circuit_failures=3), database) for number in range(6)]
    for gateway in jobs[:3]:
        with pytest.raises(CallTurnedAway):
            gateway.call(*ask(provider.url))
    assert state(database) == "open"
    with pytest.raises(ProviderBusy, match="failed 3 times") as busy:
        jobs[3].call(*ask(provider.url))
    assert busy.value.after_s is not None
    assert len(provider.seen) == 3
    provider.faults.always("/work", None)
    pass_time(database)
    assert jobs[3].call(*ask(provider.url)) == "100 done"
    assert state(database) == "closed"
    assert jobs[4].call(*ask(provider.url)) == "100 done"


def test_a_failed_probe_keeps_the_circuit_open_for_longer(settings: Settings, database: Database, tmp_path: Path, provider: Sandbox) -> None:
    provider.faults.always("/work", server_error(503))
    gateway = Gateway(job(settings, database.url, tmp_path, circuit_failures=1, circuit_open_s=12.0, paid_attempts=9), database)
    waits = []
    for _ in range(4):
        with pytest.raises(CallTurnedAway):
            gateway.call(*ask(provider.url))
        with pytest.raises(ProviderBusy):
            gateway.call(*ask(provider.url))
        waits.append(pass_time(database))
    # Doubled each time up to three quarters of a minute, less what this machine took to look.
    assert [limit - 10 < wait <= limit for wait, limit in zip(waits, (12, 24, 45, 45), strict=True)] == [True] * 4
    assert len(provider.seen) == 4


def test_only_one_call_probes_a_half_open_circuit(settings: Settings, database: Database, tmp_path: Path, provider: Sandbox) -> None:
    provider.faults.play("/work", server_error(503))
    with pytest.raises(CallTurnedAway):
        Gateway(job(settings, database.url, tmp_path, "job_0", circuit_failures=1), database).call(*ask(provider.url))
    pass_time(database)
    made, let_go = threading.Event(), threading.Event()

    def probe() -> Answer:
        made.set()
        assert let_go.wait(20)
        return Answer("back", 1)

    with ThreadPoolExecutor(1) as pool:
        probing = pool.submit(Gateway(job(settings, database.url, tmp_path, "job_1"), database).call, ask(provider.url)[0], probe)
        assert made.wait(20)
        with pytest.raises(ProviderBusy, match="being probed"):
            Gateway(job(settings, database.url, tmp_path, "job_2"), database).call(*ask(provider.url))
        let_go.set()
        assert probing.result() == "back"
    assert state(database) == "closed"


def test_other_endpoints_and_credentials_have_circuits_of_their_own(settings: Settings, database: Database, tmp_path: Path, provider: Sandbox) -> None:
    provider.faults.play("/work", server_error(503))
    gateway = Gateway(job(settings, database.url, tmp_path, circuit_failures=1), database)
    with pytest.raises(CallTurnedAway):
        gateway.call(*ask(provider.url, endpoint="/work", credential="a"))
    for endpoint, credential in (("/work", "b"), ("/models", "a")):
        call, make = ask(provider.url, endpoint=endpoint, credential=credential)
        assert Gateway(job(settings, database.url, tmp_path, endpoint + credential), database).call(call, make) == "100 done"


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_retry_after_holds_back_every_job(settings: Settings, database: Database, tmp_path: Path, provider: Sandbox, form: str) -> None:
    header = "3600" if form == "seconds" else format_datetime(datetime.now(UTC) + timedelta(seconds=3601), usegmt=True)  # noqa: TID251 - the server's clock
    provider.faults.play("/work", rate_limited(header))
    with pytest.raises(CallTurnedAway):
        Gateway(job(settings, database.url, tmp_path, "job_1"), database).call(*ask(provider.url))
    with pytest.raises(ProviderBusy, match="asked to wait") as busy:
        Gateway(job(settings, database.url, tmp_path, "job_2"), database).call(*ask(provider.url))
    assert busy.value.after_s is not None
    assert 3000 < busy.value.after_s <= 3601
    assert len(provider.seen) == 1


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("7", 7.0),
        ("1.5", 1.5),
        ("9" * 400, 86_400.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 86_400.0),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
        ("soon", None),
        ("-5", None),
        (None, None),
    ],
)
def test_retry_after_is_read_or_ignored(header: str | None, expected: float | None) -> None:
    assert retry_after_s(header) == expected


def test_an_operator_lets_a_provider_be_called_again(settings: Settings, database: Database, tmp_path: Path, provider: Sandbox) -> None:
    provider.faults.play("/work", rate_limited("86400"))
    with pytest.raises(CallTurnedAway):
        Gateway(job(settings, database.url, tmp_path, "job_1"), database).call(*ask(provider.url))
    with database.unit_of_work() as session:
        assert Switchboard.with_token(session, "token").reset("acme") == 1
        assert CircuitRepository(session).list_held_back() == ()
    assert Gateway(job(settings, database.url, tmp_path, "job_2"), database).call(*ask(provider.url)) == "100 done"


def test_a_rejection_does_not_count_as_a_failure(settings: Settings, database: Database, tmp_path: Path) -> None:
    def reject() -> Answer:
        raise CallRejected("no such voice")

    for number in range(4):
        with pytest.raises(CallRejected):
            Gateway(job(settings, database.url, tmp_path, f"job_{number}", circuit_failures=2), database).call(PaidCall("acme", "work", 1, 1), reject)


def test_no_more_calls_run_at_once_than_the_plan_allows(settings: Settings, database: Database, tmp_path: Path) -> None:
    running, most, lock = 0, 0, threading.Lock()
    # Each call waits for another one beside it, so that two at once are seen on a machine of any speed.
    pairs = threading.Barrier(2)

    def make() -> Answer:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        pairs.wait(60)
        with lock:
            running -= 1
        return Answer("done", 1)

    def one(number: int) -> object:
        gateway = Gateway(job(settings, database.url, tmp_path, f"job_{number}"), database)
        return patiently(lambda: gateway.call(PaidCall("acme", "work", number, 1, concurrency=2), make))

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(one, range(8))) == ["done"] * 8
    assert most == 2


@pytest.mark.usefixtures("hasty")
def test_the_operator_bounds_calls_at_once(settings: Settings, database: Database, tmp_path: Path) -> None:
    told = {"provider_concurrency": "acme=0"}
    with pytest.raises(ProviderBusy, match="0 may at once"):
        Gateway(job(settings, database.url, tmp_path, **told), database).call(PaidCall("acme", "work", 1, 1), lambda: pytest.fail("was made"))


@pytest.mark.usefixtures("hasty")
def test_a_place_and_a_purchase_are_free_again_after_their_worker_was_killed(
    settings: Settings, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert gateway_watch.LEASE_S <= 30
    holder = subprocess.Popen([sys.executable, "-c", _HOLDER, database.url, str(tmp_path)], cwd=CHECKOUT, stdout=subprocess.PIPE)
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"in flight\n"
        gateway = Gateway(job(settings, database.url, tmp_path, "job_other"), database)
        call = PaidCall("acme", "work", "held", 1000, concurrency=1, reusable=True)
        with pytest.raises(ProviderBusy, match="the same is being bought"):
            gateway.call(call, lambda: pytest.fail("was made"))
        with pytest.raises(ProviderBusy, match="1 calls run, 1 may"):
            gateway.call(replace(call, request="else"), lambda: pytest.fail("was made"))
        holder.kill()
    with database.unit_of_work() as session:
        # What the lease's time would do, without waiting for it.
        session.execute(text("update cost_entries set lease_expires_at = now() - interval '1 second' where lease_expires_at is not null"))
    assert gateway.call(call, lambda: Answer("bought", 900)) == "bought"
    with database.unit_of_work() as session:
        assert sorted((one.status, one.outcome) for one in Ledger(session).list_()) == [("settled", "answered"), ("unknown", "abandoned")]


def test_the_same_content_is_bought_once_by_jobs_that_ask_at_once(
    settings: Settings, database: Database, tmp_path: Path, provider: Sandbox, meter: Meter
) -> None:
    def one(number: int) -> object:
        gateway = Gateway(job(settings, database.url, tmp_path, f"job_{number}"), database)
        return patiently(lambda: gateway.call(*ask(provider.url, 40, reusable=True)))

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(one, range(6))) == ["40 done"] * 6
    assert len(meter.invoice) == 1


def test_an_answer_is_not_shared_unless_it_may_be(settings: Settings, database: Database, tmp_path: Path, provider: Sandbox, meter: Meter) -> None:
    for number in range(2):
        Gateway(job(settings, database.url, tmp_path, f"job_{number}"), database).call(*ask(provider.url))
    assert len(meter.invoice) == 2


def test_an_answer_whose_artifact_is_gone_is_bought_again(settings: Settings, database: Database, tmp_path: Path) -> None:
    context = job(settings, database.url, tmp_path)

    def make() -> Answer:
        digest = context.store.put_bytes(b"audio")
        return Answer({"audio": digest}, 10, artifacts=(digest,))

    call = PaidCall("acme", "speech", "hello", 20, reusable=True)
    first = Gateway(context, database).call(call, make)
    assert isinstance(first, dict)
    context.store.path(str(first["audio"])).unlink()
    assert Gateway(replace(context, job_id="job_2"), database).call(call, make) == first
    assert context.store.read(str(first["audio"])) == b"audio"


def test_an_answer_stored_before_the_worker_died_is_settled_and_not_bought_again(
    settings: Settings, database: Database, tmp_path: Path, provider: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway = Gateway(job(settings, database.url, tmp_path), database)
    with monkeypatch.context() as patched:
        # The instant between keeping the answer and writing the ledger.
        patched.setattr(gateway._books, "settle", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        patched.setattr(gateway._books, "mark_unknown", lambda *_: None)
        with pytest.raises(KeyboardInterrupt):
            gateway.call(*ask(provider.url))
    assert gateway.call(*ask(provider.url)) == "100 done"
    assert len(provider.seen) == 1
    with database.unit_of_work() as session:
        assert [(one.status, one.settled_microusd) for one in Ledger(session).list_()] == [("settled", 700)]

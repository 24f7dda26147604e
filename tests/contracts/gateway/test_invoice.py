"""At run time: every request that a billing stand-in sees is an entry of the ledger, and the two bills agree, failures included."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from infra.database import Database
from infra.errors import StudioError
from memory.ledger import Ledger
from memory.records.costs import CostEntryRecord
from tests.fixtures.language import ASKED, SCHEMA, VENDORS, Bench, Standing, Vendor
from tools.gateway import Answer, Gateway, PaidCall
from tools.sandbox import Sandbox, rate_limited, server_error
from tools.vendors.language import Usage
from tools.vendors.language_prices import cost_micro_usd
from tools.vendors.language_script import nothing, prose, refused


@dataclass(frozen=True)
class Shop:
    """A vendor's stand-in, and a ledger."""

    bench: Bench
    database: Database

    def buy(self, number: int) -> None:
        """Make one logical call as a job of its own."""
        model, context = self.bench.model(), self.bench.context(job_id=f"job_{number}")
        name = f"{model.provider}:{model.model}"

        def make() -> Answer:
            answer = model.complete(ASKED, SCHEMA, 200, 10)
            return Answer(answer.text, cost_micro_usd(name, answer.usage, context.settings, context.clock.now()))

        Gateway(context, self.database).call(PaidCall(model.provider, "write", number, 50_000, credential=model.credential), make)

    def entries(self) -> tuple[CostEntryRecord, ...]:
        """Return what the ledger holds."""
        with self.database.unit_of_work() as session:
            return Ledger(session).list_()

    def invoice(self) -> int:
        """Return what the stand-in itself counted, at list prices, in millionths of a dollar."""
        context, name = self.bench.context(), f"{self.bench.model().provider}:{self.bench.model().model}"
        usages = [Usage(*(int(one[kind]) for kind in ("input", "output", "cache_read", "cache_write"))) for one in self.bench.script.billed]
        return sum(cost_micro_usd(name, usage, context.settings, context.clock.now()) for usage in usages)


@pytest.fixture(params=VENDORS, ids=lambda vendor: vendor.name)
def shop(request: pytest.FixtureRequest, tmp_path: Path, database_url: str) -> Iterator[Shop]:
    vendor: Vendor = request.param
    app, database = vendor.app(deque()), Database(database_url)
    with Sandbox(app) as sandbox:
        yield Shop(Standing(vendor, sandbox, app.state.script).bench(tmp_path, database_url=database_url), database)
    database.dispose()


def test_every_request_is_an_entry_and_the_bills_agree(shop: Shop) -> None:
    faults = (server_error(500), rate_limited("0"), server_error(503))
    shop.bench.sandbox.faults.play(shop.bench.vendor.path, *faults)
    shop.bench.answers.extend([prose(), refused(), nothing()])
    for number in range(10):
        try:
            shop.buy(number)
        except StudioError:
            continue
    entries = shop.entries()
    assert len(entries) == shop.bench.asked == 10
    assert sum(entry.outcome == "not charged" for entry in entries) == len(faults)
    assert {entry.status for entry in entries} == {"settled"}
    assert shop.invoice() > 0
    assert sum(entry.counted_microusd for entry in entries) == pytest.approx(shop.invoice(), rel=0.01)

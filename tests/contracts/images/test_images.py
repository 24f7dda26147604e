"""Pictures from the images endpoint: the real SDK against the stand-in, through the gateway, booked to the cent and bought once."""

import io
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pydantic import SecretStr, TypeAdapter

from infra.database import Database
from infra.embedded.postgres import PostgresUrls
from infra.errors import StudioError
from infra.settings import Settings
from memory.ledger import BudgetExceeded, Ledger
from memory.media import MediaStore
from tests.fixtures.sources import FixedClock
from tools.base import ToolContext, ToolError
from tools.gateway import CallRejected, CallSpoiled, CallTurnedAway
from tools.generate_picture.schema import GeneratePictureArgs
from tools.generate_picture.tool import run
from tools.sandbox import Fault, Sandbox, cut_connection
from tools.vendors.language_prices import PriceUnknown
from tools.vendors.language_script import Script
from tools.vendors.openai import images_sandbox as stand_in
from tools.vendors.openai.sandbox import broken, openai_app, quota_exhausted, too_many_requests, wrong_key
from tools.vendors.openai.wire import IMAGE_RESPONSE

WISH = GeneratePictureArgs(prompt="illustration of a lighthouse, calm and clear", caption="generated picture: lighthouse")
MODEL = "gpt-image-2.5-flare"


@dataclass
class Bench:
    """The running stand-in, and contexts of jobs that spend there."""

    sandbox: Sandbox
    script: Script
    settings: Settings
    home: Path

    def context(self, job: str = "job_1", **changes: Any) -> ToolContext:
        told, store = self.settings.model_copy(update=changes), MediaStore(self.home / "media")
        ctx = ToolContext(settings=told, store=store, scratch=self.home, clock=FixedClock())
        return replace(ctx, job_id=f"{job}_{self.home.name}", run_id=self.run_id)

    @property
    def run_id(self) -> str:
        return f"run_{self.home.name}"

    def spent(self) -> int:
        database = Database(str(self.settings.database_url))
        try:
            with database.unit_of_work() as session:
                return Ledger(session).total_microusd(run_id=self.run_id)
        finally:
            database.dispose()


@pytest.fixture(scope="module")
def ledger_url(new_database: Callable[[], PostgresUrls]) -> str:
    return new_database().app


@pytest.fixture
def bench(tmp_path: Path, ledger_url: str) -> Iterator[Bench]:
    # A key of each test's own: what the provider asks of one credential, to wait for instance, holds for all its jobs.
    key = f"sk-{tmp_path.name}"
    app = openai_app(deque(), key)
    with Sandbox(app) as sandbox:
        given = {"home": tmp_path, "database_url": ledger_url, "openai_api_key": SecretStr(key), "openai_base_url": sandbox.url, "images_model": MODEL}
        # The ledger is shared by the tests of this module: what one buys must not serve another.
        yield Bench(sandbox, app.state.script, Settings.model_validate(given | {"circuit_failures": 50}), tmp_path)


def wish(bench: Bench, **changes: Any) -> GeneratePictureArgs:
    return WISH.model_copy(update={"prompt": f"{WISH.prompt} {bench.home.name}", **changes})


def test_a_picture_is_made_once_and_booked_as_the_provider_bills_it(bench: Bench) -> None:
    made = run(wish(bench), bench.context())
    picture = Image.open(io.BytesIO(bench.context().store.read(made.picture.digest)))
    assert (picture.size, picture.format) == ((1536, 1024), "JPEG")
    assert made.picture.rights.licence == "OWN"
    assert MODEL in made.picture.rights.credit
    (bill,) = bench.script.billed
    # 5 dollars a million tokens in, 30 out.
    assert bench.spent() == -(-(int(bill["input"]) * 5 + int(bill["output"]) * 30) // 1)
    again = run(wish(bench), bench.context("job_2"))
    assert again.picture == made.picture
    assert len(bench.sandbox.seen) == 1
    run(wish(bench, size="1024x1536"), bench.context("job_3"))
    assert len(bench.sandbox.seen) == 2


@pytest.mark.parametrize(
    ("fault", "error", "said", "billed"),
    [
        (stand_in.moderation_blocked(), CallRejected, "moderation refused the description; describe something else", False),
        (stand_in.billing_limit_reached(), CallRejected, "no credit left", False),
        (quota_exhausted(), CallRejected, "no credit left", False),
        (wrong_key(), CallRejected, "openai_api_key: the server refused it", False),
        (too_many_requests("7"), CallTurnedAway, "the server answered 429", False),
        (broken(), CallTurnedAway, "the server answered 500", False),
        (stand_in.no_picture(), CallSpoiled, "0 bytes came back", True),
        (stand_in.empty_picture(), CallSpoiled, "0 bytes came back", True),
        (stand_in.broken_picture(), CallSpoiled, "what came back is no picture", True),
        (stand_in.small_picture(), CallSpoiled, "the picture is 64x64, 1536x1024 was asked for", True),
    ],
)
def test_every_failure_says_what_it_is_and_books_what_is_billed(bench: Bench, fault: Fault, error: type[StudioError], said: str, billed: bool) -> None:
    bench.sandbox.faults.play(stand_in.PATH, fault)
    with pytest.raises(error, match=said) as raised:
        run(wish(bench), bench.context())
    assert bench.spent() == (1584 * 30 + 12 * 5 if billed else 0)
    assert isinstance(raised.value, CallTurnedAway) is (fault.status in {429, 500} and "credit" not in said)
    if fault.status == 429 and isinstance(raised.value, CallTurnedAway):
        assert raised.value.after_s == 7


def test_a_cut_connection_is_booked_at_the_worst_case(bench: Bench) -> None:
    bench.sandbox.faults.play(stand_in.PATH, cut_connection())
    with pytest.raises(StudioError):
        run(wish(bench), bench.context())
    assert bench.spent() > 1584 * 30


def test_without_a_price_a_model_or_room_in_the_budget_nothing_is_asked(bench: Bench) -> None:
    with pytest.raises(PriceUnknown, match="no price is known for 'gpt-image-9'"):
        run(wish(bench), bench.context(images_model="gpt-image-9"))
    with pytest.raises(ToolError, match="YTEMPIRE_IMAGES_MODEL: no image model is configured"):
        run(wish(bench), bench.context(images_model=""))
    with pytest.raises(BudgetExceeded):
        run(wish(bench), bench.context(images_quality="high"))
    assert bench.sandbox.seen == []
    with pytest.raises(CallRejected, match="does not exist or was shut down"):
        run(wish(bench), bench.context(images_model="gpt-image-1", images_quality="low"))


def test_the_stand_in_rejects_what_the_types_and_limits_reject_and_answers_in_the_published_shape(bench: Bench) -> None:
    good = {"model": MODEL, "prompt": "a lake", "size": "1536x1024", "quality": "low", "n": 1}
    assert stand_in.image_refusal_of(good) is None
    assert stand_in.image_refusal_of(good | {"size": "1536x864"}) is None
    bad: list[dict[str, object]] = [{"prompt": 7}, {"prompt": ""}, {"prompt": "x" * 32_001}, {"n": 11}, {"size": "1000x1000"}, {"size": "4096x1024"}]
    bad += [{"size": "1600x512"}, {"quality": "best"}, {"response_format": "url"}, {"style": "vivid"}, {"negative_prompt": "text"}, {"output_format": "bmp"}]
    for change in bad:
        assert stand_in.image_refusal_of(good | change) is not None, change
    assert stand_in.image_refusal_of({"model": "gpt-image-1.5", "prompt": "a lake", "size": "1536x864"}) is not None
    run(wish(bench), bench.context())
    TypeAdapter(IMAGE_RESPONSE).validate_python(stand_in._made(good, bench.script), strict=True)

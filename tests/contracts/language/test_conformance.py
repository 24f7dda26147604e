"""What every language model must do, on the stand-ins and, when the operator asks for it, on the real services."""

import json
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import jsonschema
import pytest

from infra.clock import SYSTEM_CLOCK
from infra.settings import Settings, load_settings
from tests.fixtures.language import SCHEMA, VENDORS, Vendor
from tools.gateway import CallRejected
from tools.sandbox import Sandbox
from tools.vendors.language import LanguageModel, Prompt, Refused
from tools.vendors.language_prices import cost_micro_usd
from tools.write_text.tasks import ScriptDraft

LIMIT_S = 60
ASKED = Prompt(
    "Be brief. Answer in JSON.", "A story: the lamp of the Varn lighthouse never failed.", "Name an angle of at most six words, and whether you are sure."
)


@pytest.fixture(params=[(vendor, live) for vendor in VENDORS for live in (False, True)], ids=lambda one: f"{one[0].name}{'-live' if one[1] else ''}")
def served(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Vendor, Settings]]:
    """A vendor and the settings that reach its stand-in, or the real service."""
    vendor, live = request.param
    with ExitStack() as stack:
        yield vendor, real(vendor) if live else vendor.settings(stack.enter_context(Sandbox(vendor.app(deque()))).url, tmp_path)


def real(vendor: Vendor) -> Settings:
    """Return the operator's own settings, or skip with the reason."""
    settings = load_settings()
    if not settings.live:
        pytest.skip("YTEMPIRE_LIVE is not set: real services are asked only on request")
    if getattr(settings, f"{vendor.name}_api_key") is None:
        pytest.skip(f"no key for {vendor.name} is set")
    return settings


@pytest.fixture
def model(served: tuple[Vendor, Settings]) -> LanguageModel:
    vendor, settings = served
    return vendor.model(settings)


def test_an_answer_fits_the_schema_and_has_a_price(model: LanguageModel, served: tuple[Vendor, Settings]) -> None:
    answer = model.complete(ASKED, SCHEMA, 2000, LIMIT_S)
    jsonschema.validate(json.loads(answer.text), SCHEMA)
    assert answer.ended == "stop"
    assert answer.usage.input_tokens > 10
    assert cost_micro_usd(f"{model.provider}:{model.model}", answer.usage, served[1], SYSTEM_CLOCK.now()) > 0


def test_the_schema_of_a_script_is_one_that_the_service_takes(model: LanguageModel) -> None:
    answer = model.complete(ASKED, ScriptDraft.model_json_schema(), 4000, LIMIT_S)
    assert ScriptDraft.model_validate_json(answer.text)


def test_a_repair_continues_the_conversation(model: LanguageModel) -> None:
    refused = Prompt(ASKED.system, ASKED.material, ASKED.ask, (Refused("", "It was empty. Answer again."), Refused("{}", "Both fields are needed.")))
    assert set(json.loads(model.complete(refused, SCHEMA, 2000, LIMIT_S).text)) == {"angle", "sure"}


def test_an_answer_longer_than_it_may_be_is_cut_off_and_says_so(model: LanguageModel) -> None:
    answer = model.complete(ASKED, ScriptDraft.model_json_schema(), 16, LIMIT_S)
    assert answer.ended == "length"
    assert answer.usage.output_tokens > 0


def test_a_wrong_key_is_refused_at_no_cost(served: tuple[Vendor, Settings]) -> None:
    vendor, settings = served
    wrong = Settings.model_validate({**settings.model_dump(exclude_none=True), f"{vendor.name}_api_key": "sk-wrong", "_env_file": None})
    with pytest.raises(CallRejected, match="API_KEY"):
        vendor.model(wrong).complete(ASKED, SCHEMA, 200, LIMIT_S)


def test_a_model_that_does_not_exist_is_refused_at_no_cost(served: tuple[Vendor, Settings]) -> None:
    vendor, settings = served
    named = settings.model_copy(update={f"{vendor.name}_model": "no-such-model-1"})
    with pytest.raises(CallRejected, match="no-such-model-1"):
        vendor.model(named).complete(ASKED, SCHEMA, 200, LIMIT_S)

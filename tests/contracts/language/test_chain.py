"""The chain of a role: who is asked in which order, what falling back needs, and how many calls a broken vendor gets."""

import json
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import structlog

from infra.ids import content_digest
from infra.settings import Settings
from memory.media import MediaStore
from tests.fixtures.language import ANTHROPIC, OPENAI, SCHEMA
from tools.base import ToolContext, ToolError, ToolRetry
from tools.gateway import AttemptsSpent, OutcomeUnknown
from tools.sandbox import Fault, Sandbox, cut_connection, server_error
from tools.vendors.language_script import refused
from tools.write_text.choice import chain_for, has_model
from tools.write_text.schema import SPEC, WriteTextArgs, WriteTextResult
from tools.write_text.tool import run

BROKEN = OPENAI.faults["broken"]
CHAIN = "openai:gpt-5-mini, anthropic:claude-sonnet-5"


@dataclass
class Pair:
    """Both vendors' stand-ins, and a job that may ask them."""

    openai: Sandbox
    anthropic: Sandbox
    queue: deque[Any]
    settings: Settings
    home: Path

    def fail(self, sandbox: Sandbox, fault: Fault) -> None:
        """Let a vendor misbehave from now on."""
        sandbox.faults.always("/", fault)

    def asked(self) -> tuple[int, int]:
        """How many requests each vendor has got."""
        return len(self.openai.seen), len(self.anthropic.seen)

    def run(self, attempt: int = 1, degrade: str = "model", **settings: Any) -> WriteTextResult:
        """Run a task of the test's own."""
        name = content_digest(str(self.home).encode())[:12]
        store = MediaStore(self.home / "media")
        args = {"task": "name_angle", "input": store.put_bytes(b'{"story": "The lamp."}'), "instructions": "Name an angle.", "output_schema": SCHEMA}
        context = ToolContext(
            settings=self.settings.model_copy(update=settings), store=store, scratch=self.home, job_id=f"job_{name}", run_id=f"run_{name}", attempt=attempt
        )
        return run(WriteTextArgs.model_validate({**args, "max_output_tokens": 500, "degrade": degrade}), context)


@pytest.fixture(scope="module")
def both() -> Iterator[tuple[Sandbox, Sandbox, deque[Any]]]:
    queue: deque[Any] = deque()
    with Sandbox(OPENAI.app(queue)) as openai, Sandbox(ANTHROPIC.app(deque())) as anthropic:
        yield openai, anthropic, queue


@pytest.fixture
def pair(both: tuple[Sandbox, Sandbox, deque[Any]], tmp_path: Path, database_url: str) -> Pair:
    openai, anthropic, queue = both
    for sandbox in (openai, anthropic):
        sandbox.seen.clear()
        sandbox.faults.queued.clear()
        sandbox.faults.lasting.clear()
    queue.clear()
    settings = OPENAI.settings(openai.url, tmp_path, database_url=database_url, anthropic_api_key="sk-ant-sandbox", anthropic_base_url=anthropic.url)
    return Pair(openai, anthropic, queue, settings.model_copy(update={"models_writer": CHAIN}), tmp_path)


def test_the_wanted_model_is_asked_alone_while_it_works(pair: Pair) -> None:
    result = pair.run()
    assert (result.writer, result.degraded_from) == ("openai:gpt-5-mini", "")
    assert pair.asked() == (1, 0)


@pytest.mark.parametrize("fault", [BROKEN, OPENAI.faults["busy"], OPENAI.faults["wrong key"], OPENAI.faults["no credit"], server_error(502)])
def test_the_next_model_stands_in_and_the_fall_is_an_event(pair: Pair, fault: Fault) -> None:
    pair.fail(pair.openai, fault)
    with structlog.testing.capture_logs() as logs:
        result = pair.run()
    assert (result.writer, result.degraded_from) == ("anthropic:claude-sonnet-5", "openai:gpt-5-mini")
    assert result.degraded_why
    assert pair.asked() == (1, 1)
    event = next(one for one in logs if one["event"] == "language.degraded")
    assert (event["wanted"], event["used"]) == ("openai:gpt-5-mini", "anthropic:claude-sonnet-5")


def test_a_refusal_falls_to_the_next_model_and_its_cost_counts(pair: Pair) -> None:
    pair.queue.append(refused())
    result = pair.run()
    assert result.degraded_from == "openai:gpt-5-mini"
    assert result.cost_micro_usd > 0


def test_a_channel_that_allows_no_fall_asks_nobody_else(pair: Pair) -> None:
    pair.fail(pair.openai, OPENAI.faults["wrong key"])
    with pytest.raises(ToolError, match="anthropic:claude-sonnet-5 was not asked, since the channel's writing_fallback is 'never'"):
        pair.run(degrade="never")
    assert pair.asked() == (1, 0)


def test_when_every_model_fails_in_passing_the_job_is_tried_again_with_the_shortest_wait(pair: Pair) -> None:
    pair.fail(pair.openai, OPENAI.faults["busy"])
    pair.fail(pair.anthropic, ANTHROPIC.faults["overloaded"])
    with pytest.raises(ToolRetry) as caught:
        pair.run()
    assert caught.value.after_s == 7.0


def test_when_every_model_fails_for_good_the_error_says_what_each_of_them_said(pair: Pair) -> None:
    pair.fail(pair.openai, OPENAI.faults["no credit"])
    pair.fail(pair.anthropic, ANTHROPIC.faults["wrong key"])
    with pytest.raises(ToolError, match=r"no credit left.*anthropic_api_key") as caught:
        pair.run()
    assert not isinstance(caught.value, ToolRetry)


def test_the_offline_writer_waits_for_the_last_attempt_before_it_stands_in_for_a_passing_fault(pair: Pair) -> None:
    pair.fail(pair.openai, BROKEN)
    with pytest.raises(ToolRetry):
        pair.run(degrade="offline", models_writer="openai:gpt-5-mini, offline")
    with pytest.raises((ToolError, ToolRetry), match="the offline writer cannot do 'name_angle'"):
        pair.run(attempt=SPEC.max_attempts, degrade="offline", models_writer="openai:gpt-5-mini, offline")


def test_one_logical_call_never_becomes_more_provider_calls_than_the_job_has_attempts(pair: Pair) -> None:
    pair.fail(pair.openai, BROKEN)
    pair.fail(pair.anthropic, ANTHROPIC.faults["broken"])
    for attempt in range(1, SPEC.max_attempts + 3):
        with pytest.raises((ToolError, ToolRetry)):
            pair.run(attempt=attempt)
    most = min(SPEC.max_attempts, pair.settings.paid_attempts)
    assert pair.asked()[0] <= most
    assert pair.asked()[1] <= most


@pytest.mark.parametrize(("degrade", "chain"), [("model", CHAIN), ("never", "openai:gpt-5-mini, offline"), ("never", "openai:gpt-5-mini")])
def test_models_that_turn_everybody_away_are_no_refusal_of_the_task(pair: Pair, degrade: str, chain: str) -> None:
    pair.fail(pair.openai, server_error(503))
    pair.fail(pair.anthropic, server_error(503))
    for attempt in range(1, SPEC.max_attempts):
        with pytest.raises(ToolRetry):
            pair.run(attempt=attempt, degrade=degrade, models_writer=chain, circuit_failures=100)
    with pytest.raises(AttemptsSpent, match="3 are allowed"):
        pair.run(attempt=SPEC.max_attempts, degrade=degrade, models_writer=chain, circuit_failures=100)


@pytest.mark.parametrize(("degrade", "chain"), [("model", CHAIN), ("never", "openai:gpt-5-mini, offline")])
def test_models_that_never_answer_are_no_refusal_either(pair: Pair, degrade: str, chain: str) -> None:
    pair.fail(pair.openai, cut_connection())
    pair.fail(pair.anthropic, cut_connection())
    for attempt in (1, 2):
        with pytest.raises(ToolRetry):
            pair.run(attempt=attempt, degrade=degrade, models_writer=chain)
    with pytest.raises(OutcomeUnknown, match="2 calls ended without an answer"):
        pair.run(attempt=3, degrade=degrade, models_writer=chain)


def test_an_unpriced_model_anywhere_in_the_chain_is_refused_before_anybody_is_asked(pair: Pair) -> None:
    with pytest.raises(ToolError, match="no price is known"):
        pair.run(models_writer=f"{CHAIN}, openai:home-made-1")
    assert pair.asked() == (0, 0)


def test_each_role_has_a_chain_of_its_own_and_else_follows_the_writer(tmp_path: Path) -> None:
    settings = Settings.model_validate({"home": tmp_path, "models_writer": CHAIN, "models_fast": "openai:gpt-5-nano"})
    assert [link.name for link in chain_for(settings, "fast")] == ["openai:gpt-5-nano"]
    assert [link.name for link in chain_for(settings, "critic")] == CHAIN.split(", ")
    assert [link.name for link in chain_for(Settings.model_validate({"_env_file": None, "home": tmp_path}), "writer")] == ["offline"]
    assert not has_model(Settings.model_validate({"home": tmp_path}))
    assert has_model(settings)


@pytest.mark.parametrize("chain", ["gpt-5", "openai:", "openai:a,,offline", "google:gemini", "offline offline"])
def test_a_chain_that_cannot_be_read_is_refused_at_the_start(chain: str) -> None:
    with pytest.raises(ValueError, match="models_writer|YTEMPIRE_MODELS_WRITER"):
        Settings.model_validate({"models_writer": chain})


def test_the_answer_of_the_stand_in_writer_is_checked_like_the_first(pair: Pair) -> None:
    pair.fail(pair.openai, BROKEN)
    body = json.loads(MediaStore(pair.home / "media").read(pair.run().output))
    assert set(body) == {"angle", "sure"}

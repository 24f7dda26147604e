"""The harness is proved by mistakes: each seeded regression must fail the check that is named for it, and take its agent below the gate."""

import dataclasses
import json
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from agents.crisis_monitor import Screened, Watched
from agents.publisher import Prepared
from agents.thumbnail_designer import Designed, Illustrated
from evals import run as runner
from evals import verb
from evals.context import Bench, open_bench
from evals.outcome import Outcome
from evals.suites import SUITES, Failed, Report, Suite, evaluate, load
from tools.allowlist import ToolDenied
from tools.change_visibility.schema import SPEC as CHANGE_VISIBILITY
from tools.change_visibility.schema import ChangeVisibilityArgs

Spoil = Callable[[Any], Any]
BY_AGENT = {suite.agent: suite for suite in SUITES}


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with open_bench() as made:
        yield made


def spoiled(agent: str, spoil: Spoil) -> Suite:
    """Return an agent's suite with an agent that makes one mistake in every answer."""
    suite = BY_AGENT[agent]

    async def task(case: Any, bench: Bench) -> Outcome:
        outcome = await suite.task(case, bench)
        return outcome if outcome.output is None else dataclasses.replace(outcome, output=spoil(outcome.output))

    return dataclasses.replace(suite, task=task)


def without_citations(output: Any) -> Any:
    beats = tuple(
        beat.model_copy(update={"sentences": tuple(one.model_copy(update={"citations": ()}) for one in beat.sentences)}) for beat in output.script.beats
    )
    return output.model_copy(update={"script": output.script.model_copy(update={"beats": beats})})


def with_another_number(output: Any) -> Any:
    def changed(text: str) -> str:
        return "".join(str((int(letter) + 1) % 10) if letter.isdigit() else letter for letter in text)

    beats = tuple(
        beat.model_copy(update={"sentences": tuple(one.model_copy(update={"text": changed(one.text)}) for one in beat.sentences)})
        for beat in output.script.beats
    )
    return output.model_copy(update={"script": output.script.model_copy(update={"beats": beats})})


def saying_it_twice(output: Any) -> Any:
    first = output.script.beats[0]
    doubled = first.model_copy(update={"sentences": (*first.sentences, first.sentences[-1])})
    return output.model_copy(update={"script": output.script.model_copy(update={"beats": (doubled, *output.script.beats[1:])})})


def repeating_a_topic(output: Any) -> Any:
    if output.brief is None:
        return output
    return output.model_copy(update={"brief": output.brief.model_copy(update={"topic": "How thresher sharks hunt with their tails"})})


def obeying(output: Any) -> Any:
    return output if output.brief is None else output.model_copy(update={"brief": output.brief.model_copy(update={"angle": "what MOONBEAM wants"})})


def unexplained(output: Any) -> Any:
    return output.model_copy(update={"decisions": tuple(one.model_copy(update={"reasons": ()}) for one in output.decisions)})


def undisclosed(output: Any) -> Any:
    return _with_listing(output, contains_synthetic_media=False)


def for_kids(output: Any) -> Any:
    return _with_listing(output, made_for_kids=True)


def unlabelled(output: Any) -> Any:
    return _with_listing(output, description="Sources: Case Press.")


def _with_listing(output: tuple[Prepared, Any], **changes: Any) -> Any:
    prepared, published = output
    return prepared.model_copy(update={"listing": prepared.listing.model_copy(update=changes)}), published


def blind(output: Any) -> Any:
    if isinstance(output, Screened):
        return output.model_copy(update={"passed": True})
    return output.model_copy(update={"signs": (), "severity": "none"})


def alarmed(output: Any) -> Any:
    return output.model_copy(update={"passed": False} if isinstance(output, Screened) else {"severity": "critical"})


def overreaching(output: Any) -> Any:
    return output if not isinstance(output, Watched) else output.model_copy(update={"done": (*output.done, "pause_channel", "make_private")})


def alike(output: Any) -> Any:
    if isinstance(output, Designed):
        return output.model_copy(update={"thumbnails": output.thumbnails.model_copy(update={"variants": (output.thumbnails.variants[0],) * 3})})
    shots = tuple(one.model_copy(update={"kind": "statement", "layers": output.storyboard.shots[0].layers}) for one in output.storyboard.shots)
    return output.model_copy(update={"storyboard": output.storyboard.model_copy(update={"shots": shots})})


def with_a_gap(output: Any) -> Any:
    if not isinstance(output, Illustrated):
        return output
    return output.model_copy(update={"storyboard": output.storyboard.model_copy(update={"shots": output.storyboard.shots[:-1]})})


def silent_on_momentum(output: Any) -> Any:
    (decision,) = output.decisions
    kept = tuple(reason for reason in decision.reasons if not reason.startswith("momentum "))
    return output.model_copy(update={"decisions": (decision.model_copy(update={"reasons": kept}),)})


def too_slow(output: Any) -> Any:
    return output.model_copy(update={"duration_s": output.duration_s * 1.6, "longest_silence_s": 2.4})


async def caught(agent: str, spoil: Spoil, bench: Bench, *names: str) -> dict[str, list[str]]:
    report = await evaluate(spoiled(agent, spoil), bench, names)
    assert runner.shortfalls([report], {agent: {"cases": 0, "pass_rate": runner.load_gates()[agent]["pass_rate"]}})
    checks: dict[str, list[str]] = {}
    for one in report.failed:
        checks.setdefault(one.check, []).append(one.case)
    return checks


@pytest.mark.parametrize(
    ("spoil", "check"),
    [
        (without_citations, "NotUnsupportedSentence"),
        (with_another_number, "NotUnsupportedSentence"),
        (saying_it_twice, "NotRepeatedSentence"),
        (unexplained, "NotUnexplainedDecision"),
    ],
)
async def test_a_writer_that_makes_a_mistake_is_caught(spoil: Spoil, check: str, bench: Bench) -> None:
    assert check in await caught("scriptwriter", spoil, bench, "a nature story in forty-five seconds")


@pytest.mark.parametrize(
    ("spoil", "check", "case"),
    [
        (repeating_a_topic, "NotRepeatedTopic", "a topic made before is passed over for the next one"),
        (obeying, "NotInjectionObeyed", "an instruction in a title and in a source stays data"),
        (unexplained, "NotUnexplainedDecision", "the best story with evidence is chosen from the demo corpus"),
        (silent_on_momentum, "NotSilentForecast", "a forecast without shown skill moves nothing and is told as that"),
    ],
)
async def test_a_scout_that_makes_a_mistake_is_caught(spoil: Spoil, check: str, case: str, bench: Bench) -> None:
    assert check in await caught("trend_scout", spoil, bench, case)


@pytest.mark.parametrize(("spoil", "check"), [(undisclosed, "NotMissingFlag"), (for_kids, "NotMissingFlag"), (unlabelled, "NotUnlabelledDemo")])
async def test_a_publisher_that_sets_a_flag_wrong_is_caught(spoil: Spoil, check: str, bench: Bench) -> None:
    assert check in await caught("publisher", spoil, bench, "a demo video carries its label and every flag")


@pytest.mark.parametrize(("spoil", "check"), [(blind, "NotMissedDanger"), (alarmed, "NotFalseAlarm"), (overreaching, "NotWrongAction")])
async def test_a_monitor_that_makes_a_mistake_is_caught(spoil: Spoil, check: str, bench: Bench) -> None:
    assert check in await caught("crisis_monitor", spoil, bench)


async def test_a_writer_that_refuses_a_good_brief_or_answers_a_bad_one_is_caught(bench: Bench) -> None:
    suite = BY_AGENT["scriptwriter"]

    async def turned(case: Any, bench: Bench) -> Outcome:
        outcome = await suite.task(case, bench)
        return dataclasses.replace(outcome, output=None, refused="" if outcome.refused else "no")

    report = await evaluate(dataclasses.replace(suite, task=turned), bench)
    assert {one.case for one in report.failed if one.check == "NotWrongRefusal"} == {case.name for case in load(suite).cases}


@pytest.mark.slow
@pytest.mark.parametrize(("spoil", "check"), [(alike, "NotStaleShot"), (with_a_gap, "NotUntiedShot")])
async def test_a_designer_that_makes_a_mistake_is_caught(spoil: Spoil, check: str, bench: Bench) -> None:
    found = await caught("thumbnail_designer", spoil, bench, "a number, a list and a plain fact each get their own shot")
    assert check in found


@pytest.mark.slow
async def test_a_voice_that_misses_its_slot_is_caught(bench: Bench) -> None:
    assert {"NotOverlongSlot", "NotLongSilence"} <= set(await caught("voice_director", too_slow, bench, "a slot a little longer than the words is filled"))


async def test_an_agent_that_breaks_fails_its_case_as_a_crash(bench: Bench) -> None:
    async def broken(case: Any, bench: Bench) -> Outcome:
        raise KeyError("a bug")

    report = await evaluate(dataclasses.replace(BY_AGENT["publisher"], task=broken), bench, ["trying three times makes one entry"])
    assert [(one.check, one.case) for one in report.failed] == [("crash", "trying three times makes one entry")]
    assert report.pass_rate == 0.0


def test_every_agent_has_at_least_five_stored_cases_and_every_evaluator_runs_somewhere() -> None:
    gates = runner.load_gates()
    for suite in SUITES:
        dataset = load(suite)
        assert len(dataset.cases) >= max(5, gates[suite.agent]["cases"])
        assert len({case.name for case in dataset.cases}) == len(dataset.cases)
        assert len(dataset.evaluators) >= 4
    assert {suite.agent for suite in SUITES} == set(gates) - {"budget_s"}


def test_the_gate_names_what_is_short() -> None:
    gates = {"scriptwriter": {"cases": 5, "pass_rate": 0.9}}
    assert runner.shortfalls([Report("scriptwriter", 5, 10, 9, (), 1.0)], gates) == ()
    short = runner.shortfalls([Report("scriptwriter", 4, 10, 8, (Failed("a", "NotX", "b"),), 1.0)], gates)
    assert short == ("scriptwriter: 4 cases, at least 5 are wanted", "scriptwriter: 8 of 10 checks passed, 90% are wanted")


def test_the_command_prints_one_object_and_ends_with_zero_at_the_gate_and_one_below_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert runner.main(["--agent", "publisher", "--json"]) == 0
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert found["passed"]
    assert [one["agent"] for one in found["agents"]] == ["publisher"]
    monkeypatch.setattr(runner, "load_gates", lambda: {"budget_s": 60, "publisher": {"cases": 500, "pass_rate": 1.0}})
    assert runner.main(["--agent", "publisher", "--json"]) == 1


async def test_an_agent_may_not_call_a_tool_that_is_not_on_its_list(bench: Bench) -> None:
    context = bench.context("scriptwriter", "field-notes")
    with pytest.raises(ToolDenied):
        await context.call(CHANGE_VISIBILITY, ChangeVisibilityArgs(key="run_12345678", privacy="private", reason="because"))


def test_the_verb_ends_with_the_gates_code(monkeypatch: pytest.MonkeyPatch) -> None:
    registered: dict[str, Callable[..., None]] = {}
    ran: list[list[str]] = []

    class App:
        """An application that keeps what is registered."""

        def command(self, name: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
            return lambda function: registered.setdefault(name, function)

    def start(argv: list[str], **_: object) -> subprocess.CompletedProcess[bytes]:
        ran.append(argv[1:])
        return subprocess.CompletedProcess(argv, len(ran) - 1)

    monkeypatch.setattr(subprocess, "run", start)
    verb.register(App())
    registered["evals"]()
    with pytest.raises(SystemExit) as ended:
        registered["evals"](agent="publisher", json=True)
    assert (ran, ended.value.code) == ([["-m", "evals.run"], ["-m", "evals.run", "--agent", "publisher", "--json"]], 1)

"""The six evaluations: each agent's dataset, task and evaluators, and how one is run to a report of plain values."""

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from importlib.resources import as_file, files
from typing import Any

from pydantic_evals import Dataset
from pydantic_evals.evaluators import Evaluator

from evals.context import Bench
from evals.evaluators import any_agent, crisis_monitor, publisher, scriptwriter, thumbnail_designer, trend_scout, voice_director
from evals.outcome import CasePart, Outcome
from evals.tasks import crisis_monitor as monitor_task
from evals.tasks import publisher as publisher_task
from evals.tasks import scriptwriter as writer_task
from evals.tasks import thumbnail_designer as designer_task
from evals.tasks import trend_scout as scout_task
from evals.tasks import voice_director as voice_task

Task = Callable[[Any, Bench], Awaitable[Outcome]]
EvaluatorType = type[Evaluator[CasePart, Outcome, CasePart]]


@dataclass(frozen=True)
class Suite:
    """One agent's evaluation."""

    agent: str
    case: type[CasePart]
    expect: type[CasePart]
    task: Task
    evaluators: tuple[EvaluatorType, ...]


_ANY: tuple[EvaluatorType, ...] = (any_agent.NotWrongRefusal, any_agent.NotInjectionObeyed, any_agent.NotUnexplainedDecision)

SUITES: tuple[Suite, ...] = (
    Suite(
        "trend_scout",
        scout_task.ScoutCase,
        scout_task.ScoutExpect,
        scout_task.run,
        (*_ANY, trend_scout.NotRepeatedTopic, trend_scout.NotClosedEvidence, trend_scout.NotWrongStory, trend_scout.NotSilentForecast),
    ),
    Suite(
        "scriptwriter",
        writer_task.WriterCase,
        writer_task.WriterExpect,
        writer_task.run,
        (
            *_ANY,
            scriptwriter.NotUnsupportedSentence,
            scriptwriter.NotRetractedSource,
            scriptwriter.NotRepeatedSentence,
            scriptwriter.NotOverlongSlot,
            scriptwriter.NotTakenOver,
        ),
    ),
    Suite(
        "voice_director",
        voice_task.VoiceCase,
        voice_task.VoiceExpect,
        voice_task.run,
        (*_ANY, voice_director.NotOverlongSlot, voice_director.NotMissingWord, voice_director.NotLongSilence, voice_director.NotMisreadWord),
    ),
    Suite(
        "thumbnail_designer",
        designer_task.DesignerCase,
        designer_task.DesignerExpect,
        designer_task.run,
        (
            *_ANY,
            thumbnail_designer.NotSameKindThrice,
            thumbnail_designer.NotStaleShot,
            thumbnail_designer.NotUntiedShot,
            thumbnail_designer.NotWeakThumbnail,
        ),
    ),
    Suite(
        "publisher",
        publisher_task.PublisherCase,
        publisher_task.PublisherExpect,
        publisher_task.run,
        (*_ANY, publisher.NotMissingFlag, publisher.NotUnlabelledDemo, publisher.NotOverLimit, publisher.NotPublishedTwice),
    ),
    Suite(
        "crisis_monitor",
        monitor_task.MonitorCase,
        monitor_task.MonitorExpect,
        monitor_task.run,
        (*_ANY, crisis_monitor.NotMissedDanger, crisis_monitor.NotFalseAlarm, crisis_monitor.NotWrongAction),
    ),
)


@dataclass(frozen=True)
class Failed:
    """One check that failed, or a case whose agent broke (`check` is then `crash`)."""

    case: str
    check: str
    reason: str


@dataclass(frozen=True)
class Report:
    """One agent's evaluation as numbers."""

    agent: str
    cases: int
    checks: int
    passed: int
    failed: tuple[Failed, ...]
    took_s: float

    @property
    def pass_rate(self) -> float:
        """Share of checks that passed; 0 when there was none."""
        return self.passed / self.checks if self.checks else 0.0


def load(suite: Suite) -> Dataset[Any, Any, Any]:
    """Read a suite's stored cases."""
    typed: Any = Dataset[suite.case, Any, suite.expect]  # type: ignore[name-defined]
    with as_file(files("evals.datasets") / f"{suite.agent}.yaml") as path:
        dataset: Dataset[Any, Any, Any] = typed.from_file(path, custom_evaluator_types=suite.evaluators)
    return dataset


async def evaluate(suite: Suite, bench: Bench, names: Sequence[str] = ()) -> Report:
    """Run an agent on its stored cases (or on those named) and check every answer."""
    dataset = load(suite)
    if names:
        dataset.cases = [case for case in dataset.cases if case.name in names]
    started = time.monotonic()

    async def task(case: Any) -> Outcome:
        return await suite.task(case, bench)

    report = await dataset.evaluate(task, name=suite.agent, max_concurrency=1, progress=False)
    failed = [Failed(case.name, check, result.reason or "") for case in report.cases for check, result in case.assertions.items() if not result.value]
    failed += [Failed(case.name, one.name, one.error_message) for case in report.cases for one in case.evaluator_failures]
    failed += [Failed(case.name, "crash", case.error_message) for case in report.failures]
    passed = sum(result.value for case in report.cases for result in case.assertions.values())
    return Report(suite.agent, len(dataset.cases), passed + len(failed), passed, tuple(failed), time.monotonic() - started)

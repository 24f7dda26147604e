"""Asks the writers of a role in order until one can do the task; falling back is an event that the channel's policy must allow."""

from collections.abc import Callable

from infra.errors import StudioError
from infra.log import get_logger
from memory.ledger import BudgetExceeded
from tools.base import ToolContext, ToolError, ToolPaused, ToolRetry
from tools.gateway_call import AttemptsSpent, OutcomeUnknown
from tools.vendors.language_prices import PriceUnknown
from tools.write_text.choice import Link, chain_for, may_degrade
from tools.write_text.model import Deadline, Question, ensure_priced, write_with_model
from tools.write_text.schema import SPEC, WriteTextArgs, WriteTextResult

_log = get_logger("write_text")

Offline = Callable[[], WriteTextResult]


class WritersFailed(ToolError):
    """No writer that the channel allows could do the task; the message says what each of them said."""

    code = "writers_failed"


def write_with_chain(args: WriteTextArgs, question: Callable[[], Question], offline: Offline, ctx: ToolContext) -> WriteTextResult:
    """Return the answer of the first writer of the role's chain that can do the task.

    A model that fails in passing hands over to the next model at once, and to the offline writer only in the job's last attempt. A model without a
    price is refused before anybody is asked. Raises `ToolRetry` when trying again may help, `AttemptsSpent` or `OutcomeUnknown` when a writer was never
    heard, else `WritersFailed`, or the one writer's own error.
    """
    chain = chain_for(ctx.settings, args.role)
    for link in chain:
        if link.provider != "offline":
            ensure_priced(link, ctx)
    failed: list[tuple[Link, StudioError]] = []
    deadline = Deadline(ctx)
    for link in chain:
        if failed and not may_degrade(args.degrade, link):
            break
        if failed and link.provider == "offline" and _passing(failed) and ctx.attempt < SPEC.max_attempts:
            break
        try:
            written = offline() if link.provider == "offline" else write_with_model(link, args, question(), ctx, deadline)
        except PriceUnknown:
            raise
        except (ToolError, ToolRetry, BudgetExceeded) as error:
            failed.append((link, error))
            continue
        return _told(written, failed, ctx)
    raise _failure(failed, chain, args)


def _told(written: WriteTextResult, failed: list[tuple[Link, StudioError]], ctx: ToolContext) -> WriteTextResult:
    if not failed:
        return written
    why = _said(failed)
    _log.warning("language.degraded", wanted=failed[0][0].name, used=written.writer, why=why, job_id=ctx.job_id, run_id=ctx.run_id)
    ctx.progress(0.9, f"{written.writer} wrote instead of {failed[0][0].name}")
    lost = sum(cost for _, error in failed if isinstance(cost := error.details.get("cost_micro_usd"), int))
    return written.model_copy(update={"degraded_from": failed[0][0].name, "degraded_why": why, "cost_micro_usd": written.cost_micro_usd + lost})


def _failure(failed: list[tuple[Link, StudioError]], chain: tuple[Link, ...], args: WriteTextArgs) -> StudioError:
    passing = _passing(failed)
    # Only a writer's own word is one about the task: of one that was turned away or never answered, that is told, so that nobody takes it for a refusal.
    kind = next((one for one in (AttemptsSpent, OutcomeUnknown) if any(isinstance(error, one) for _, error in failed)), WritersFailed)
    if len(failed) == 1 and not passing:
        untried = chain[1:]
        if not untried:
            return failed[0][1]
        hint = f"; {untried[0].name} was not asked, since the channel's writing_fallback is {args.degrade!r}"
        return kind(f"{_said(failed)}{hint}", **failed[0][1].details)
    if passing:
        waits = [error.after_s for error in passing if error.after_s is not None]
        # Waiting for a provider costs no attempt, as long as nobody was asked.
        passed_by = ToolPaused if all(isinstance(error, ToolPaused) for error in passing) else ToolRetry
        return passed_by(_said(failed), after_s=min(waits) if waits else None)
    return kind(_said(failed))


def _passing(failed: list[tuple[Link, StudioError]]) -> list[ToolRetry]:
    return [error for _, error in failed if isinstance(error, ToolRetry)]


def _said(failed: list[tuple[Link, StudioError]]) -> str:
    return "; ".join(error.message if error.message.startswith(link.name) else f"{link.name}: {error.message}" for link, error in failed)[:1500]

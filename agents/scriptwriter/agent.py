"""The scriptwriter decides how a topic is told: template, opening, order, words, and what stands behind each of them."""

from importlib.resources import files

from agents.base import AgentContext
from agents.scriptwriter import drafts, policy
from agents.scriptwriter.critique import ask_critic
from agents.scriptwriter.drafts import Draft
from agents.scriptwriter.evidence import Conflict, conflict_decisions, find_conflicts, full_passages, outdated, require_evidence, require_quotable
from agents.scriptwriter.gather import gather
from agents.scriptwriter.schemas import Input, Output, Snapshot
from agents.scriptwriter.suspects import require_plain_topic, suspect_decisions, withheld, without_suspects
from infra.ids import canonical_json
from memory.artifacts import Decision, Passage, Script
from tools.write_text.choice import has_model
from tools.write_text.schema import SPEC, WriteTextArgs
from tools.write_text.tasks import ComposeRequest, ScriptDraft, Template


async def run(task: Input, ctx: AgentContext) -> Output:
    """Write or revise the script of a brief; every factual sentence cites a passage. Raises `NoEvidence` or `EvidenceNotQuotable`."""
    snapshot = await ctx.snapshot(Snapshot, lambda: gather(task, ctx))
    require_plain_topic(task.brief.topic, snapshot.suspects)
    read = full_passages(task.brief)
    passages = without_suspects(read, snapshot.suspects)
    require_evidence(task.brief, passages)
    if not has_model(ctx.settings):
        require_quotable(task.brief, passages, task.allow_share_alike)
    if not task.allow_share_alike:
        passages = tuple(passage for passage in passages if not passage.rights.share_alike)
    conflicts = find_conflicts(task.brief, passages)
    template, choice = policy.choose_template(task.brief, ctx.personality, ctx.seconds)
    request = _request(task, snapshot, passages, conflicts, (template, ctx))
    written, told, heard = await _drafts(request, task, conflicts, ctx)
    best, why = drafts.choose((*drafts.earlier(task), *written), conflicts, passages, snapshot.lessons)
    script = best.script.model_copy(update={"scores": best.review.scores, "quality": best.review.score, "withheld": withheld(read, snapshot.suspects)})
    cited = {one for sentence in script.sentences for one in sentence.citations}
    decisions = (
        choice,
        *told,
        *((heard,) if heard else ()),
        why,
        policy.choose_title(script),
        _opening(script, snapshot),
        *conflict_decisions(conflicts),
        *suspect_decisions(snapshot.suspects),
    )
    return Output(script=script, review=best.review, passages=tuple(passage for passage in passages if passage.id in cited), decisions=decisions)


def _request(
    task: Input, snapshot: Snapshot, passages: tuple[Passage, ...], conflicts: tuple[Conflict, ...], setting: tuple[Template, AgentContext]
) -> ComposeRequest:
    template, ctx = setting
    losers = tuple(conflict.dropped.id for conflict in conflicts)
    # What settles a conflict is what a viewer wants to hear, so it counts as fully relevant.
    winners = {conflict.kept.id for conflict in conflicts}
    passages = tuple(passage.model_copy(update={"relevance": 1.0}) if passage.id in winners else passage for passage in passages)
    return ComposeRequest(
        brief=task.brief.model_copy(update={"passages": passages}),
        personality=ctx.personality,
        template=template,
        seconds=ctx.seconds,
        seed=ctx.seed + task.revision,
        today=ctx.clock.now().date(),
        avoid_passages=(*losers, *outdated(passages), *policy.avoided(task), *(one.id for one in snapshot.suspects)),
        avoid_hooks=policy.avoided_hooks(task, snapshot.earlier_openings),
        feedback=policy.feedback(task),
        lessons=snapshot.lessons,
        previous=tuple(sentence.text for sentence in task.previous.sentences) if task.previous else (),
    )


async def _drafts(
    request: ComposeRequest, task: Input, conflicts: tuple[Conflict, ...], ctx: AgentContext
) -> tuple[tuple[Draft, ...], tuple[Decision, ...], Decision | None]:
    """Return one draft, and further ones that open differently while none is good enough, who wrote and how people's words were taken, and the critic.

    A model, which costs money, writes one, and a second one when the critic sends it back.
    """
    written: list[Draft] = []
    for _ in range(drafts.MOST_DRAFTS):
        script, told = await _write(request, task, ctx)
        written.append(Draft(script, policy.review(script, task.brief, ctx.personality, ctx.seconds)))
        if has_model(ctx.settings) or drafts.good_enough(written[-1], conflicts):
            break
        request = drafts.another(request, written[-1])
    faults, heard = await ask_critic(written[-1].script, ctx) if task.revision == 0 else ((), None)
    if faults:
        script, told = await _write(drafts.mended(request, written[-1], faults), task, ctx)
        written.append(Draft(script, policy.review(script, task.brief, ctx.personality, ctx.seconds)))
    return tuple(written), told, heard


async def _write(request: ComposeRequest, task: Input, ctx: AgentContext) -> tuple[Script, tuple[Decision, ...]]:
    digest = ctx.store.put_bytes(canonical_json(request.model_dump(mode="json")))
    prompt = (files("agents.scriptwriter") / "prompts" / "compose_script.md").read_text("utf-8")
    degrade = ctx.personality.writing_fallback
    result = await ctx.call(SPEC, WriteTextArgs(task="compose_script", input=digest, role="writer", instructions=prompt, degrade=degrade))
    draft = ScriptDraft.model_validate_json(ctx.store.read(result.output))
    script = policy.build_script(draft, request.brief, request.brief.passages, request.template, result.writer)
    return script, (policy.writer_decision(result, degrade), *policy.understanding(task, draft.understood, result.writer))


def _opening(script: Script, snapshot: Snapshot) -> Decision:
    hook = script.sentences[0]
    return Decision(
        agent="scriptwriter",
        question="How does it open?",
        choice=hook.text,
        reasons=(
            f"supported by {', '.join(hook.citations)}",
            f"{len(snapshot.earlier_openings)} earlier openings were left alone",
            f"{len(snapshot.lessons)} lessons of earlier videos were given to the writer",
        ),
        scores=script.scores,
    )

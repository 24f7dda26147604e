"""The sameness budget of a run: what it would publish is compared with what was published; too alike, it is sent back once and then refused."""

import asyncio

from agents.scriptwriter import Review, Suggestion
from graphs import revisions
from graphs.context import Studio
from graphs.state import ProductionState, Reviewed
from memory.artifacts import Decision, Frozen, GateResult, Script, Thumbnails
from memory.records.fingerprints import FingerprintRecord
from memory.repositories.fingerprints import FingerprintRepository
from memory.repositories.runs import RunRepository
from memory.sameness import Alike, Earlier, Fingerprint, Stage, fingerprint_of, judge, shared_sentences
from tools.embed_text.schema import SPEC as EMBED_TEXT
from tools.embed_text.schema import EmbedTextArgs

HAND = "production"
SCRIPT, THUMBNAIL = "sameness.script", "sameness.thumbnail"


class Judged(Frozen):
    """How alike something is to earlier videos, and which of its sentences an earlier one holds too; frozen, so that a re-run decides the same."""

    alike: Alike
    shared: tuple[str, ...] = ()


async def settle(studio: Studio, state: ProductionState, reviewed: Reviewed) -> Reviewed:
    """Let a script that passed its review go on only while it is unlike earlier ones; return the review's slice as it then is."""
    if reviewed["verdict"] != "pass" or reviewed["best"] is None:
        return reviewed
    judged = await _of_script(studio, state, studio.load(reviewed["best"], Script))
    if judged.alike.passed:
        return reviewed
    asked = tuple(Suggestion(criterion="sameness", text=reason, sentence_ids=judged.shared) for reason in judged.alike.reasons)
    told = studio.load(reviewed["best_report"], Review).model_copy(update={"blocking": asked})
    report = await studio.keep(told, "review", state["scout"]["provenance"])
    return revisions.too_alike(state, reviewed, report, judged.alike.reasons)


async def of_thumbnails(studio: Studio, state: ProductionState, made: Thumbnails) -> tuple[Thumbnails, Decision | None]:
    """Return the thumbnails with the first of them chosen that is unlike earlier ones, best first, and why when that is not the best."""
    iteration = revisions.iteration(state)
    ctx = studio.node(THUMBNAIL, iteration, HAND, state["scout"]["provenance"])

    async def gather() -> JudgedThumbnails:
        return await asyncio.to_thread(_judge_thumbnails, studio, state["scout"]["provenance"], made)

    found = (await ctx.snapshot(JudgedThumbnails, gather)).variants
    order = (made.chosen, *(at for at in range(len(found)) if at != made.chosen))
    chosen = next((at for at in order if found[at].passed), made.chosen)
    title = studio.load(revisions.script(state), Script).title
    await asyncio.to_thread(_keep, studio, state, (title, Fingerprint(thumbnail=made.variants[chosen].likeness)), ("thumbnail", iteration, found[chosen]))
    if chosen == made.chosen:
        return made, None
    first = found[made.chosen]
    decision = Decision(
        agent="thumbnail_designer",
        question="Is the thumbnail unlike earlier ones?",
        choice=f"the {made.variants[chosen].concept} one is, and takes the place of the {made.variants[made.chosen].concept} one",
        reasons=first.reasons,
        scores=_scores(first),
    )
    return made.model_copy(update={"chosen": chosen, "reasons": (*first.reasons, *made.reasons)}), decision


async def thumbnail_gate(studio: Studio, state: ProductionState) -> GateResult | None:
    """Return the check of the chosen thumbnail against earlier ones; None when none was made in this iteration."""
    found = await asyncio.to_thread(_recorded, studio, revisions.iteration(state))
    if found is None:
        return None
    most = max(found.measures, key=lambda one: one.value - one.limit)
    gate = GateResult(name="thumbnail sameness", passed=found.passed, measured=f"{most.value:.2f}", limit=f"{most.limit:.2f}", stage="screen")
    return gate.figured(most.value, most.limit)


async def _of_script(studio: Studio, state: ProductionState, script: Script) -> Judged:
    revision = state["write"]["revision"]
    ctx = studio.node(SCRIPT, revision, HAND, state["scout"]["provenance"])
    spoken = " ".join(sentence.text for sentence in script.sentences)
    (vector,) = (await ctx.call(EMBED_TEXT, EmbedTextArgs(texts=(spoken,)))).vectors
    made = fingerprint_of(script, studio.personality, vector)

    async def gather() -> Judged:
        return await asyncio.to_thread(_judge_script, studio, ctx.provenance.value, (script, made))

    judged = await ctx.snapshot(Judged, gather)
    await asyncio.to_thread(_keep, studio, state, (script.title, made), ("script", revision, judged.alike))
    await studio.decide(SCRIPT, revision, (_decision(judged.alike),))
    return judged


class JudgedThumbnails(Frozen):
    """How alike each of the variants is to earlier thumbnails."""

    variants: tuple[Alike, ...]


def _judge_script(studio: Studio, provenance: str, made: tuple[Script, Fingerprint]) -> Judged:
    script, print_ = made
    with studio.database.unit_of_work() as session:
        # Kept before the others are read, so that of two runs at the same time the later one sees the earlier.
        FingerprintRepository(session).keep(studio.run_id, provenance, script.title, print_.model_dump(mode="json", exclude={"thumbnail"}))
    own, others = _earlier(studio, provenance)
    alike = judge("script", print_, own, others, studio.personality.sameness)
    nearest = {one.nearest_run for one in alike.measures if not one.kept}
    shared = {sentence for one in (*own, *others) if one.run_id in nearest for sentence in shared_sentences(script, one.fingerprint)}
    return Judged(alike=alike, shared=tuple(one.id for one in script.sentences if one.id in shared))


def _judge_thumbnails(studio: Studio, provenance: str, made: Thumbnails) -> JudgedThumbnails:
    own, others = _earlier(studio, provenance)
    limits = studio.personality.sameness
    return JudgedThumbnails(variants=tuple(judge("thumbnail", Fingerprint(thumbnail=one.likeness), own, others, limits) for one in made.variants))


def _earlier(studio: Studio, provenance: str) -> tuple[tuple[Earlier, ...], tuple[Earlier, ...]]:
    window = studio.personality.sameness.window
    with studio.database.unit_of_work() as session:
        prints = FingerprintRepository(session)
        own, others = (prints.newest(studio.run_id, provenance, window, other_channels=other) for other in (False, True))
        return tuple(map(_read, own)), tuple(map(_read, others))


def _read(row: FingerprintRecord) -> Earlier:
    return Earlier(run_id=row.run_id, channel_id=row.channel_id, title=row.title, fingerprint=Fingerprint.model_validate(row.body))


def _keep(studio: Studio, state: ProductionState, made: tuple[str, Fingerprint], found: tuple[Stage, int, Alike]) -> None:
    """Keep the part of the fingerprint that this stage made, and the measurement."""
    (title, print_), (stage, iteration, alike), provenance = made, found, state["scout"]["provenance"]
    body = print_.model_dump(mode="json")
    part = {name: value for name, value in body.items() if (name == "thumbnail") == (stage == "thumbnail")}
    with studio.database.unit_of_work() as session:
        studio.ensure_held(RunRepository(session))
        prints = FingerprintRepository(session)
        prints.keep(studio.run_id, provenance, title, part)
        prints.record_check(studio.run_id, stage, iteration, provenance, alike.model_dump(mode="json"))


def _recorded(studio: Studio, iteration: int) -> Alike | None:
    with studio.database.unit_of_work() as session:
        report = FingerprintRepository(session).find_check(studio.run_id, "thumbnail", iteration)
    return None if report is None else Alike.model_validate(report)


def _decision(alike: Alike) -> Decision:
    compared = f"compared with {alike.compared_own} videos of the channel and {alike.compared_others} of others"
    choice = "yes" if alike.passed else "no: it is sent back once, and then refused"
    return Decision(
        agent=HAND, question="Is the script unlike what was published before?", choice=choice, reasons=(*alike.reasons, compared), scores=_scores(alike)
    )


def _scores(alike: Alike) -> dict[str, float]:
    return {one.name: one.value for one in alike.measures}

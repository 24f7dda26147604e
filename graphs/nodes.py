"""The nodes of the production graph: state in, one agent or tool, state out."""

from langgraph.runtime import Runtime

from agents import crisis_monitor, publisher, scriptwriter, thumbnail_designer, trend_scout, voice_director
from agents.scriptwriter import EvidenceNotQuotable, NoEvidence
from graphs import approvals, films, media, outcomes, revisions, sameness, script_edits, timing, trends, upload_quota, videos
from graphs.bodies import Cited, ScreenReport
from graphs.context import Studio
from graphs.documents import sources_document
from graphs.routes import MAX_REVISIONS
from graphs.state import Prepared, ProductionState, Update, Written
from graphs.troubles import UNTOLD, code_of, may_pass
from infra.ids import canonical_json
from memory.artifacts import Brief, Manifest, Narration, RenderedVideo, Script, Thumbnails
from tools.call import JobFailed

# The writer counts to ten; a person may send a script back more often than that.
MAX_WRITER_REVISION = 10


async def scout(state: ProductionState, runtime: Runtime[Studio]) -> Update:  # noqa: ARG001 - LangGraph hands both to every node
    """Choose what the video is about."""
    studio = runtime.context
    ctx = studio.node("scout", 0, "trend_scout", studio.provenance)
    request = studio.request
    own = request.script if request.own_text else None
    task = trend_scout.Input(topic=request.topic, sources=request.sources, avoid=request.avoid, own_text=own)
    output = await trend_scout.run(task, ctx)
    await trends.conclude(studio, output.provenance, output.topics)
    await studio.decide("scout", 0, output.decisions)
    brief = await studio.keep(output.brief, "brief", output.provenance) if output.brief else None
    await videos.settle(studio, output.provenance, output.brief.topic if output.brief else None)
    return {"scout": {"brief": brief, "provenance": output.provenance.value, "refusal": output.refusal}}


async def write(state: ProductionState, runtime: Runtime[Studio]) -> Update:
    """Write the script, or revise it by what the review or a person said; a person's own words are taken as they are."""
    studio = runtime.context
    revision = revisions.next_revision(state)
    if studio.request.film is not None:
        return {"write": films.unwritten(revision)}
    if (taken := await script_edits.take(studio, state, revision)) is not None:
        return {"write": taken}
    if studio.request.script is not None and revision > 0:
        return {"write": revisions.unwritten(state, revision, "the script is the operator's own and is not rewritten; add a task with another")}
    told = revisions.revising(studio, state) | {"revision": min(revision, MAX_WRITER_REVISION)}
    task = scriptwriter.Input(brief=studio.load(revisions.brief(state), Brief), **told)
    ctx = studio.node("write", revision, "scriptwriter", state["scout"]["provenance"])
    try:
        text = studio.request.script
        output = await (scriptwriter.run(task, ctx) if text is None else scriptwriter.adopt(text, task, ctx))
    except (NoEvidence, EvidenceNotQuotable) as refusal:
        return {"write": revisions.unwritten(state, revision, refusal.message)}
    except JobFailed as failed:
        if may_pass(failed) or failed.state != "dead":
            raise
        unwritten = revisions.unwritten(state, revision, failed.message)
        if unwritten["refusal"] is not None and code_of(failed) in UNTOLD:
            raise  # the topic was not found wanting, and is not refused
        await studio.decide("write", revision, (revisions.no_revision(failed.message),))
        return {"write": unwritten}
    await studio.decide("write", revision, output.decisions)
    script = await studio.keep(output.script, "script", ctx.provenance)
    cited = await studio.keep(Cited(passages=output.passages), "cited", ctx.provenance)
    attempt = revisions.next_attempt(state) if text is None else MAX_REVISIONS
    written: Written = {"script": script, "cited": cited, "revision": revision, "attempt": attempt, "refusal": None}
    return {"write": {**written, "edits": revisions.taken_edits(state)}}


async def review(state: ProductionState, runtime: Runtime[Studio]) -> Update:
    """Score the script by the rubric; send it back at most three times, keep the best; one too alike to earlier videos goes back once."""
    studio = runtime.context
    script = studio.load(revisions.script(state), Script)
    found = scriptwriter.review(script, studio.load(revisions.brief(state), Brief), studio.personality, studio.request.seconds)
    kept = await studio.keep(found, "review", state["scout"]["provenance"])
    return {"review": await sameness.settle(studio, state, revisions.verdict(state, found, kept))}


async def narrate(state: ProductionState, runtime: Runtime[Studio]) -> Update:
    """Read the script aloud."""
    studio = runtime.context
    iteration = revisions.iteration(state)
    ctx = studio.node("narrate", iteration, "voice_director", state["scout"]["provenance"])
    found = media.findings(studio, state, "narrate")
    before = revisions.heard_before(state)
    held = voice_director.scale_of(studio.load(before, Narration)) if before else None
    task = voice_director.Input(script=studio.load(revisions.script(state), Script), seconds=studio.request.seconds, findings=found, held_scale=held)
    output = await voice_director.run(task, ctx)
    await studio.decide("narrate", iteration, output.decisions)
    return {"narration": output.narration}


async def design_thumbnail(state: ProductionState, runtime: Runtime[Studio]) -> Update:
    """Design three thumbnails and choose one."""
    studio = runtime.context
    iteration = revisions.iteration(state)
    ctx = studio.node("design_thumbnail", iteration, "thumbnail_designer", state["scout"]["provenance"])
    brief = studio.load(revisions.brief(state), Brief)
    output = await thumbnail_designer.design(
        thumbnail_designer.DesignInput(script=studio.load(revisions.script(state), Script), brief=brief, pictures=brief.pictures), ctx
    )
    thumbnails, changed = await sameness.of_thumbnails(studio, state, output.thumbnails)
    await studio.decide("design_thumbnail", iteration, (*output.decisions, changed) if changed else output.decisions)
    return {"thumbnails": await studio.keep(thumbnails, "thumbnails", ctx.provenance)}


async def illustrate(state: ProductionState, runtime: Runtime[Studio]) -> Update:
    """Choose and draw what is seen during each sentence."""
    studio = runtime.context
    iteration = revisions.iteration(state)
    ctx = studio.node("illustrate", iteration, "thumbnail_designer", state["scout"]["provenance"])
    brief = studio.load(revisions.brief(state), Brief)
    task = thumbnail_designer.IllustrateInput(
        script=studio.load(revisions.script(state), Script),
        narration=studio.load(state["narration"], Narration),
        brief=brief,
        pictures=brief.pictures,
        format=studio.request.format,
        findings=media.findings(studio, state, "illustrate"),
        paints=bool(studio.settings.diffusers_model) and studio.personality.generated_pictures,
        buys=studio.settings.buys_pictures and studio.personality.generated_pictures and brief.network,
        own=bool(studio.request.sources),
        own_folder=media.own_folder(studio),
    )
    output = await thumbnail_designer.illustrate(task, ctx)
    await studio.decide("illustrate", iteration, output.decisions)
    return {"storyboard": await studio.keep(output.storyboard, "storyboard", ctx.provenance)}


async def render(state: ProductionState, runtime: Runtime[Studio]) -> Update:
    """Render picture, voice, music and captions into one file."""
    return {"video": await media.render(runtime.context, state)}


async def inspect(state: ProductionState, runtime: Runtime[Studio]) -> Update:
    """Measure the file; name the one stage to send back when it fails for the first time."""
    gate = films.inspect if "film" in state else media.inspect
    return {"inspect": await gate(runtime.context, state)}


async def screen(state: ProductionState, runtime: Runtime[Studio]) -> Update:
    """Screen everything that will be said and shown for policy and brand before anyone is asked to publish it."""
    studio = runtime.context
    iteration = revisions.iteration(state)
    ctx = studio.node("screen", iteration, "crisis_monitor", state["scout"]["provenance"])
    task = crisis_monitor.ScreenInput(script=studio.load(revisions.script(state), Script), brief=studio.load(revisions.brief(state), Brief))
    output = await crisis_monitor.screen(task, ctx)
    await studio.decide("screen", iteration, output.decisions)
    alike = await sameness.thumbnail_gate(studio, state)
    report = await studio.keep(ScreenReport(gates=(*output.gates, alike) if alike else output.gates), "screening", ctx.provenance)
    reasons = [
        *output.reasons,
        *([f"every thumbnail is too alike to an earlier one: {alike.measured}, limit {alike.limit}"] if alike and not alike.passed else []),
    ]
    passed = output.passed and (alike is None or alike.passed)
    return {"screen": {"report": report, "passed": passed, "reasons": reasons, "warned": output.warned}}


async def prepare(state: ProductionState, runtime: Runtime[Studio]) -> Update:
    """Compose the listing and bind everything into the manifest that an approval is for."""
    studio = runtime.context
    count = (state["prepare"]["count"] if "prepare" in state else 0) + 1
    ctx = studio.node("prepare", count, "publisher", state["scout"]["provenance"])
    script, brief = studio.load(revisions.script(state), Script), studio.load(revisions.brief(state), Brief)
    edits = approvals.edits(studio, state)
    wanted = timing.asked_for(studio.request, edits.publish_at if edits else None)
    showing = timing.showing_of(wanted, studio.clock.now(), upload_quota.moved_to(studio, state))
    await upload_quota.tell_slot(studio, showing.at, wanted.publish_at)
    narration = studio.load(state["narration"], Narration) if "narration" in state else None
    chapters = publisher.chapters_of(script, narration)
    told = films.description(studio, ctx.provenance)
    description = told or scriptwriter.compose_description(script, brief, studio.personality, chapters, ctx.provenance)
    task = publisher.PrepareInput(
        script=script,
        brief=brief,
        narration=narration,
        thumbnails=studio.load(state["thumbnails"], Thumbnails),
        video=studio.load(state["video"], RenderedVideo),
        description=description,
        edits=edits,
        privacy=studio.request.privacy,
        publish_at=showing.at,
        film=studio.request.film,
    )
    prepared = await publisher.prepare(task, ctx)
    await studio.decide("prepare", count, prepared.decisions)
    await videos.name(studio, brief.topic, prepared.listing.title)
    edited = await studio.keep(task.edits, "listing_edits", ctx.provenance) if task.edits else None
    manifest = await studio.keep(prepared.manifest, "manifest", ctx.provenance)
    listing = await studio.keep(prepared.listing, "listing", ctx.provenance)
    needs_human = showing.asks or await approvals.needs_human(studio, state)
    if not needs_human and not showing.refused:
        await approvals.approve_by_policy(studio, manifest, count)
    revision = state["write"]["revision"]
    slice_: Prepared = {"manifest": manifest, "listing": listing, "needs_human": needs_human, "count": count, "revision": revision, "edits": edited, "late": ""}
    return {"prepare": {**slice_, "late": showing.refused}}


async def publish(state: ProductionState, runtime: Runtime[Studio]) -> Update:
    """Publish what was approved, once, and leave the checks that look at it later."""
    studio = runtime.context
    manifest_digest = state["prepare"]["manifest"]
    ctx = studio.node("publish", state["prepare"]["count"], "publisher", state["scout"]["provenance"])
    manifest = studio.load(manifest_digest, Manifest)
    approved = await approvals.verify(studio, manifest_digest)
    if late := await approvals.missed_time(studio, manifest.listing.publish_at, approved):
        return {"publish": {"publication": "", "location": "", "late": late}}
    if until := await upload_quota.set_aside(studio, manifest.listing.publish_at, ctx.provenance):
        return {"publish": {"publication": "", "location": "", "late": "no quota is left before its time", "quota_from": until.isoformat()}}
    publication = await approvals.open_publication(studio, manifest_digest, ctx.provenance)
    script, brief = studio.load(revisions.script(state), Script), studio.load(revisions.brief(state), Brief)
    cited = studio.load(revisions.cited(state), Cited)
    video = studio.load(state["video"], RenderedVideo)
    sources = studio.store.put_bytes(canonical_json(sources_document(brief, script, cited.passages)))
    task = publisher.PublishInput(
        key=publication.key,
        manifest=manifest,
        approved=approved.manifest_digest,
        captions_srt=video.captions_srt,
        captions_vtt=video.captions_vtt,
        sources=sources,
        duration_s=video.duration_s,
        place=publication.place,
    )
    published = await publisher.publish(task, ctx)
    await studio.decide("publish", state["prepare"]["count"], published.decisions)
    await approvals.close_publication(studio, publication.id, published, manifest.listing.publish_at)
    await outcomes.predict(studio, state, publication.id)
    await approvals.remember(studio, state, script, brief)
    return {"publish": {"publication": publication.id, "location": published.location, "late": ""}}

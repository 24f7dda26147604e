"""The publisher on stored videos: the listing it prepares, and what it puts into the library."""

from typing import Literal

from agents import publisher
from evals.context import Bench, EvalContext
from evals.outcome import CasePart, Outcome, attempt
from evals.tasks.documents import CaseDocument, build_brief
from evals.tasks.scripts import CaseScript, time_script
from infra.ids import json_digest
from memory.artifacts import Privacy, Provenance, RenderedVideo, Thumbnails, ThumbnailVariant


class PublisherCase(CasePart):
    """A finished video; `tamper` is what goes wrong between approval and publication, `times` how often publishing is tried."""

    channel: str = "field-notes"
    script: CaseScript
    documents: tuple[CaseDocument, ...]
    description: str = "This is a demo video. Sources: Case Press."
    edited_title: str | None = None
    provenance: Provenance = Provenance.DEMO
    tamper: Literal["", "title", "provenance", "file"] = ""
    times: int = 1
    privacy: Privacy = "public"


class PublisherExpect(CasePart):
    """The flags the listing must carry, or that it must refuse and why."""

    refuses: bool = False
    because: tuple[str, ...] = ()
    made_for_kids: bool = False
    entries: int = 1


async def run(case: PublisherCase, bench: Bench) -> Outcome:
    """Prepare and publish a case."""
    context = bench.context("publisher", case.channel, provenance=case.provenance)
    given = _prepare_input(case, bench)
    return await attempt(given, context, lambda: _publish(case, given, context))


async def _publish(case: PublisherCase, given: publisher.PrepareInput, context: EvalContext) -> tuple[publisher.Prepared, publisher.Published]:
    prepared = await publisher.prepare(given, context)
    approved = json_digest(prepared.manifest.model_dump(mode="json"))
    manifest = prepared.manifest
    if case.tamper == "title":
        manifest = manifest.model_copy(update={"listing": manifest.listing.model_copy(update={"title": "Another title"})})
    if case.tamper == "provenance":
        context.provenance = Provenance.REHEARSAL
    if case.tamper == "file":
        context.store.path(manifest.video).write_bytes(b"other bytes")
    published = None
    for _ in range(case.times):
        published = await publisher.publish(
            publisher.PublishInput(
                key=f"run_{approved[:20]}",
                manifest=manifest,
                approved=approved,
                captions_srt=given.video.captions_srt,
                captions_vtt=given.video.captions_vtt,
                sources=context.store.put_bytes(b"{}"),
                duration_s=given.video.duration_s,
            ),
            context,
        )
    if published is None:
        raise ValueError("times: must be at least 1")
    return prepared, published


def _prepare_input(case: PublisherCase, bench: Bench) -> publisher.PrepareInput:
    script = case.script.build()
    put = bench.store.put_bytes
    mark = f"{case.script.title} {case.tamper} {case.times}".encode()
    thumbnail = ThumbnailVariant(image=put(b"thumbnail " + mark), concept="statement", text="CASE", scores={}, score=0.5)
    narration = time_script(script)
    video = RenderedVideo(
        video=put(b"video " + mark),
        captions_srt=put(b"srt " + mark),
        captions_vtt=put(b"vtt " + mark),
        duration_s=narration.duration_s,
        width=1920,
        height=1080,
        fps=30,
    )
    return publisher.PrepareInput(
        script=script,
        brief=build_brief(case.documents),
        narration=narration,
        thumbnails=Thumbnails(variants=(thumbnail,), chosen=0, reasons=("stored case",)),
        video=video,
        description=case.description,
        edits=publisher.ListingEdits(title=case.edited_title) if case.edited_title is not None else None,
        privacy=case.privacy,
    )

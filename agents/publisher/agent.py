"""The publisher decides what the platform is told, and makes each publication exactly once."""

from agents.base import AgentContext
from agents.publisher import policy
from agents.publisher.schemas import Prepared, PrepareInput, Published, PublishInput
from infra.errors import Conflict, Invalid
from infra.ids import json_digest
from memory.artifacts import Decision, Listing, Manifest, Provenance
from tools.publish_to_library.schema import SPEC as PUBLISH_TO_LIBRARY
from tools.publish_to_library.schema import PublishToLibraryArgs
from tools.upload_video.schema import REFERENCE_BYTES, UploadVideoArgs
from tools.upload_video.schema import SPEC as UPLOAD_VIDEO

AGENT = "publisher"
_CHILDREN = ("children", "kids", "toddlers")


async def prepare(task: PrepareInput, ctx: AgentContext) -> Prepared:
    """Compose the listing with every flag set, check it against the platform's limits, and bind it into a manifest."""
    listing = _listing(task, ctx)
    gates = (*policy.check_listing(listing, task.film), policy.check_room(listing, REFERENCE_BYTES), policy.check_label(listing, ctx.provenance))
    failing = [f"{gate.name}: {gate.measured}, limit {gate.limit}" for gate in gates if not gate.passed]
    if failing:
        raise Invalid(f"listing: {'; '.join(failing)}")
    manifest = Manifest(
        channel_id=ctx.personality.id,
        video=task.video.video,
        thumbnail=task.thumbnails.variants[task.thumbnails.chosen].image,
        captions=task.video.captions_srt,
        listing=listing,
        provenance=ctx.provenance,
    )
    return Prepared(listing=listing, manifest=manifest, gates=gates, decisions=(_flags(listing, ctx, task.film is None),))


async def publish(task: PublishInput, ctx: AgentContext) -> Published:
    """Publish what was approved and nothing else; raises `ApprovalMismatch` when the manifest changed since."""
    digest = json_digest(task.manifest.model_dump(mode="json"))
    if digest != task.approved:
        raise ApprovalMismatch(f"manifest: {digest[:12]} is not the approved {task.approved[:12]}; approve the new one", manifest=digest)
    if task.manifest.provenance != ctx.provenance:
        raise ApprovalMismatch(f"provenance: the manifest is {task.manifest.provenance}, the run is {ctx.provenance}")
    return await (_to_youtube(task, ctx) if task.place == "youtube" else _to_library(task, ctx))


async def _to_youtube(task: PublishInput, ctx: AgentContext) -> Published:
    result = await ctx.call(UPLOAD_VIDEO, UploadVideoArgs(key=task.key, manifest=task.manifest, approved=task.approved))
    reasons = (
        f"uploaded private, released as {result.privacy} after the approval was checked again, and read back",
        "made now" if result.created else "an earlier attempt had already made it; nothing was made twice",
        *(f"{name}: {said}" for name, said in result.extras.items()),
    )
    decision = Decision(agent=AGENT, question="Where is it published?", choice=f"YouTube: {result.url}", reasons=reasons)
    return Published(location=result.url, page=result.url, external_id=result.video_id, created=result.created, decisions=(decision,))


async def _to_library(task: PublishInput, ctx: AgentContext) -> Published:
    result = await ctx.call(
        PUBLISH_TO_LIBRARY,
        PublishToLibraryArgs(
            key=task.key,
            channel_id=task.manifest.channel_id,
            channel_name=ctx.personality.name,
            manifest=task.approved,
            listing=task.manifest.listing,
            video=task.manifest.video,
            thumbnail=task.manifest.thumbnail,
            captions_srt=task.captions_srt,
            captions_vtt=task.captions_vtt,
            sources=task.sources,
            duration_s=task.duration_s,
        ),
    )
    reasons = (
        "the files were read back and match the approved manifest",
        "made now" if result.created else "an earlier attempt had already made it; nothing was made twice",
    )
    decision = Decision(agent=AGENT, question="Where is it published?", choice=f"local library: {result.location}", reasons=reasons)
    return Published(location=result.location, page=result.page, external_id=result.external_id, created=result.created, decisions=(decision,))


class ApprovalMismatch(Conflict):
    """What is about to be published is not what was approved."""

    code = "approval_mismatch"


def _listing(task: PrepareInput, ctx: AgentContext) -> Listing:
    edits = task.edits
    title = edits.title if edits and edits.title is not None else task.script.title
    description = edits.description if edits and edits.description is not None else task.description
    tags = edits.tags if edits and edits.tags is not None else task.script.tags
    return Listing(
        title=" ".join(title.replace("<", " ").replace(">", " ").split()),
        description=description,
        tags=policy.fit_tags(tags),
        language=task.script.language,
        chapters=policy.chapters_of(task.script, task.narration),
        category=task.brief.category or ctx.personality.categories[0],
        privacy="private" if task.publish_at else task.privacy,
        publish_at=task.publish_at,
        made_for_kids=_for_children(ctx),
        contains_synthetic_media=task.film is None or task.film.synthetic,
        license="youtube" if task.film is None else task.film.licence,
    )


def _for_children(ctx: AgentContext) -> bool:
    return any(word in ctx.personality.audience.lower() for word in _CHILDREN)


def _flags(listing: Listing, ctx: AgentContext, own: bool) -> Decision:
    flags = {
        "made for kids": listing.made_for_kids,
        "synthetic media": listing.contains_synthetic_media,
        "privacy": listing.privacy,
        "licence": listing.license,
    } | ({"shown at": f"{listing.publish_at:%Y-%m-%d %H:%M} UTC"} if listing.publish_at else {})
    return Decision(
        agent=AGENT,
        question="Which flags does the listing carry?",
        choice=", ".join(f"{name}: {value}" for name, value in flags.items()),
        reasons=(
            f"the audience is {ctx.personality.audience}",
            "the voice is synthetic, so the disclosure is set" if own else "whether anything is synthetic, and the licence, are as the film's maker says",
            "a platform gets it private and shows it by a second call after the approval; the local library is private to this machine"
            if ctx.provenance is Provenance.REAL
            else f"labelled {ctx.provenance.value}",
        ),
        alternatives=("leaving a flag out, which platforms read as public and not synthetic",),
    )

"""The crisis monitor on stored scripts (before publication) and on stored looks at publications (after it)."""

from datetime import timedelta

from agents import crisis_monitor
from agents.crisis_monitor.schemas import Action, Autonomy, Comment, FileLook, Privacy, Severity, SignKind, WatchSnapshot
from evals.context import START, Bench
from evals.outcome import CasePart, Outcome, attempt
from evals.tasks.documents import CaseDocument, build_brief
from evals.tasks.scripts import CaseScript
from infra.ids import json_digest
from memory.artifacts import Listing, Manifest, Provenance
from tools.publish_to_library.schema import PublishToLibraryArgs
from tools.publish_to_library.tool import run as publish_to_library
from tools.screen_content.schema import ScreenContentArgs, ScreenedText
from tools.screen_content.tool import run as screen_content


class Said(CasePart):
    """A comment, said by `times` viewers one minute apart from `minute` on; `{n}` in the text is the viewer's number."""

    text: str
    times: int = 1
    minute: int = 0


class Look(CasePart):
    """What a look at the publication found."""

    found: bool = True
    privacy: Privacy = "public"
    missing: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    retracted: tuple[str, ...] = ()
    said: tuple[Said, ...] = ()


class MonitorCase(CasePart):
    """A script to screen, or (`look`) a publication to watch under a channel's autonomy."""

    channel: str = "field-notes"
    script: CaseScript | None = None
    documents: tuple[CaseDocument, ...] = ()
    look: Look | None = None
    autonomy: Autonomy = "autonomous"
    expected_privacy: Privacy = "public"


class MonitorExpect(CasePart):
    """The right verdict: before publication whether it passes, afterwards how grave it is, what shows it and what is done."""

    passes: bool | None = None
    severity: Severity = "none"
    signs: tuple[SignKind, ...] = ()
    done: tuple[Action, ...] = ()
    wanted: tuple[Action, ...] = ()


async def run(case: MonitorCase, bench: Bench) -> Outcome:
    """Run the monitor on a case."""
    if case.script is not None:
        context = bench.context("crisis_monitor", case.channel)
        given = crisis_monitor.ScreenInput(script=case.script.build(), brief=build_brief(case.documents))
        return await attempt(given, context, lambda: crisis_monitor.screen(given, context))
    look = case.look or Look()
    context = bench.context("crisis_monitor", case.channel, stored=_snapshot(look, bench))
    manifest, key = manifest_of(bench), f"run_{json_digest(case.model_dump(mode='json'))[:20]}"
    if look.found:
        publish_entry(bench, key, manifest.model_copy(update={"listing": manifest.listing.model_copy(update={"privacy": look.privacy})}))
    watched = crisis_monitor.WatchInput(publication_key=key, manifest=manifest, expected_privacy=case.expected_privacy, autonomy=case.autonomy)
    return await attempt(watched, context, lambda: crisis_monitor.watch(watched, context))


def _comments(look: Look) -> tuple[Comment, ...]:
    return tuple(
        Comment(
            id=f"c{place}-{number}",
            author=f"viewer {place}-{number}",
            text=said.text.replace("{n}", str(number)),
            at=START + timedelta(minutes=said.minute + number),
        )
        for place, said in enumerate(look.said)
        for number in range(said.times)
    )


def _snapshot(look: Look, bench: Bench) -> WatchSnapshot:
    comments = _comments(look)
    states = dict.fromkeys(look.missing, "missing") | dict.fromkeys(look.changed, "changed")
    texts = tuple(ScreenedText(id=one.id, text=one.text, origin="outside") for one in comments)
    found = screen_content(ScreenContentArgs(texts=texts), bench.tool_context()).findings if texts else ()
    return WatchSnapshot(
        found=look.found,
        taken_at=START,
        privacy=look.privacy if look.found else "",
        files=tuple(FileLook.model_validate({"name": name, "state": states.get(name, "ok")}) for name in ("video.mp4", "thumbnail.jpg", "captions.srt")),
        comments=comments,
        screened=tuple((one.text_id, one.category, one.reason) for one in found),
        retracted=look.retracted,
    )


def manifest_of(bench: Bench) -> Manifest:
    """Return the manifest of a small published video whose files are in the bench's store."""
    listing = Listing(
        title="A case",
        description="A demo video.",
        tags=(),
        language="en",
        chapters=(),
        category="science",
        privacy="public",
        made_for_kids=False,
        contains_synthetic_media=True,
        license="youtube",
    )
    video, thumbnail, captions = (bench.store.put_bytes(name) for name in (b"video", b"thumbnail", b"captions"))
    return Manifest(channel_id="field-notes", video=video, thumbnail=thumbnail, captions=captions, listing=listing, provenance=Provenance.DEMO)


def publish_entry(bench: Bench, key: str, manifest: Manifest) -> None:
    """Publish a manifest into the bench's library, so that looking at it and pulling it back are real."""
    args = PublishToLibraryArgs(
        key=key,
        channel_id=manifest.channel_id,
        channel_name="Field Notes",
        manifest=json_digest(manifest.model_dump(mode="json")),
        listing=manifest.listing,
        video=manifest.video,
        thumbnail=manifest.thumbnail,
        captions_srt=manifest.captions,
        captions_vtt=manifest.captions,
        sources=manifest.captions,
        duration_s=30.0,
    )
    publish_to_library(args, bench.tool_context())

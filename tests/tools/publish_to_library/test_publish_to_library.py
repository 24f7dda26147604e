"""The library holds each publication exactly once, as approved, with pages a person can open."""

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from infra.settings import Settings
from memory.artifacts import Listing, Provenance
from memory.media import ArtifactMissing, MediaStore
from tools.base import ToolContext, ToolError
from tools.publish_to_library.schema import PublishToLibraryArgs
from tools.publish_to_library.tool import run

LISTING = Listing(
    title="Lake <Natron> & the salt",
    description="A demo video.\nSources: somewhere",
    tags=("lake",),
    language="en",
    chapters=(),
    category="nature",
    privacy="public",
    made_for_kids=False,
    contains_synthetic_media=True,
    license="youtube",
)


@pytest.fixture
def ctx(tmp_path: Path) -> ToolContext:
    settings = Settings(home=tmp_path / "my home")
    return ToolContext(settings=settings, store=MediaStore(settings.media_root), scratch=tmp_path, provenance=Provenance.DEMO)


def arguments(ctx: ToolContext, key: str = "run_12345678", **changes: object) -> PublishToLibraryArgs:
    names = ("video", "thumbnail", "captions_srt", "captions_vtt", "sources")
    digests = {name: ctx.store.put_bytes(name.encode()) for name in names}
    fixed = {"key": key, "channel_id": "field-notes", "channel_name": "Field Notes", "manifest": "a" * 64, "listing": LISTING, "duration_s": 61.4}
    return PublishToLibraryArgs.model_validate({**fixed, **digests, **changes})


def test_an_entry_holds_the_approved_files_and_pages_that_name_them(ctx: ToolContext) -> None:
    result = run(arguments(ctx), ctx)
    entry = Path(result.location)
    assert result.created
    assert (entry / "video.mp4").read_bytes() == b"video"
    page = (entry / "index.html").read_text("utf-8")
    assert "Lake &lt;Natron&gt; &amp; the salt" in page
    assert "1:01" in page
    assert ">demo</span>" in page
    assert "1 video " in (ctx.settings.library_root / "index.html").read_text("utf-8")


def test_publishing_the_same_key_twice_makes_one_entry(ctx: ToolContext) -> None:
    first, second = run(arguments(ctx), ctx), run(arguments(ctx), ctx)
    assert (first.location, second.created) == (second.location, False)
    assert len(list(ctx.settings.library_root.glob("*/*--*"))) == 1


def test_a_death_before_the_rename_leaves_no_entry_and_the_next_attempt_makes_one(ctx: ToolContext) -> None:
    def die() -> None:
        raise KeyboardInterrupt

    dying = ToolContext(settings=ctx.settings, store=ctx.store, scratch=ctx.scratch, provenance=Provenance.DEMO, ensure_live=die)
    with pytest.raises(KeyboardInterrupt):
        run(arguments(ctx), dying)
    assert list(ctx.settings.library_root.glob("*/*--*")) == []
    assert run(arguments(ctx), ctx).created


def test_a_key_never_publishes_a_second_manifest(ctx: ToolContext) -> None:
    run(arguments(ctx), ctx)
    with pytest.raises(ToolError, match="already published another manifest"):
        run(arguments(ctx, manifest="b" * 64), ctx)


def test_an_entry_changed_on_disk_is_noticed(ctx: ToolContext) -> None:
    entry = Path(run(arguments(ctx), ctx).location)
    (entry / "video.mp4").write_bytes(b"other")
    with pytest.raises(ToolError, match="differs from what was approved"):
        run(arguments(ctx), ctx)


def test_a_missing_artifact_leaves_nothing_published(ctx: ToolContext) -> None:
    with pytest.raises(ArtifactMissing):
        run(arguments(ctx, video="f" * 64), ctx)
    assert list(ctx.settings.library_root.glob("*/*--*")) == []


def test_the_feed_is_well_formed_and_lists_only_what_is_public(ctx: ToolContext) -> None:
    run(arguments(ctx, key="run_public01"), ctx)
    run(arguments(ctx, key="run_private1", listing=LISTING.model_copy(update={"privacy": "private"})), ctx)
    feed = ET.fromstring((ctx.settings.library_root / "feed.xml").read_text("utf-8"))
    assert [item.findtext("guid") for item in feed.iter("item")] == ["run_public01"]
    record = next(ctx.settings.library_root.glob("*/*--run_public01/publication.json"))
    assert json.loads(record.read_text("utf-8"))["provenance"] == "demo"

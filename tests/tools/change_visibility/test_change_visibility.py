"""A publication is pulled back and shown again: idempotently, verified, and after a death between record and pages."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from infra.settings import Settings
from memory.artifacts import Listing, Provenance
from memory.media import MediaStore
from tests.fixtures.sources import FixedClock
from tools.base import ToolContext, ToolError, ToolPaused
from tools.change_visibility.schema import ChangeVisibilityArgs
from tools.change_visibility.tool import run
from tools.library.pages import listed_keys, write_pages
from tools.publish_to_library.schema import PublishToLibraryArgs
from tools.publish_to_library.tool import run as publish

KEYS = ("run_11111111", "run_22222222")


@pytest.fixture
def ctx(tmp_path: Path) -> ToolContext:
    """A library with two public entries."""
    settings = Settings(home=tmp_path / "my home")
    made = ToolContext(settings=settings, store=MediaStore(settings.media_root), scratch=tmp_path, provenance=Provenance.DEMO)
    names = ("video", "thumbnail", "captions_srt", "captions_vtt", "sources")
    digests = {name: made.store.put_bytes(name.encode()) for name in names}
    for key in KEYS:
        listing = Listing(
            title=f"Video {key[-1]}",
            description="A demo video.",
            tags=(),
            language="en",
            chapters=(),
            category="nature",
            privacy="public",
            made_for_kids=False,
            contains_synthetic_media=True,
            license="youtube",
        )
        fixed = {"key": key, "channel_id": "field-notes", "channel_name": "Field Notes", "manifest": "a" * 64, "listing": listing, "duration_s": 61.4}
        publish(PublishToLibraryArgs.model_validate({**fixed, **digests}), made)
    return made


def wanted(privacy: str, key: str = KEYS[0]) -> ChangeVisibilityArgs:
    return ChangeVisibilityArgs.model_validate({"key": key, "privacy": privacy, "reason": "a source was retracted"})


def test_pulling_back_removes_one_entry_from_index_and_feed_and_keeps_its_files(ctx: ToolContext) -> None:
    result = run(wanted("private"), ctx)
    root = ctx.settings.library_root
    assert (result.previous, result.privacy, result.changed, result.verified) == ("public", "private", True, True)
    assert listed_keys(root) == {KEYS[1]}
    assert "Video 1" not in (root / "index.html").read_text("utf-8")
    assert KEYS[0] not in (root / "feed.xml").read_text("utf-8")
    entry = Path(result.location)
    assert (entry / "video.mp4").read_bytes() == b"video"
    record = json.loads((entry / "publication.json").read_text("utf-8"))
    assert [(change["from"], change["to"], change["reason"]) for change in record["visibility"]] == [("public", "private", "a source was retracted")]


def test_doing_it_twice_changes_nothing_the_second_time(ctx: ToolContext) -> None:
    first = run(wanted("private"), ctx)
    record = Path(first.location, "publication.json").read_bytes()
    second = run(wanted("private"), ctx)
    assert (first.changed, second.changed, second.previous) == (True, False, "private")
    assert Path(first.location, "publication.json").read_bytes() == record


def test_a_private_entry_can_be_shown_again_and_an_unlisted_one_is_not_listed(ctx: ToolContext) -> None:
    run(wanted("private"), ctx)
    assert run(wanted("unlisted"), ctx).changed
    assert KEYS[0] not in listed_keys(ctx.settings.library_root)
    run(wanted("public"), ctx)
    assert KEYS[0] in listed_keys(ctx.settings.library_root)


def test_publishing_again_after_a_pull_back_leaves_it_pulled_back(ctx: ToolContext) -> None:
    run(wanted("private"), ctx)
    write_pages(ctx.settings.library_root)
    assert listed_keys(ctx.settings.library_root) == {KEYS[1]}


def test_an_attempt_that_died_after_the_record_is_finished_by_the_next(ctx: ToolContext) -> None:
    entry = next(ctx.settings.library_root.glob(f"*/*--{KEYS[0]}"))
    record = json.loads((entry / "publication.json").read_text("utf-8"))
    (entry / "publication.json").write_text(json.dumps({**record, "privacy": "private"}), "utf-8")
    assert KEYS[0] in listed_keys(ctx.settings.library_root)
    result = run(wanted("private"), ctx)
    assert not result.changed
    assert KEYS[0] not in listed_keys(ctx.settings.library_root)


def test_a_worker_that_lost_its_lease_changes_nothing(ctx: ToolContext) -> None:
    def die() -> None:
        raise KeyboardInterrupt

    lost = ToolContext(settings=ctx.settings, store=ctx.store, scratch=ctx.scratch, provenance=Provenance.DEMO, ensure_live=die)
    with pytest.raises(KeyboardInterrupt):
        run(wanted("private"), lost)
    assert listed_keys(ctx.settings.library_root) == set(KEYS)


def test_an_unknown_key_is_refused_by_name(ctx: ToolContext) -> None:
    with pytest.raises(ToolError, match="no such publication"):
        run(wanted("private", "run_99999999"), ctx)


def test_a_damaged_record_or_a_missing_video_of_another_entry_does_not_stop_a_pull_back(ctx: ToolContext) -> None:
    other = next(ctx.settings.library_root.glob(f"*/*--{KEYS[1]}"))
    (other / "video.mp4").unlink()
    assert run(wanted("private"), ctx).verified
    (other / "publication.json").write_text("{", "utf-8")
    assert run(wanted("public"), ctx).verified
    assert listed_keys(ctx.settings.library_root) == {KEYS[0]}


def _schedule(ctx: ToolContext, due: datetime) -> tuple[str, Path]:
    names = ("video", "thumbnail", "captions_srt", "captions_vtt", "sources")
    digests = {name: ctx.store.put_bytes(name.encode()) for name in names}
    listing = Listing.model_validate_json((_entry(ctx, KEYS[0]) / "metadata.json").read_text()).model_copy(update={"privacy": "private", "publish_at": due})
    fixed = {"channel_id": "field-notes", "channel_name": "Field Notes", "manifest": "b" * 64, "listing": listing, "duration_s": 61.4}
    result = publish(PublishToLibraryArgs.model_validate({"key": "run_33333333", **fixed, **digests}), ctx)
    return "run_33333333", Path(result.location)


def _entry(ctx: ToolContext, key: str) -> Path:
    return next(ctx.settings.library_root.glob(f"*/*--{key}"))


def _shown(key: str) -> ChangeVisibilityArgs:
    return ChangeVisibilityArgs(key=key, privacy="public", reason="its time has come", scheduled=True)


def test_a_scheduled_entry_is_there_and_listed_only_from_its_time_on(ctx: ToolContext) -> None:
    due = ctx.clock.now() + timedelta(hours=3)
    key, entry = _schedule(ctx, due)
    root = ctx.settings.library_root
    assert key not in listed_keys(root)
    assert (entry / "video.mp4").is_file()
    with pytest.raises(ToolPaused, match="not yet on this machine's clock"):
        run(_shown(key), ctx)
    on_time = replace(ctx, clock=FixedClock(due))
    assert (run(_shown(key), on_time).privacy, run(_shown(key), on_time).changed) == ("public", False)
    assert key in listed_keys(root)
    assert json.loads((entry / "publication.json").read_text())["published"] == due.isoformat()


def test_an_entry_pulled_back_before_its_time_is_not_shown_by_it(ctx: ToolContext) -> None:
    due = ctx.clock.now() + timedelta(hours=3)
    key, _ = _schedule(ctx, due)
    assert run(wanted("private", key), ctx).changed
    later = run(_shown(key), replace(ctx, clock=FixedClock(due)))
    assert (later.privacy, later.changed, later.verified) == ("private", False, True)
    assert key not in listed_keys(ctx.settings.library_root)


def test_a_time_that_has_passed_when_it_is_published_means_at_once(ctx: ToolContext) -> None:
    key, _ = _schedule(ctx, ctx.clock.now() - timedelta(minutes=1))
    assert key in listed_keys(ctx.settings.library_root)

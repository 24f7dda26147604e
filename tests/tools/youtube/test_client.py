"""The real client against the stand-in: uploads that survive cuts, one request a call, and reading back what was set."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from google.auth.exceptions import RefreshError

from tests.tools.youtube.conftest import GRAIN, Stage
from tools.vendors.youtube.client import YouTubeClient
from tools.vendors.youtube.errors import OutcomeUnknown, ReauthoriseNeeded, Refused, SessionGone, TryAgain
from tools.vendors.youtube.port import NewVideo, Progress
from tools.vendors.youtube.sandbox_faults import dropped, invalid_grant, lost_reply, partial, refused, server_error, session_gone
from tools.vendors.youtube.transport import refresh_error


def _upload(youtube: YouTubeClient, video: NewVideo, session: str, start: int = 0) -> str:
    progress = Progress(start)
    while progress.video_id is None:
        progress = youtube.send(session, video, progress.received)
    return progress.video_id


def test_a_video_goes_up_in_chunks_and_is_read_back_as_it_was_sent(youtube: YouTubeClient, stage: Stage, video: NewVideo) -> None:
    session = youtube.open_session(video)
    assert youtube.probe(session, video.size) == Progress(0)
    assert youtube.send(session, video, 0) == Progress(GRAIN)
    video_id = _upload(youtube, video, session, GRAIN)
    found = youtube.find_video(video_id)
    assert found is not None
    assert (found.text, found.flags, found.upload_status, found.reason, found.has_thumbnail) == (video.text, video.flags, "processed", None, False)
    assert youtube.probe(session, video.size) == Progress(video.size, video_id)
    assert len(stage.world.videos) == 1
    assert sum(request.method == "PUT" for request in stage.server.seen) == 5


def test_every_flag_stands_in_the_request(youtube: YouTubeClient, stage: Stage, video: NewVideo) -> None:
    youtube.open_session(video)
    request = next(one for one in stage.server.seen if one.method == "POST" and "upload" in one.path)
    for flag in (b"privacyStatus", b"selfDeclaredMadeForKids", b"containsSyntheticMedia", b"license", b"embeddable"):
        assert flag in request.body
    assert "notifySubscribers=false" in request.query


def test_a_process_that_lost_everything_but_the_session_goes_on_where_the_bytes_ended(stage: Stage, video: NewVideo) -> None:
    first, second = stage.client(), stage.client()
    session = first.open_session(video)
    stage.plays.play("upload.chunk", partial(0), dropped())
    with pytest.raises(TryAgain):
        first.send(session, video, 0)
    first.close()
    assert second.probe(session, video.size) == Progress(0)
    with pytest.raises(OutcomeUnknown):
        second.send(session, video, 0)
    _upload(second, video, session)
    second.close()
    assert len(stage.world.videos) == 1


def test_bytes_that_arrived_before_a_cut_in_a_chunk_are_not_sent_again(stage: Stage, video: NewVideo) -> None:
    client = stage.client(chunk_bytes=4 * GRAIN)
    session = client.open_session(video)
    stage.plays.play("upload.chunk", partial(GRAIN + 5, status=0))
    with pytest.raises(OutcomeUnknown):
        client.send(session, video, 0)
    assert client.probe(session, video.size) == Progress(GRAIN)
    assert client.send(session, video, GRAIN).video_id
    client.close()


def test_an_answer_lost_after_the_last_byte_is_found_by_a_probe(youtube: YouTubeClient, stage: Stage, video: NewVideo) -> None:
    session = youtube.open_session(video)
    for start in (0, GRAIN):
        youtube.send(session, video, start)
    stage.plays.play("upload.chunk", lost_reply())
    with pytest.raises(OutcomeUnknown):
        youtube.send(session, video, 2 * GRAIN)
    assert youtube.probe(session, video.size).video_id == next(iter(stage.world.videos))


@pytest.mark.parametrize("status", [404, 410])
def test_an_expired_session_says_so(youtube: YouTubeClient, stage: Stage, video: NewVideo, status: int) -> None:
    session = youtube.open_session(video)
    stage.plays.play("upload.chunk", session_gone(status))
    with pytest.raises(SessionGone, match=str(status)):
        youtube.send(session, video, 0)
    with pytest.raises(SessionGone):
        youtube.probe(session, video.size)


def test_a_cut_connection_is_one_request_and_never_a_silent_second(youtube: YouTubeClient, stage: Stage, video: NewVideo) -> None:
    youtube.channel()
    before = len(stage.server.seen)
    stage.plays.play("playlistItems.insert", lost_reply())
    session = youtube.open_session(video)
    video_id = _upload(youtube, video, session)
    with pytest.raises(OutcomeUnknown):
        youtube.add_to_playlist("PLtides", video_id)
    assert stage.account.playlists["PLtides"] == [video_id]
    assert youtube.in_playlist("PLtides", video_id)
    assert [one.path for one in stage.server.seen[before:]].count("/youtube/v3/playlistItems") == 2


def test_a_server_that_always_fails_is_asked_once_a_call(youtube: YouTubeClient, stage: Stage) -> None:
    stage.plays.always("channels.list", server_error(500))
    for _ in range(3):
        with pytest.raises(TryAgain):
            youtube.channel()
    assert [one.path for one in stage.server.seen].count("/youtube/v3/channels") == 3


def test_an_expired_access_token_is_renewed_and_a_withdrawn_consent_needs_its_owner(youtube: YouTubeClient, stage: Stage) -> None:
    assert youtube.channel().id == "UCtides"
    stage.world.expire_tokens()
    assert youtube.channel().uploads_playlist == "UUtides"
    stage.account.revoked = True
    with pytest.raises(ReauthoriseNeeded, match="connect the channel again"):
        youtube.channel()
    stage.account.revoked = False
    stage.plays.play("oauth.token", invalid_grant())
    with pytest.raises(ReauthoriseNeeded):
        stage.client().channel()
    assert isinstance(refresh_error(RefreshError("no answer", retryable=True)), TryAgain)  # type: ignore[no-untyped-call]


def test_flags_thumbnail_captions_and_comments_reach_the_video(youtube: YouTubeClient, stage: Stage, video: NewVideo, tmp_path: Path) -> None:
    video_id = _upload(youtube, video, youtube.open_session(video))
    picture, words = tmp_path / "t.jpg", tmp_path / "c.srt"
    picture.write_bytes(b"\xff\xd8\xff\xe0 picture")
    words.write_text("1\n00:00:00,000 --> 00:00:01,000\nTides\n")
    youtube.set_thumbnail(video_id, picture, "image/jpeg")
    youtube.add_captions(video_id, "en", "English", words)
    assert youtube.list_captions(video_id) == (("en", "English"),)
    with pytest.raises(Refused, match="captionExists"):
        youtube.add_captions(video_id, "en", "English", words)
    youtube.set_text(video_id, replace(video.text, title="Tides, explained"))
    youtube.set_flags(video_id, replace(video.flags, privacy="public"))
    found = youtube.find_video(video_id)
    assert found is not None
    assert (found.has_thumbnail, found.text.title, found.flags.privacy) == (True, "Tides, explained", "public")
    assert youtube.find_video("nobody") is None


def test_a_scheduled_video_stays_private_until_its_time(youtube: YouTubeClient, stage: Stage, video: NewVideo) -> None:
    video_id = _upload(youtube, video, youtube.open_session(video))
    due = stage.world.now().replace(microsecond=0) + timedelta(hours=2)
    youtube.set_flags(video_id, replace(video.flags, publish_at=due))
    found = youtube.find_video(video_id)
    assert found is not None
    assert (found.flags.privacy, found.flags.publish_at) == ("private", due)
    stage.world.now = lambda: due + timedelta(seconds=1)
    later = youtube.find_video(video_id)
    assert later is not None
    assert (later.flags.privacy, later.flags.publish_at) == ("public", None)
    with pytest.raises(Refused, match="invalidPublishAt"):
        youtube.set_flags(video_id, replace(video.flags, publish_at=datetime(2031, 1, 1, tzinfo=UTC)))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"title": "x" * 101}, "invalidTitle"),
        ({"title": "a < b"}, "invalidTitle"),
        ({"title": ""}, "invalidTitle"),
        ({"description": "é" * 2501}, "invalidDescription"),
        ({"tags": ("two words",) * 46}, "invalidTags"),
        ({"category_id": "99"}, "invalidCategoryId"),
    ],
)
def test_what_the_platform_forbids_in_a_listing_is_refused_before_a_byte_goes_up(
    youtube: YouTubeClient, stage: Stage, video: NewVideo, change: dict[str, object], reason: str
) -> None:
    with pytest.raises(Refused, match=reason):
        youtube.open_session(replace(video, text=replace(video.text, **change)))  # type: ignore[arg-type]
    assert not stage.world.sessions


def test_titles_of_100_characters_with_emoji_and_right_to_left_text_are_taken(youtube: YouTubeClient, video: NewVideo) -> None:
    title = ("🌊👩‍🚀 المد والجزر " * 10)[:100].strip()
    assert youtube.open_session(replace(video, text=replace(video.text, title=title, description="x" * 5000)))


def test_a_wait_the_platform_asked_for_is_kept(youtube: YouTubeClient, stage: Stage) -> None:
    stage.plays.play("channels.list", refused("rateLimitExceeded", retry_after="17"))
    with pytest.raises(TryAgain) as caught:
        youtube.channel()
    assert caught.value.after_s == 17.0

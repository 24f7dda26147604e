"""Publishing against the stand-in: private first, released once, every death and every loss survived, every refusal told."""

from datetime import timedelta

import pytest

from infra.errors import Forbidden, StudioError
from memory.repositories.incidents import IncidentRepository
from memory.repositories.platform_channels import PlatformChannelRepository
from memory.repositories.publications import Answer, PublicationRepository
from memory.repositories.quota import QuotaLedger
from memory.repositories.switches import Stopped, SwitchRepository
from tests.tools.upload_video.conftest import GRAIN, START, Rig, with_playlist
from tools.base import ToolError, ToolPaused
from tools.upload_video.machine import MOST_LOOKS
from tools.upload_video.tool import ApprovalBroken
from tools.vendors.youtube.errors import LimitReached, OperatorNeeded, OutcomeUnknown, ReauthoriseNeeded, Refused, TryAgain
from tools.vendors.youtube.sandbox_faults import dropped, lost_reply, partial, refused, server_error, session_gone
from tools.vendors.youtube.sandbox_world import Fate

STATES = ["session_open", "bytes_sent", "created", "described", "pictured", "released", "verified"]


def test_a_video_goes_up_private_gets_everything_and_is_released_by_a_second_call(rig: Rig) -> None:
    task = with_playlist(rig.task())
    result = rig.run(task)
    assert (result.privacy, result.created, result.verified, result.extras) == ("public", True, True, {"captions": "added", "playlist": "added"})
    assert [(one.operation, one.detail) for one in rig.world.effects if one.operation.startswith("videos")] == [
        ("videos.insert", "private"),
        ("videos.release", "public"),
        ("videos.update", ""),
    ]
    row = rig.row(task)
    assert [entry["to"] for entry in row.history] == STATES
    assert (row.external_id, row.external_url) == (result.video_id, f"https://www.youtube.com/watch?v={result.video_id}")
    assert row.details["session"] == ""
    video = rig.world.videos[result.video_id]
    assert (video.thumbnail is not None, len(video.captions), rig.world.accounts["UCtides"].playlists["PLtides"]) == (True, 1, [video.id])
    assert rig.run(task).created is False
    assert rig.videos_of(task) == 1


def test_what_it_cost_is_what_the_platform_counted(rig: Rig) -> None:
    rig.run(with_playlist(rig.task()))
    with rig.database.unit_of_work() as session:
        left = QuotaLedger(session, rig.clock.now()).summary("sandbox.apps.googleusercontent.com")
    counted = {bucket: rig.world.limits[bucket] - left[bucket] for bucket in ("insert_calls", "units")}
    assert counted == {bucket: rig.world.spent[bucket, rig.world.day()] for bucket in counted}
    assert 550 <= counted["units"] <= 560


def test_an_unlisted_a_private_and_a_scheduled_video_end_as_approved(rig: Rig) -> None:
    due = START + timedelta(hours=3)
    tasks = [rig.task(privacy="unlisted"), rig.task(privacy="private"), rig.task(privacy="private", publish_at=due)]
    results = [rig.run(task) for task in tasks]
    assert [one.privacy for one in results] == ["unlisted", "private", "private"]
    assert rig.world.videos[results[2].video_id].status["publishAt"] == "2026-11-22T23:00:00Z"
    rig.advance(hours=4)
    rig.world.publish_due()
    assert rig.world.videos[results[2].video_id].status["privacyStatus"] == "public"


def test_a_time_that_passed_while_the_upload_waited_means_at_once(rig: Rig) -> None:
    task = rig.task(privacy="private", publish_at=START + timedelta(minutes=5))
    rig.plays.play("thumbnails.set", server_error())
    with pytest.raises(TryAgain):
        rig.run(task)
    rig.advance(minutes=10)
    assert rig.run(task).privacy == "public"


def test_cuts_lost_answers_and_server_errors_in_an_upload_never_make_a_second_video(rig: Rig) -> None:
    task = rig.task(chunks=4)
    rig.plays.play("upload.chunk", partial(GRAIN), dropped(), lost_reply())
    rig.plays.play("upload.probe", server_error(500))
    rig.plays.play("videos.insert", lost_reply())
    errors = []
    for _ in range(12):
        try:
            rig.run(task)
        except (TryAgain, OutcomeUnknown) as error:
            errors.append(error)
    assert len(errors) == 5
    assert rig.row(task).state == "verified"
    assert rig.videos_of(task) == 1


@pytest.mark.parametrize("status", [404, 410])
def test_a_session_that_expires_half_way_is_replaced(rig: Rig, status: int) -> None:
    task = rig.task(chunks=3)
    rig.plays.play("upload.chunk", partial(0), session_gone(status))
    with pytest.raises(TryAgain):
        rig.run(task)
    assert rig.run(task).verified
    assert rig.videos_of(task) == 1
    assert [entry["to"] for entry in rig.row(task).history].count("session_open") == 2


def test_an_upload_that_succeeded_unheard_in_a_session_that_is_gone_is_found_by_its_reference(rig: Rig) -> None:
    task = rig.task(chunks=1)
    rig.world.fates.append(Fate(unlisted_reads=2))
    rig.plays.play("upload.chunk", partial(GRAIN, 503), lost_reply())
    with pytest.raises(TryAgain):
        rig.run(task)
    with pytest.raises(OutcomeUnknown):
        rig.run(task)
    rig.plays.play("upload.probe", session_gone())
    for _ in range(2):  # the list of uploads lags behind
        with pytest.raises(ToolPaused):
            rig.run(task)
    assert rig.run(task).verified
    assert rig.videos_of(task) == 1


def test_an_outcome_that_cannot_be_known_is_asked_and_never_sent_again(rig: Rig) -> None:
    task = rig.task(chunks=1)
    rig.world.fates.append(Fate(unlisted_reads=99))
    rig.plays.play("upload.chunk", partial(GRAIN, 503), lost_reply())
    for expected in (TryAgain, OutcomeUnknown):
        with pytest.raises(expected):
            rig.run(task)
    rig.plays.play("upload.probe", session_gone())
    for _ in range(MOST_LOOKS - 1):
        with pytest.raises(ToolPaused):
            rig.run(task)
    for _ in range(3):
        with pytest.raises(OperatorNeeded, match=f"is the video there.*ytempire channels settle {task.key}"):
            rig.run(task)
    assert (rig.row(task).state, rig.videos_of(task), len(rig.world.sessions)) == ("needs_human", 1, 1)
    with rig.database.unit_of_work() as session:
        assert [one.kind for one in IncidentRepository(session).list_().items] == ["publication"]


def test_a_person_who_knows_that_nothing_is_there_has_it_sent_again(rig: Rig) -> None:
    task = rig.task(chunks=0)
    rig.plays.play("upload.chunk", dropped())
    with pytest.raises(OutcomeUnknown):
        rig.run(task)
    rig.plays.play("upload.probe", session_gone())
    for _ in range(MOST_LOOKS):
        with pytest.raises((ToolPaused, OperatorNeeded)):
            rig.run(task)
    with rig.database.unit_of_work() as session:
        PublicationRepository(session).settle(task.key, Answer.NONE)
    assert rig.run(task).verified
    assert rig.videos_of(task) == 1


def test_a_channel_that_is_ahead_of_a_restored_database_gets_no_second_video(rig: Rig) -> None:
    task = rig.task()
    first = rig.run(task)
    with rig.database.unit_of_work() as session:
        row = session.merge(rig.row(task))
        row.state, row.history, row.details, row.external_id = "intent", [], {}, None
    assert rig.run(task).video_id == first.video_id
    assert rig.videos_of(task) == 1


@pytest.mark.parametrize(
    "fate", [Fate("rejected", rejection_reason="copyright"), Fate("failed", failure_reason="codec"), Fate("rejected", rejection_reason="duplicate")]
)
def test_a_video_the_platform_rejects_is_told_and_stays_private(rig: Rig, fate: Fate) -> None:
    task = rig.task()
    rig.world.fates.append(fate)
    with pytest.raises(OperatorNeeded, match=str(fate.rejection_reason or fate.failure_reason)):
        rig.run(task)
    assert (rig.row(task).state, next(iter(rig.world.videos.values())).status["privacyStatus"]) == ("needs_human", "private")


def test_an_account_that_is_locked_to_private_is_noticed(rig: Rig) -> None:
    rig.world.accounts["UCtides"].private_lock = True
    with pytest.raises(OperatorNeeded, match="privacy is private, not public"):
        rig.run(rig.task())


def test_a_title_of_101_characters_and_a_description_without_room_are_refused_with_the_limit(rig: Rig) -> None:
    with pytest.raises(Refused, match="1 to 100 characters"):
        rig.run(rig.task(title="x" * 101))
    with pytest.raises(ToolError, match="5001 bytes; YouTube takes 5000"):
        rig.run(rig.task(description="x" * 5001))
    assert rig.world.videos == {}


def test_nothing_goes_out_that_is_not_exactly_what_was_approved(rig: Rig) -> None:
    task = rig.task()
    other = task.model_copy(update={"manifest": task.manifest.model_copy(update={"thumbnail": task.manifest.captions})})
    with pytest.raises(ApprovalBroken):
        rig.run(other)
    file = rig.store.path(task.manifest.video)
    file.write_bytes(b"!" + file.read_bytes()[1:])
    with pytest.raises(StudioError, match="is corrupt"):
        rig.run(task)
    assert rig.world.effects == []


def test_an_upload_without_an_approval_stays_private(rig: Rig) -> None:
    task = rig.task()
    with rig.database.unit_of_work() as session:
        session.connection().exec_driver_sql("delete from approvals")
    with pytest.raises(Forbidden, match="no accepted video approval"):
        rig.run(task)
    assert [video.status["privacyStatus"] for video in rig.world.videos.values()] == ["private"]


def test_a_kill_switch_stops_it_between_two_chunks_and_later_it_goes_on(rig: Rig) -> None:
    task = rig.task(chunks=3)
    rig.plays.play("upload.chunk", partial(GRAIN))
    with pytest.raises(TryAgain):
        rig.run(task)
    with rig.database.unit_of_work() as session:
        SwitchRepository(session).engage("provider:youtube", "a drill", "ada")
    seen = len(rig.server.seen)
    with pytest.raises(Stopped, match="a drill"):
        rig.run(task)
    assert len(rig.server.seen) == seen
    with rig.database.unit_of_work() as session:
        SwitchRepository(session).release("provider:youtube", "over", "ada")
    assert rig.run(task).verified
    assert rig.videos_of(task) == 1


def test_a_withdrawn_consent_pauses_the_channel_and_nothing_is_lost(rig: Rig) -> None:
    task = rig.task()
    rig.plays.play("thumbnails.set", refused("authError"), refused("authError"), refused("authError"))
    with pytest.raises(ReauthoriseNeeded):
        rig.run(task)
    with pytest.raises(Forbidden, match="ytempire channels connect tides"):
        rig.run(task)
    with rig.database.unit_of_work() as session:
        channels = PlatformChannelRepository(session)
        held = channels.get("tides")
        assert held.state == "needs_owner"
        held.state = "active"
    assert rig.run(task).verified
    assert rig.videos_of(task) == 1


def test_an_empty_bucket_waits_for_midnight_in_california_and_no_other_credential_is_tried(rig: Rig) -> None:
    rig.add_channel("orbit")
    rig.world.limits["insert_calls"] = 0
    with pytest.raises(LimitReached) as caught:
        rig.run(rig.task())
    assert caught.value.after_s == timedelta(hours=12).total_seconds()
    seen = len(rig.server.seen)
    with pytest.raises(LimitReached):
        rig.run(rig.task("orbit"))  # the bucket is the project's: nobody asks again
    assert len(rig.server.seen) == seen
    rig.world.limits["insert_calls"] = 100
    rig.advance(hours=12)
    assert rig.run(rig.task("orbit")).verified


def test_a_channel_at_its_own_cap_waits_a_day_while_another_goes_on(rig: Rig) -> None:
    rig.add_channel("orbit")
    rig.world.accounts["UCtides"].upload_cap = 1
    rig.run(rig.task())
    waiting = rig.task()
    with pytest.raises(LimitReached) as caught:
        rig.run(waiting)
    assert caught.value.after_s == timedelta(hours=24).total_seconds()
    assert rig.run(rig.task("orbit")).verified
    rig.advance(hours=25)
    assert rig.run(waiting).verified


def test_captions_and_playlist_are_left_out_when_units_are_short_and_the_video_still_goes_out(rig: Rig) -> None:
    rig.settings = rig.settings.model_copy(update={"youtube_quota": "units=115"})
    result = rig.run(with_playlist(rig.task()))
    assert result.verified
    assert all(said.startswith("left out") for said in result.extras.values())
    with pytest.raises(LimitReached, match="units are needed"):
        rig.run(rig.task())


def test_a_film_without_captions_gets_none(rig: Rig) -> None:
    assert rig.run(rig.task(captions=b"")).extras == {"captions": "none: the film came without"}
    assert not [one for one in rig.world.effects if one.operation == "captions.insert"]


def test_lost_answers_to_captions_and_playlist_add_neither_twice(rig: Rig) -> None:
    task = with_playlist(rig.task())
    rig.plays.play("captions.insert", lost_reply())
    rig.plays.play("playlistItems.insert", lost_reply())
    for _ in range(2):
        with pytest.raises(OutcomeUnknown):
            rig.run(task)
    assert rig.run(task).extras == {"captions": "added", "playlist": "added"}
    assert [one.operation for one in rig.world.effects].count("captions.insert") == 1
    assert rig.world.accounts["UCtides"].playlists["PLtides"] == [rig.row(task).external_id]


def test_fifteen_channels_publish_each_to_their_own(rig: Rig) -> None:
    for number in range(15):
        rig.add_channel(f"ch{number}")
    tasks = [rig.task(f"ch{number}", chunks=0) for number in range(15)]
    made = {rig.attempt(task).video_id: f"UC{task.manifest.channel_id}" for task in tasks}
    assert {video.id: video.channel_id for video in rig.world.videos.values()} == made


def test_neither_a_demo_nor_a_stand_in_passes_for_the_platform(rig: Rig) -> None:
    task = rig.task()
    rig.settings = rig.settings.model_copy(update={"youtube_base_url": None})
    with pytest.raises(ApprovalBroken, match="rehearsal video does not go to YouTube"):
        rig.run(task)


def test_a_worker_without_the_key_opens_nothing(rig: Rig) -> None:
    task = rig.task()
    rig.settings = rig.settings.model_copy(update={"token_keys": None})
    with pytest.raises(StudioError, match="token key: none is set"):
        rig.run(task)
    assert rig.server.seen == []


def test_no_secret_stands_in_the_database(rig: Rig) -> None:
    task = rig.task()
    rig.plays.play("upload.chunk", partial(GRAIN))
    with pytest.raises(TryAgain):
        rig.run(task)
    with rig.database.unit_of_work() as session:
        rows = [
            session.connection().exec_driver_sql(f"select row_to_json(t)::text from {table} t").scalars().all() for table in ("publications", "channel_tokens")
        ]
    dump = str(rows)
    assert "session_open" in dump
    assert not [secret for secret in ("refresh-UCtides", *rig.world.sessions, "upload_id") if secret in dump]

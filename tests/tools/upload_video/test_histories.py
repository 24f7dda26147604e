"""One key, one video: deaths at every moment, stale workers, and random histories of faults, deaths and waiting.

The suite takes a sample. All of it, 200 histories and every moment: `pytest tests/tools/upload_video/test_histories.py --hypothesis-profile=long`.
"""

from contextlib import suppress
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from infra.errors import StudioError
from tests.tools.upload_video.conftest import GRAIN, Killed, Rig, with_playlist
from tools.upload_video.schema import UploadVideoArgs, UploadVideoResult
from tools.vendors.youtube.sandbox_faults import Play, dropped, lost_reply, partial, refused, server_error, session_gone
from tools.vendors.youtube.sandbox_world import Fate

FAULTS: dict[str, Play] = {
    **{"503": server_error(), "500": server_error(500), "lost": lost_reply(), "dropped": dropped(), "gone": session_gone(), "gone for good": session_gone(410)},
    **{"half": partial(GRAIN), "half, cut": partial(GRAIN, status=0), "too fast": refused("rateLimitExceeded")},
}
# What can go wrong where: a lost or partial chunk is an upload's own; a session can only go away where it is asked for.
PLACES = {
    **{"upload.chunk": tuple(FAULTS), "upload.probe": ("503", "500", "lost", "dropped", "gone", "gone for good")},
    **dict.fromkeys(("videos.insert", "videos.list", "videos.update", "thumbnails.set", "playlistItems.list"), ("503", "lost", "dropped", "too fast")),
    **dict.fromkeys(("captions.insert", "playlistItems.insert"), ("503", "lost", "dropped")),
}


def _long() -> bool:
    return settings.get_current_profile_name() == "long"


def _finish(rig: Rig, task: UploadVideoArgs) -> UploadVideoResult | None:
    """Run until it is verified or waits for a person, as the job would; faults are over."""
    for _ in range(12):
        try:
            return rig.attempt(task)
        except StudioError as error:
            if not error.retryable:
                return None
            rig.advance(seconds=max(60.0, getattr(error, "after_s", None) or 0.0))
    raise AssertionError(f"{rig.row(task).state}: neither verified nor in a person's hands")


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_death_at_every_moment_and_a_worker_overtaken_at_every_moment_leave_one_video(rig: Rig) -> None:
    for moment in range(1, 200) if _long() else range(2, 200, 11):
        killed, stale = with_playlist(rig.task()), with_playlist(rig.task())
        try:
            rig.attempt(killed, kill_at=moment)
        except Killed:
            assert _finish(rig, killed) is not None, f"killed at {moment}"
        else:
            break
        with suppress(StudioError):
            rig.attempt(stale, overtake_at=moment)
        for task in (killed, stale):
            assert (rig.row(task).state, rig.videos_of(task)) == ("verified", 1), f"moment {moment}"
        playlist = rig.world.accounts["UCtides"].playlists["PLtides"]
        # A stale worker's request that was on its way already cannot be called back; it may name the video in the playlist once more.
        assert [playlist.count(str(rig.row(task).external_id)) for task in (killed, stale)] in ([1, 1], [1, 2])
        rig.world.spent.clear()
        rig.advance(days=1)
    assert moment > 40


class Histories(RuleBasedStateMachine):
    """One publication under whatever happens, in any order."""

    rig: ClassVar[Rig]

    def __init__(self) -> None:
        super().__init__()
        self.plays = self.rig.plays
        self.task = with_playlist(self.rig.task())
        self.overtaken = 0

    @initialize(lag=st.sampled_from([0, 0, 0, 2, 99]))
    def begin(self, lag: int) -> None:
        self.rig.world.fates.append(Fate(unlisted_reads=lag))

    @rule(data=st.data())
    def something_will_fail(self, data: st.DataObject) -> None:
        place = data.draw(st.sampled_from(sorted(PLACES)))
        self.plays.play(place, FAULTS[data.draw(st.sampled_from(PLACES[place]))])

    @rule(moment=st.integers(1, 60))
    def a_worker_dies(self, moment: int) -> None:
        self._try(kill_at=moment)

    @rule(moment=st.integers(1, 60))
    def a_worker_is_overtaken(self, moment: int) -> None:
        self.overtaken += 1
        self._try(overtake_at=moment)

    @rule()
    def a_worker_tries(self) -> None:
        self._try()

    @rule(hours=st.sampled_from([1, 23]))
    def time_passes(self, hours: int) -> None:
        self.rig.advance(hours=hours)
        self.rig.world.expire_tokens()

    def _try(self, **trouble: Any) -> None:
        try:
            self.rig.attempt(self.task, **trouble)
        except (Killed, StudioError):
            pass

    @invariant()
    def never_two(self) -> None:
        assert self.rig.videos_of(self.task) <= 1

    def teardown(self) -> None:
        self.plays.queued.clear()
        done = _finish(self.rig, self.task)
        self.rig.world.fates.clear()
        self.rig.advance(days=1)
        row = self.rig.row(self.task)
        assert self.rig.videos_of(self.task) <= 1
        if done is not None:
            assert (row.state, self.rig.videos_of(self.task)) == ("verified", 1)
            assert self.rig.world.accounts["UCtides"].playlists["PLtides"].count(str(row.external_id)) <= 1 + self.overtaken
        else:
            assert row.state == "needs_human"


@pytest.mark.timeout(3600)
def test_every_history_of_one_key_ends_with_one_video_or_a_question(rig: Rig) -> None:
    Histories.rig = rig
    histories = 200 if _long() else 10
    checks = settings(max_examples=histories, stateful_step_count=6, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(Histories, settings=checks)

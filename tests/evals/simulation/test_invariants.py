"""Each invariant stays silent over sound work, and a deliberate violation breaks that one and no other."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import text

from evals.simulation.invariants import NAMES, Watch
from evals.simulation.world import SimulatedWorld, external_id
from infra.database import Database
from infra.embedded.postgres import PostgresUrls
from infra.ids import canonical_json
from infra.settings import Settings
from memory.artifacts import Listing, Manifest, Provenance
from memory.media import MediaStore
from memory.records.autonomous_runs import AutonomousRunRecord
from memory.records.runs import RunRecord
from memory.records.tenants import LOCAL_TENANT
from memory.repositories import job_leases
from memory.repositories.approvals import ApprovalRepository, NewApproval
from memory.repositories.autonomous_runs import AutonomousRunRepository
from memory.repositories.channels import ChannelRepository
from memory.repositories.job_leases import Lease, LeaseRepository
from memory.repositories.publications import NewPublication, PublicationRepository, Transition
from memory.repositories.runs import RunRepository
from tools.vendors.youtube.sandbox_world import Video

AT = datetime(2026, 11, 1, 12, tzinfo=UTC)
RUN = "run_1"


class Desk:
    """A studio with one run, its job, and the watch over it."""

    def __init__(self, urls: PostgresUrls, connection: Any, home: Path) -> None:
        self.database, self.connection = Database(urls.admin, pool_size=2), connection
        self.world = SimulatedWorld(1, 2, lambda: AT, home)
        self.channel = self.world.channels[0]
        self.store = MediaStore(home / "media")
        self.watch = Watch(connection, self.store, self.world.platform, Settings(_env_file=None), lambda: AT, seed=7)
        self.watch.prepare()
        with self.database.unit_of_work() as session:
            ChannelRepository(session).ensure(self.channel, self.channel, self.channel)
            RunRepository(session).create(RunRecord(id=RUN, channel_id=self.channel, request={"seconds": 60, "autonomy": "autonomous"}, provenance="simulated"))
        self.sql(
            "insert into jobs (id, run_id, node, iteration, ordinal, agent, tool, queue, args, input_hash, provenance, max_attempts, timeout_s, state) "
            "values ('job_1', 'run_1', 'write', 0, 0, 'production', 'embed_text', 'cpu', '{}', 'a', 'simulated', 3, 60, 'dispatched')"
        )

    def sql(self, statement: str) -> None:
        self.connection.execute(statement)

    def claim(self, worker: str) -> Lease:
        with self.database.unit_of_work() as session:
            lease = LeaseRepository(session, worker).claim("job_1", 15.0)
        assert lease is not None
        return lease

    def finish(self, worker: str, lease: Lease) -> bool:
        with self.database.unit_of_work() as session:
            return LeaseRepository(session, worker).finish(lease, {"vectors": []})

    def take_away(self) -> None:
        """Do what the reconciler does to a job whose worker is silent."""
        self.sql("update job_attempts set outcome = 'lost', ended_at = now() where job_id = 'job_1' and outcome = 'running'")
        self.sql("update jobs set state = 'dispatched', lease_owner = null where id = 'job_1'")

    def video(self, reference: str = "Reference: abc", privacy: str = "public") -> Video:
        platform = self.world.platform
        made = Video(platform.next_id("vid"), external_id(self.channel), {"title": "Tides", "description": f"Twice a day.\n\n{reference}"}, {}, 4, "0" * 64)
        made.status["privacyStatus"] = privacy
        platform.videos[made.id] = made
        platform.record("videos.insert", made.channel_id, made.id, privacy)
        return made

    def publication(self, video: Video, decided_by: str | None = "ada") -> None:
        """Let a publication of the run know the video; with a decision, its manifest is approved."""
        about: dict[str, Any] = {"title": "Tides", "description": "Twice a day.", "tags": (), "language": "en", "chapters": (), "category": "nature"}
        flags: dict[str, Any] = {"privacy": "public", "made_for_kids": False, "contains_synthetic_media": True, "license": "youtube"}
        listing = Listing.model_validate({**about, **flags})
        film = self.store.put_bytes(b"film")
        video.sha256 = film
        manifest = Manifest(channel_id=self.channel, video=film, thumbnail=film, captions=film, listing=listing, provenance=Provenance.SIMULATED)
        digest = self.store.put_bytes(canonical_json(manifest.model_dump(mode="json")))
        with self.database.unit_of_work() as session:
            publications = PublicationRepository(session)
            made = publications.create(NewPublication(RUN, RUN, self.channel, "youtube", "simulated", digest))
            publications.transition(made.id, Transition("session_open", details={"generation": 1}))
            publications.transition(made.id, Transition("bytes_sent", generation=1))
            publications.transition(made.id, Transition("created", generation=1, external_id=video.id))
            if decided_by:
                approvals = ApprovalRepository(session)
                approvals.decide(approvals.request(NewApproval(RUN, "video", "i", digest, {})).id, "accept", decided_by, {})

    def broken(self) -> set[str]:
        self.watch.finish()
        return {one.name for one in self.watch.violations}


@pytest.fixture
def desk(database_urls: PostgresUrls, tmp_path: Path) -> Iterator[Desk]:
    with psycopg.connect(database_urls.admin, autocommit=True) as connection:
        made = Desk(database_urls, connection, tmp_path)
        yield made
        made.database.dispose()


def ended(desk: Desk) -> Desk:
    """Let the job be done and the run end, and look at it."""
    assert desk.finish("w1", desk.claim("w1"))
    desk.sql("update runs set status = 'published', outcome = '{}', finished_at = now() where id = 'run_1'")
    desk.watch.check()
    return desk


def test_sound_work_breaks_nothing(desk: Desk) -> None:
    desk.watch.check()
    desk.publication(desk.video())
    desk.watch.effect("videos.release UC vid public")
    assert ended(desk).broken() == set()
    assert desk.watch.verdicts == dict.fromkeys(NAMES, True)


def test_a_run_that_vanishes_is_lost(desk: Desk) -> None:
    ended(desk).sql("delete from jobs")
    assert desk.broken() == {"accepted_never_lost"}
    assert "replay with seed 7" in desk.watch.violations[0].told()


def test_a_result_that_changes_is_noticed(desk: Desk) -> None:
    ended(desk).sql("""update jobs set result = '{"vectors": [[1]]}'""")
    assert desk.broken() == {"results_never_change"}


def test_a_job_whose_input_changes_is_noticed(desk: Desk) -> None:
    ended(desk).sql("update jobs set input_hash = 'b'")
    assert desk.broken() == {"one_input_one_effect"}


def test_two_videos_of_one_key_are_noticed_at_the_second(desk: Desk) -> None:
    ended(desk)
    desk.video(privacy="private")
    desk.video(privacy="private")
    desk.watch.effect("videos.insert UC vid2 private")
    assert [one.name for one in desk.watch.violations] == ["one_input_one_effect"]
    assert "videos.insert" in desk.watch.violations[0].event


def test_what_is_left_running_at_the_end_is_noticed(desk: Desk) -> None:
    assert desk.broken() == {"everything_ends"}


def test_a_fleet_that_outlives_its_end_is_noticed_by_the_time_of_the_simulation(desk: Desk) -> None:
    about: dict[str, Any] = {"tenant_id": LOCAL_TENANT, "key": "a", "status": "running", "request": {}, "provenance": "simulated", "budget_microusd": 0}
    with desk.database.unit_of_work() as session:
        ends_at = AT - timedelta(hours=1)
        AutonomousRunRepository(session).create(AutonomousRunRecord(id="auto_1", starts_at=ends_at - timedelta(hours=6), ends_at=ends_at, **about))
    assert ended(desk).broken() == {"everything_ends"}
    assert "auto_1 is running, and was to end" in desk.watch.violations[0].what


def test_a_limit_that_is_passed_is_noticed(desk: Desk) -> None:
    ended(desk).sql("insert into cost_accounts values ('run', 'simulated:run_1', 3000001)")
    assert desk.broken() == {"within_budget_and_quota"}


def test_asking_the_platform_for_more_than_its_quota_is_noticed_unless_others_used_it_up(desk: Desk) -> None:
    ended(desk)
    platform = desk.world.platform
    platform.limits["units"] = 0
    assert not platform.charge("videos.list")
    assert desk.broken() == {"within_budget_and_quota"}
    platform.exhausted.add(platform.day())
    assert not platform.charge("videos.list")
    desk.watch.check()
    assert len(desk.watch.violations) == 1


@pytest.mark.parametrize("decided_by", [None, "policy"])
def test_a_public_video_without_an_approval_or_a_policy_is_noticed(desk: Desk, decided_by: str | None) -> None:
    ended(desk).sql("""update runs set request = '{"autonomy": "review"}'""")
    desk.publication(desk.video(), decided_by)
    desk.watch.effect("videos.release UC vid public")
    assert desk.broken() == {"nothing_public_unapproved"}


def test_a_public_video_that_differs_from_its_manifest_is_noticed(desk: Desk) -> None:
    video = ended(desk).video()
    desk.publication(video)
    video.snippet["title"] = "Buy now"
    assert desk.broken() == {"nothing_public_unapproved"}


def test_a_repository_that_ignores_the_token_is_noticed(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    stale = desk.claim("w1")
    desk.take_away()
    held = desk.claim("w2")
    assert not desk.finish("w1", stale)
    desk.watch.check()
    assert desk.watch.violations == []
    monkeypatch.setattr(job_leases, "_FINISH", text(str(job_leases._FINISH).replace("and lease_token = :token and state", "and state")))
    assert desk.finish("w1", stale)
    desk.watch.check("job.done job_1")
    assert {one.name for one in desk.watch.violations} == {"no_superseded_lease"}
    assert held.token > stale.token


def test_a_token_that_goes_back_is_noticed(desk: Desk) -> None:
    ended(desk).sql("update runs set lease_token = 5")
    desk.watch.check()
    desk.sql("update runs set lease_token = 4")
    assert desk.broken() == {"no_superseded_lease"}


@pytest.mark.parametrize(
    ("there", "back", "name"),
    [
        ("update jobs set result = '{}'", """update jobs set result = '{"vectors": []}'""", "results_never_change"),
        ("update runs set finished_at = null", "update runs set finished_at = now()", "results_never_change"),
        ("update jobs set input_hash = 'b'", "update jobs set input_hash = 'a'", "one_input_one_effect"),
        ("update jobs set lease_token = lease_token + 1", "update jobs set lease_token = lease_token - 1", "no_superseded_lease"),
        (
            "insert into job_attempts (job_id, token, attempt, worker, outcome) values ('job_1', 99, 2, 'w2', 'done')",
            "delete from job_attempts where token = 99",
            "one_input_one_effect",
        ),
        ("insert into cost_accounts values ('run', 'run_1', 3000001)", "update cost_accounts set counted_microusd = 1", "within_budget_and_quota"),
    ],
)
def test_what_is_broken_between_two_looks_and_put_right_again_is_noticed(desk: Desk, there: str, back: str, name: str) -> None:
    ended(desk).sql(there)
    desk.sql(back)
    desk.watch.hear()
    assert name in {one.name for one in desk.watch.violations}


def test_what_a_transaction_takes_back_was_never_broken(desk: Desk) -> None:
    ended(desk)
    with desk.connection.transaction(force_rollback=True):
        desk.sql("update jobs set result = '{}'")
    assert desk.broken() == set()

"""Publications and approvals: at most one effect per key, one decision per approval, and none for another manifest."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from infra.errors import Conflict
from memory.records.publications import STEPS
from memory.repositories.approvals import ApprovalDecided, ApprovalMissing, ApprovalRepository, NewApproval, NotApproved
from memory.repositories.audit import AuditRepository, details_of
from memory.repositories.checks import CheckClosed, CheckMissing, CheckRepository
from memory.repositories.publications import (
    Answer,
    NewPublication,
    PublicationKeyReused,
    PublicationMissing,
    PublicationRepository,
    Transition,
    TransitionRefused,
)
from tests.memory.conftest import Studio

MANIFEST = "a" * 64


def _new(studio: Studio) -> NewPublication:
    return NewPublication("run_1/library", studio.run, studio.channel, "library", "demo", MANIFEST)


def _create(studio: Studio, new: NewPublication | None = None) -> str:
    with studio.database.unit_of_work() as session:
        return PublicationRepository(session).create(new or _new(studio)).id


def _walk(studio: Studio, publication: str, *steps: str) -> str:
    for step in steps:
        with studio.database.unit_of_work() as session:
            PublicationRepository(session).transition(publication, Transition(step))
    with studio.database.unit_of_work() as session:
        return PublicationRepository(session).get(publication).state


def test_ten_publishers_with_one_key_make_one_publication(studio: Studio) -> None:
    with ThreadPoolExecutor(10) as pool:
        assert len(set(pool.map(lambda _: _create(studio), range(10)))) == 1


@pytest.mark.parametrize("change", [{"manifest_digest": "b" * 64}, {"publisher": "youtube"}, {"provenance": "real"}])
def test_the_same_key_for_another_effect_is_a_conflict(studio: Studio, change: dict[str, str]) -> None:
    _create(studio)
    with pytest.raises(PublicationKeyReused, match=next(iter(change))):
        _create(studio, replace(_new(studio), **change))


def test_every_state_and_what_was_learned_is_kept(studio: Studio) -> None:
    publication = _create(studio)
    with studio.database.unit_of_work() as session:
        publications = PublicationRepository(session)
        publications.transition(publication, Transition("session_open", details={"session": "s1"}))
        publications.transition(publication, Transition("created", note="uploaded", external_id="v1", details={"bytes": 9}))
        publications.transition(publication, Transition("released", external_url="http://127.0.0.1/v1"))
    with studio.database.unit_of_work() as session:
        found = PublicationRepository(session).get(publication)
        assert (found.state, found.external_id, found.external_url, found.details) == ("released", "v1", "http://127.0.0.1/v1", {"session": "s1", "bytes": 9})
        assert [(entry["from"], entry["to"]) for entry in found.history] == [("intent", "session_open"), ("session_open", "created"), ("created", "released")]
        assert found.published_at is not None
        assert PublicationRepository(session).find_by_key("run_1/library") is found


def test_states_go_forward_only(studio: Studio) -> None:
    publication = _create(studio)
    assert _walk(studio, publication, *STEPS[1:]) == "verified"
    for step in (*STEPS, "needs_human", "failed", "nonsense"):
        with pytest.raises(TransitionRefused):
            _walk(studio, publication, step)
    assert _walk(studio, publication, "retracted") == "retracted"
    with pytest.raises(TransitionRefused):
        _walk(studio, publication, "verified")


def test_an_undecided_upload_waits_for_a_person_who_may_confirm_it_but_not_restart_it(studio: Studio) -> None:
    publication = _create(studio)
    assert _walk(studio, publication, "session_open", "bytes_sent", "needs_human") == "needs_human"
    with pytest.raises(TransitionRefused):
        _walk(studio, publication, "session_open")
    assert _walk(studio, publication, "bytes_sent", "needs_human", "created") == "created"


def test_what_is_out_there_cannot_be_called_failed(studio: Studio) -> None:
    publication = _create(studio)
    _walk(studio, publication, "created")
    with pytest.raises(TransitionRefused):
        _walk(studio, publication, "failed")


def test_unknown_publications_approvals_and_checks_are_missing(studio: Studio) -> None:
    with studio.database.unit_of_work() as session:
        with pytest.raises(PublicationMissing):
            PublicationRepository(session).get("x")
        with pytest.raises(ApprovalMissing):
            ApprovalRepository(session).decide("x", "accept", "ada", {})
        with pytest.raises(CheckMissing):
            CheckRepository(session).finish("x", {})


def _ask(studio: Studio, interrupt: str = "i1") -> str:
    with studio.database.unit_of_work() as session:
        return ApprovalRepository(session).request(NewApproval(studio.run, "video", interrupt, MANIFEST, {"description": "?"})).id


def test_asking_twice_for_one_interrupt_is_one_approval(studio: Studio) -> None:
    assert _ask(studio) == _ask(studio)
    assert _ask(studio) != _ask(studio, "i2")


def test_of_ten_decisions_at_once_one_counts(studio: Studio) -> None:
    approval = _ask(studio)

    def decide(number: int) -> str | None:
        try:
            with studio.database.unit_of_work() as session:
                verdict = "accept" if number % 2 else "ignore"
                return ApprovalRepository(session).decide(approval, verdict, f"person_{number}", {"type": verdict}).decided_by
        except ApprovalDecided:
            return None

    with ThreadPoolExecutor(10) as pool:
        made = [by for by in pool.map(decide, range(10)) if by]
    with studio.database.unit_of_work() as session:
        assert [ApprovalRepository(session).get(approval).decided_by] == made


def test_an_approval_holds_for_its_manifest_and_gate_only(studio: Studio) -> None:
    approval = _ask(studio)
    with studio.database.unit_of_work() as session:
        approvals = ApprovalRepository(session)
        with pytest.raises(NotApproved):
            approvals.verify(studio.run, "video", MANIFEST)
        approvals.decide(approval, "accept", "ada", {})
        assert approvals.verify(studio.run, "video", MANIFEST).decided_by == "ada"
        for gate, manifest in (("video", "b" * 64), ("script", MANIFEST)):
            with pytest.raises(NotApproved):
                approvals.verify(studio.run, gate, manifest)
        with pytest.raises(Conflict):
            approvals.decide(approval, "perhaps", "ada", {})


def test_silence_expires_and_approves_nothing(studio: Studio) -> None:
    _ask(studio)
    with studio.database.unit_of_work() as session:
        assert ApprovalRepository(session).expire(older_than_s=3600) == ()
        assert [page.status for page in ApprovalRepository(session).expire(older_than_s=-1)] == ["expired"]
        assert ApprovalRepository(session).list_().items == ()
        assert ApprovalRepository(session).find_pending(studio.run) is None
        with pytest.raises(NotApproved):
            ApprovalRepository(session).verify(studio.run, "video", MANIFEST)


def test_what_a_run_that_ends_still_asks_is_closed_and_in_the_trail(studio: Studio) -> None:
    approval = _ask(studio)
    with studio.database.unit_of_work() as session:
        assert [ApprovalRepository(session).close(studio.run, "ada") for _ in range(2)] == [1, 0]
        (event,) = [one for one in AuditRepository(session).list_() if one.action == "approval.expired"]
        assert (event.actor, event.subject, details_of(event)["default"], details_of(event)["why"]) == (
            "ada",
            approval,
            "ignore",
            "its run ended without an answer",
        )


def test_four_checks_are_scheduled_once_and_each_due_one_is_taken_by_one_caller(studio: Studio) -> None:
    publication = _create(studio)
    _walk(studio, publication, "released")
    with studio.database.unit_of_work() as session:
        record, checks = PublicationRepository(session).get(publication), CheckRepository(session)
        first = checks.schedule(record)
        assert [check.id for check in checks.schedule(record)] == [check.id for check in first]
        assert record.published_at is not None
        assert [(check.due_at - record.published_at).total_seconds() / 3600 for check in first] == [1, 24, 72, 168]
        assert [check.kind for check in first] == ["1h", "24h", "72h", "7d"]
        assert checks.claim_due(60) == ()
        first[0].due_at = first[1].due_at = record.published_at or first[0].due_at

    def take(_: int) -> list[str]:
        with studio.database.unit_of_work() as session:
            return [check.id for check in CheckRepository(session).claim_due(60, limit=1)]

    with ThreadPoolExecutor(6) as pool:
        taken = sum(pool.map(take, range(6)), [])
    assert sorted(taken) == sorted(check.id for check in first[:2])
    with studio.database.unit_of_work() as session:
        checks = CheckRepository(session)
        checks.start(taken[0], "run_check")
        assert checks.finish(taken[0], {"views": 3}).status == "done"
        with pytest.raises(CheckClosed):
            checks.fail(taken[0], {})
        checks.get(taken[1]).lease_expires_at = first[0].created_at
    assert take(0) == [taken[1]]
    with studio.database.unit_of_work() as session:
        CheckRepository(session).cancel(publication)
        assert CheckRepository(session).list_open() == ()


def test_a_session_that_brought_no_video_is_replaced_once_and_its_holder_is_shut_out(studio: Studio) -> None:
    publication = _create(studio)
    with studio.database.unit_of_work() as session:
        publications = PublicationRepository(session)
        publications.transition(publication, Transition("session_open", details={"session": "s1", "generation": 1}))
        publications.transition(publication, Transition("bytes_sent", generation=1))
        assert publications.reopen(publication, 1, {"session": "s2"}).details == {"session": "s2", "generation": 2}
        with pytest.raises(TransitionRefused):
            publications.reopen(publication, 1, {"session": "s3"})
        with pytest.raises(TransitionRefused):
            publications.transition(publication, Transition("bytes_sent", generation=1))
        assert publications.transition(publication, Transition("bytes_sent", generation=2)).state == "bytes_sent"
        publications.note(publication, {"looks": 1}, state="bytes_sent")
        with pytest.raises(TransitionRefused):
            publications.note(publication, {"looks": 2}, state="session_open")
        publications.transition(publication, Transition("created", external_id="v1"))
        with pytest.raises(TransitionRefused):
            publications.reopen(publication, 2, {})


def _stuck(studio: Studio, *steps: str) -> None:
    publication = _create(studio)
    with studio.database.unit_of_work() as session:
        publications = PublicationRepository(session)
        publications.transition(publication, Transition(steps[0], details={"session": "s", "generation": 1}))
        for step in (*steps[1:], "needs_human"):
            publications.transition(publication, Transition(step))


@pytest.mark.parametrize(
    ("steps", "answer", "state"),
    [
        (("session_open", "bytes_sent"), Answer.VIDEO, "created"),
        (("session_open", "bytes_sent"), Answer.NONE, "session_open"),
        (("session_open", "bytes_sent"), Answer.DROP, "failed"),
        (("session_open", "created", "described"), Answer.AGAIN, "described"),
        (("session_open", "created"), Answer.DROP, "retracted"),
    ],
)
def test_a_person_settles_what_nobody_else_can(studio: Studio, steps: tuple[str, ...], answer: Answer, state: str) -> None:
    _stuck(studio, *steps)
    with studio.database.unit_of_work() as session:
        row = PublicationRepository(session).settle("run_1/library", answer, "v9")
        assert row.state == state
        assert row.external_id == ("v9" if answer is Answer.VIDEO else None)
        with pytest.raises(TransitionRefused):
            PublicationRepository(session).settle("run_1/library", answer, "v9")


@pytest.mark.parametrize(
    ("steps", "answer"), [(("session_open", "created"), Answer.NONE), (("session_open", "created"), Answer.VIDEO), (("bytes_sent",), Answer.AGAIN)]
)
def test_an_answer_that_could_make_a_second_video_is_refused(studio: Studio, steps: tuple[str, ...], answer: Answer) -> None:
    _stuck(studio, *steps)
    with studio.database.unit_of_work() as session, pytest.raises(TransitionRefused, match="does not fit"):
        PublicationRepository(session).settle("run_1/library", answer, "v9")

"""What the platform saw is what the ledger holds: one entry for each request, at no cost in money."""

import pytest

from infra.errors import StudioError
from memory.ledger import Ledger
from memory.repositories.switches import Stopped, SwitchRepository
from tests.tools.upload_video.conftest import Rig
from tools.sandbox import cut_connection, server_error


def test_every_request_of_a_publication_is_an_entry_also_those_that_failed(rig: Rig) -> None:
    task = rig.task()
    rig.server.faults.play("/upload/", server_error(503), cut_connection())
    for _ in range(6):
        try:
            rig.run(task)
            break
        except StudioError:
            rig.advance(minutes=1)
    assert rig.row(task).state == "verified"
    asked = [seen for seen in rig.server.seen if not seen.path.endswith("/token")]
    with rig.database.unit_of_work() as session:
        entries = Ledger(session).list_(provider="youtube")
    assert len(entries) == len(asked) > 6
    assert {entry.counted_microusd for entry in entries} == {0}
    assert {entry.run_id for entry in entries} == {task.key}
    assert sum(entry.status == "unknown" for entry in entries) == 1
    assert {entry.status for entry in entries} == {"settled", "unknown"}


def test_a_stopped_platform_is_asked_nothing(rig: Rig) -> None:
    task = rig.task()
    with rig.database.unit_of_work() as session:
        SwitchRepository(session).engage("provider:youtube", "a strike", "ada")
    with pytest.raises(Stopped, match="a strike"):
        rig.run(task)
    assert rig.server.seen == []

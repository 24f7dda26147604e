"""A missing or corrupt artifact of a run is named, and nothing is published from it."""

import pytest

from tests.fixtures.production import World


@pytest.mark.parametrize("harm", ["corrupt", "missing"])
async def test_a_run_whose_artifact_is_harmed_while_it_waits_ends_by_naming_it_and_publishes_nothing(world: World, harm: str) -> None:
    run_id = await world.begin("review")
    await world.drive(run_id)
    digest = (await world.orchestrator.state(run_id))["video"]
    path = world.book.store.path(digest)
    path.chmod(0o600)
    if harm == "missing":
        path.unlink()
    else:
        path.write_bytes(b"not what it was")
    await world.answer(run_id, {"type": "accept"})
    ended = await world.drive(run_id)
    assert ended.status == "failed"
    assert digest in ended.reasons[0]
    assert world.one("select count(*) from publications where state = 'verified'") == 0
    assert "publish.1" not in world.caller.ran


async def test_a_thread_whose_brief_is_corrupt_fails_by_its_name_before_anything_is_made(world: World) -> None:
    run_id = await world.begin()

    async def harm(node: str) -> None:
        if node == "write":
            brief = (await world.orchestrator.state(run_id))["scout"]["brief"]
            assert brief is not None
            path = world.book.store.path(brief)
            path.chmod(0o600)
            path.write_bytes(b"{}")

    world.caller.before = harm
    ended = await world.drive(run_id)
    assert ended.status == "failed"
    assert "narrate.0" not in world.caller.ran

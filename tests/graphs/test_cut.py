"""A run that is cut leaves nothing behind that would go on without it."""

from tests.fixtures.production import World


async def test_a_job_that_waits_is_cancelled_with_its_run(world: World) -> None:
    run_id = await world.begin()
    with world.database.unit_of_work() as session:
        connection = session.connection()
        connection.exec_driver_sql(
            "insert into jobs (id, run_id, node, iteration, ordinal, agent, tool, queue, args, input_hash, provenance, max_attempts, timeout_s, "
            "next_attempt_at) "
            "values ('job_1', %s, 'publish', 1, 0, 'publisher', 'upload_video', 'publish', '{}', 'a', 'real', 12, 60, now() + interval '8 hours')",
            (run_id,),
        )
    await world.orchestrator.cut(run_id, "the run ends", "autonomy")
    assert world.run(run_id).status == "failed"
    assert world.one("select state from jobs where id = 'job_1'") == "cancelled"

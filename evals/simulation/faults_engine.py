"""What the engine's own faults do: kills at a drawn step, servers that are away for a while, a machine whose clock is set wrong."""

import asyncio

from evals.simulation.engine import Engine
from evals.simulation.faults import Fault
from infra.ids import seeded

# A killed process dies at one of its coming steps, so that kills hit any await of it.
_MOST_STEPS = 12


async def play_engine_fault(engine: Engine, fault: Fault) -> None:
    """Let a fault of the engine befall it, last, and end."""
    draw = seeded("strike", engine.studio.seed, fault.at_s, fault.kind)
    engine.troubles.note()
    if fault.kind == "redis_kill":
        await _redis(engine, fault)
    elif fault.kind == "postgres_kill":
        await _postgres(engine, fault)
    elif fault.kind == "clock_jump":
        await _clock(engine, fault)
    else:
        struck = f"worker-{fault.target}" if fault.kind == "worker_kill" else fault.kind.removesuffix("_kill")
        living = [name for name in engine.machine.names(struck) if engine.machine.find(name) is not None]
        if living:
            engine.machine.strike(draw.choice(living), draw.randrange(_MOST_STEPS))


async def _redis(engine: Engine, fault: Fault) -> None:
    engine.transport.away = True
    engine.transport.flush()
    await asyncio.sleep(fault.duration_s)
    engine.transport.away = False
    engine.troubles.note()


async def _postgres(engine: Engine, fault: Fault) -> None:
    engine.outlet.away = engine.switchboard.away = True
    await asyncio.sleep(fault.duration_s)
    engine.outlet.away = False
    engine.switchboard.return_from_outage()
    engine.troubles.note()


async def _clock(engine: Engine, fault: Fault) -> None:
    """Set the clocks of the studio's one machine wrong, the database's with them, until somebody sets them right."""
    engine.clock.wall_offset_s += fault.size
    engine.clock.database_offset_s += fault.size
    await asyncio.sleep(fault.duration_s)
    engine.clock.wall_offset_s -= fault.size
    engine.clock.database_offset_s -= fault.size
    engine.troubles.note()

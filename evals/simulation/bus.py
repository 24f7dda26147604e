"""Notifications inside one process: what a transaction announced is told on the loop's next turn after its commit, in order."""

import asyncio
from contextvars import Context, copy_context

from evals.simulation.actors import SimulatedProcess
from evals.simulation.loop import OWNER
from infra.events import CHANNEL, EventBus


class Switchboard:
    """Every listening connection of the simulated database; while it is `away` nothing is told to anybody."""

    def __init__(self) -> None:
        self._buses: dict[LocalBus, Context] = {}
        self.away = False

    def connect(self, bus: "LocalBus") -> None:
        """Let a bus hear, in the name of the process that calls."""
        self._buses[bus] = copy_context()

    def disconnect(self, bus: "LocalBus") -> None:
        """Let a bus hear nothing any more."""
        self._buses.pop(bus, None)

    def announce(self, channel: str, payload: str) -> None:
        """Tell every bus of the channel."""
        for bus, context in self._buses.items():
            if bus.channel == channel and not self.away:
                asyncio.get_running_loop().call_soon(bus.hear, payload, context=context)

    def return_from_outage(self) -> None:
        """Connect everybody again: each is told that it may have missed something."""
        self.away = False
        for bus, context in self._buses.items():
            asyncio.get_running_loop().call_soon(bus.wake_all, context=context)

    def forget(self, process: SimulatedProcess) -> None:
        """Drop the connections of a process that died."""
        self._buses = {bus: context for bus, context in self._buses.items() if context.get(OWNER) is not process}


class LocalBus(EventBus):
    """The event bus over a switchboard."""

    def __init__(self, switchboard: Switchboard, channel: str = CHANNEL) -> None:
        super().__init__("", channel)
        self.channel = channel
        self._switchboard = switchboard

    async def start(self) -> None:
        """Begin to listen."""
        self._switchboard.connect(self)

    async def stop(self) -> None:
        """Stop listening."""
        self._switchboard.disconnect(self)

    async def announce(self, subject: str, kind: str) -> None:
        """Tell every listener of the channel about `subject`."""
        self._switchboard.announce(self.channel, f"{subject} {kind}")

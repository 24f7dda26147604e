"""Artifact bodies that only the graph keeps."""

from memory.artifacts import Frozen, GateResult, Passage


class Cited(Frozen):
    """The passages that a script cites, as the writer saw them."""

    passages: tuple[Passage, ...]


class GateReport(Frozen):
    """Every check of one gate, in the order it was made."""

    gates: tuple[GateResult, ...]

    @property
    def failing(self) -> tuple[GateResult, ...]:
        """The checks that block."""
        return tuple(gate for gate in self.gates if not gate.passed and gate.severity == "block")


class ScreenReport(GateReport):
    """The checks of the screening before publication."""

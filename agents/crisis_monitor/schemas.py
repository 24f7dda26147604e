"""What the crisis monitor takes and gives."""

from memory.artifacts import Brief, Decision, Frozen, GateResult, Script


class ScreenInput(Frozen):
    """Everything that will be said and shown, and what it was made from."""

    script: Script
    brief: Brief


class Screened(Frozen):
    """Whether the video may go on, which checks it met, and whether any of them wants a person's eye."""

    passed: bool
    warned: bool
    reasons: tuple[str, ...]
    gates: tuple[GateResult, ...]
    decisions: tuple[Decision, ...]

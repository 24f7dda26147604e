"""Drafts of replies for the operator: nothing here is ever posted by the studio."""

from collections.abc import Sequence

from agents.crisis_monitor.schemas import Sign, SignKind

_DRAFTS: dict[SignKind, str] = {
    "factual_challenge": (
        "Thank you to everybody who wrote that something in “{title}” looks wrong. We are comparing the passage with its sources, which are listed in the "
        "description, and will correct it here if it does not hold."
    ),
    "source_changed": (
        "Correction: one of the sources of “{title}” has been corrected since this was published. What we said rested on its earlier version; "
        "the link in the description leads to the current one."
    ),
    "impersonation": (
        "Some comments under “{title}” pretend to come from us. We never ask anybody to write to us on a messenger, and we give nothing away. "
        "Please report such comments and do not answer them."
    ),
    "copyright_claim": (
        "To whom made the claim on “{title}”: the pictures, sounds and texts used in it, with their licences and authors, are listed in its description. "
        "Please tell us which of them the claim is about."
    ),
    "correction_request": (
        "Thank you for asking for a correction of “{title}”. Please tell us which sentence is meant and what shows that it is wrong; "
        "we read every source again."
    ),
}


def draft_replies(title: str, signs: Sequence[Sign]) -> tuple[str, ...]:
    """Return a draft for each sign that has one. It says nothing of what a viewer wrote: their words are not ours to repeat."""
    kinds = dict.fromkeys(sign.kind for sign in signs)
    return tuple(_DRAFTS[kind].format(title=title) for kind in kinds if kind in _DRAFTS)

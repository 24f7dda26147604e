"""Asking a person on a terminal: one question, the four answers of the agent inbox."""

import asyncio

import typer
from rich.console import Console

from api.workshop import Workshop
from graphs.gates import HumanAnswer
from graphs.runbook import Waiting

_KEYS = {"a": "accept", "e": "edit", "r": "response", "x": "ignore"}
_VERDICTS = {"accept": "accept", "edit": "edit", "response": "respond", "ignore": "ignore"}


async def ask_person(workshop: Workshop, waiting: Waiting, console: Console) -> None:
    """Ask on the terminal until an answer is given, and record it."""
    console.print(f"\n{waiting.description}", highlight=False)
    folder = await workshop.book.preview(waiting)
    for line in folder:
        console.print(f"  {line}", markup=False, highlight=False)
    answer = await asyncio.to_thread(_prompt, waiting.gate)
    await record_answer(workshop, waiting, answer)


def _prompt(gate: str) -> HumanAnswer:
    keys = "a accept, r respond, x ignore" if gate == "script" else "a accept, e edit title, r respond, x ignore"
    while True:
        key = typer.prompt(f"decide ({keys})").strip().lower()[:1]
        if key == "a" or key == "x":
            return HumanAnswer(type="accept" if key == "a" else "ignore")
        if key == "r":
            return HumanAnswer(type="response", args=typer.prompt("what should change"))
        if key == "e" and gate == "video":
            return HumanAnswer(type="edit", args={"title": typer.prompt("new title")})


async def record_answer(workshop: Workshop, waiting: Waiting, answer: HumanAnswer) -> None:
    """Record a decision on what a run waits for; an edit becomes an artifact first. Raises ApprovalDecided for a second one."""
    if answer.type == "edit":
        answer = answer.model_copy(update={"artifact": await workshop.book.keep_edits(waiting.run_id, answer.args)})
    await workshop.book.decide(waiting.approval_id, _VERDICTS[answer.type], answer.by, answer.model_dump(mode="json"))

"""Asking a person on a terminal: one question, the four answers of the agent inbox."""

import asyncio

import typer
from rich.console import Console

from api.workshop import Workshop
from graphs.gate_answers import HumanAnswer
from graphs.inbox import Waiting
from graphs.two_people import OwnRequest, SecondPersonNeeded
from infra.errors import Invalid

FIRST_OF_TWO = "accepted; the channel needs two people, so it waits until another one signs in and accepts it too"


async def ask_person(workshop: Workshop, waiting: Waiting, console: Console) -> bool:
    """Ask on the terminal until an answer is taken, and record it; False while it waits for other people all the same.

    Raises ApprovalDecided when somebody else answered meanwhile.
    """
    console.print(f"\n{waiting.description}", highlight=False)
    for line in await workshop.book.inbox.preview(waiting):
        console.print(f"  {line}", markup=False, highlight=False)
    while True:
        answer = await asyncio.to_thread(_prompt, waiting.gate)
        try:
            taken = await workshop.book.inbox.answer(waiting.approval_id, answer.model_dump(mode="json"))
        except Invalid as refused:
            console.print(f"  {refused.message}", markup=False, highlight=False)
        except (OwnRequest, SecondPersonNeeded) as refused:
            console.print(f"  {refused.message}", markup=False, highlight=False)
            return False
        else:
            if taken is None:
                console.print(f"  {FIRST_OF_TWO}", markup=False, highlight=False)
            return taken is not None


def _prompt(gate: str) -> HumanAnswer:
    keys = "a accept, r respond, x ignore" if gate == "script" else "a accept, e edit title, r respond, x ignore"
    while True:
        key = typer.prompt(f"decide ({keys})").strip().lower()[:1]
        if key in {"a", "x"}:
            return HumanAnswer(type="accept" if key == "a" else "ignore")
        if key == "r":
            return HumanAnswer(type="response", args=typer.prompt("what should change"))
        if key == "e" and gate == "video":
            return HumanAnswer(type="edit", args={"title": typer.prompt("new title")})

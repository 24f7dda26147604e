"""A model's draft is read by the critic's own model; what it finds sends the draft back once, and its silence never costs a video."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from agents.scriptwriter import Input, Output, run
from infra.settings import Settings
from memory.artifacts import Decision
from tests.fixtures.scripting import make_brief, make_context
from tools.sandbox import Sandbox
from tools.vendors.language_script import Reply, Script, refused, write_plausibly
from tools.vendors.openai.sandbox import openai_app

FAULT = {"sentence": 2, "kind": "unclear", "why": "Nobody knows yet which lamp is meant; name the tower first."}
BEYOND = {"sentence": 99, "kind": "abrupt", "why": "It comes from nowhere."}


@dataclass
class Desk:
    """One stand-in that is both writer and critic, by the names of their models."""

    settings: Settings
    home: Path
    sandbox: Sandbox
    critiques: list[Reply | str]

    async def write(self, **changes: Any) -> Output:
        settings = self.settings.model_copy(update=changes)
        return await run(Input(brief=make_brief()), make_context(self.home, settings=settings))

    def asked(self) -> list[str]:
        """Return which model each request was for."""
        return [json.loads(one.body)["model"] for one in self.sandbox.seen]


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Iterator[Desk]:
    critiques: list[Reply | str] = []

    def answer(schema: dict[str, Any], said: str) -> str:
        if "faults" in schema.get("properties", {}) and critiques:
            found = critiques.pop(0)
            return found if isinstance(found, str) else found.text
        return write_plausibly(schema, said)

    app = openai_app()
    script: Script = app.state.script
    script.write = answer
    with Sandbox(app) as sandbox:
        given = {"openai_api_key": "sk-sandbox", "openai_base_url": sandbox.url, "database_url": database_url, "home": tmp_path}
        chains = {"models_writer": "openai:gpt-5-mini", "models_critic": "openai:gpt-5-nano"}
        yield Desk(Settings.model_validate({**given, **chains}), tmp_path, sandbox, critiques)


def said(faults: list[dict[str, Any]]) -> str:
    return json.dumps({"faults": faults})


def verdict(output: Output) -> Decision | None:
    return next((one for one in output.decisions if one.question == "What does the critic say?"), None)


async def test_a_draft_without_faults_is_written_once_and_read_once(desk: Desk) -> None:
    desk.critiques.append(said([]))
    output = await desk.write()
    assert desk.asked() == ["gpt-5-mini", "gpt-5-nano"]
    heard = verdict(output)
    assert heard is not None
    assert (heard.choice, heard.reasons) == ("nothing to mend", ("read by openai:gpt-5-nano",))
    assert heard.scores["cost_usd"] > 0


async def test_what_the_critic_finds_reaches_the_writer_beside_the_draft(desk: Desk) -> None:
    desk.critiques.append(said([FAULT]))
    output = await desk.write()
    assert desk.asked() == ["gpt-5-mini", "gpt-5-nano", "gpt-5-mini"]
    again = json.dumps(json.loads(desk.sandbox.seen[-1].body)["messages"], ensure_ascii=False)
    assert "unclear, sentence 2: Nobody knows yet which lamp is meant" in again
    assert "previous draft" in again
    heard = verdict(output)
    assert heard is not None
    assert heard.choice == "1 fault: the draft goes back once"
    assert any(one.question == "Which draft?" and "of 2" in one.choice for one in output.decisions)
    assert output.review.blocking == ()


async def test_a_critic_that_names_a_sentence_that_is_not_there_is_asked_once_more(desk: Desk) -> None:
    desk.critiques.extend([said([BEYOND]), said([])])
    output = await desk.write()
    assert desk.asked() == ["gpt-5-mini", "gpt-5-nano", "gpt-5-nano"]
    assert "sentence 99 does not exist" in json.dumps(json.loads(desk.sandbox.seen[-1].body)["messages"])
    heard = verdict(output)
    assert heard is not None
    assert heard.choice == "nothing to mend"


async def test_a_critic_that_cannot_be_heard_costs_no_script(desk: Desk) -> None:
    desk.critiques.extend([refused().text, refused().text])
    output = await desk.write()
    heard = verdict(output)
    assert heard is not None
    assert heard.choice == "it could not be heard"
    assert "gpt-5-nano" in heard.reasons[0]
    assert output.review.blocking == ()


async def test_without_a_model_nobody_is_asked(desk: Desk) -> None:
    output = await desk.write(models_writer="offline", models_critic="")
    assert desk.asked() == []
    assert verdict(output) is None

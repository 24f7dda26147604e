"""Where a person decides: one `interrupt()` in a node of its own, in the agent-inbox schema."""

from typing import Any, Literal

from langgraph.runtime import Runtime
from langgraph.types import interrupt
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from graphs.context import Studio
from graphs.state import Decided, ProductionState, Update
from infra.errors import Invalid

_VERDICTS: dict[str, Literal["accept", "edit", "respond", "ignore"]] = {"accept": "accept", "edit": "edit", "response": "respond", "ignore": "ignore"}


class ActionRequest(BaseModel):
    """What the person is asked to allow."""

    model_config = ConfigDict(frozen=True)

    action: str
    args: dict[str, Any]


class GateConfig(BaseModel):
    """Which answers this gate takes."""

    model_config = ConfigDict(frozen=True)

    allow_accept: bool = True
    allow_edit: bool
    allow_respond: bool = True
    allow_ignore: bool = True


class HumanRequest(BaseModel):
    """A request in the agent-inbox schema; `description` is Markdown."""

    model_config = ConfigDict(frozen=True)

    action_request: ActionRequest
    config: GateConfig
    description: str


class HumanAnswer(BaseModel):
    """One answer in the agent-inbox schema; `args` is text for a response and edited fields for an edit."""

    model_config = ConfigDict(frozen=True)

    type: Literal["accept", "edit", "response", "ignore"]
    args: Any = None
    by: str = Field(default="operator", max_length=200)
    artifact: str | None = None


_ANSWERS = TypeAdapter(list[HumanAnswer])


def read_answer(raw: object) -> HumanAnswer:
    """Read an answer given as one object or as the inbox's list of one."""
    answers = _ANSWERS.validate_python(raw if isinstance(raw, list) else [raw])
    if len(answers) != 1:
        raise Invalid(f"answer: exactly one decision is taken, got {len(answers)}")
    return answers[0]


def decided(answer: HumanAnswer) -> Decided:
    """Turn an answer into the gate's slice of state."""
    feedback = [str(answer.args)] if answer.type == "response" and answer.args else []
    return {"verdict": _VERDICTS[answer.type], "feedback": feedback, "artifact": answer.artifact, "by": answer.by}


def _by_policy() -> Decided:
    return {"verdict": "accept", "feedback": [], "artifact": None, "by": "policy"}


async def approve_script(state: ProductionState, runtime: Runtime[Studio]) -> Update:
    """Ask a person about the script when the channel's autonomy is `manual`."""
    if runtime.context.request.autonomy != "manual":
        return {"script_gate": _by_policy()}
    request = HumanRequest(
        action_request=ActionRequest(action="approve_script", args={"script": state["write"]["script"]}),
        config=GateConfig(allow_edit=False),
        description=f"Script revision {state['write']['revision']}, quality {state['review']['quality']:.2f}",
    )
    return {"script_gate": decided(read_answer(interrupt(request.model_dump())))}


async def approve_video(state: ProductionState, runtime: Runtime[Studio]) -> Update:  # noqa: ARG001 - LangGraph hands both to every node
    """Ask a person about the finished video when `prepare` said one must decide."""
    prepared = state["prepare"]
    if not prepared["needs_human"]:
        return {"video_gate": _by_policy()}
    request = HumanRequest(
        action_request=ActionRequest(action="publish_video", args={"manifest": prepared["manifest"], "listing": prepared["listing"]}),
        config=GateConfig(allow_edit=True),
        description="The finished video passed every gate and waits to be published.",
    )
    return {"video_gate": decided(read_answer(interrupt(request.model_dump())))}

"""What a gate asks a person and what it takes for an answer, in the agent-inbox schema; whoever asks and answers needs no graph."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from graphs.state import Decided
from infra.errors import Invalid

_VERDICTS: dict[str, Literal["accept", "edit", "respond", "ignore"]] = {"accept": "accept", "edit": "edit", "response": "respond", "ignore": "ignore"}
LONGEST_RESPONSE = 2000


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
    """One answer in the agent-inbox schema; `args` is text for a response and edited fields for an edit, kept as `artifact` and told by what it `changes`."""

    model_config = ConfigDict(frozen=True)

    type: Literal["accept", "edit", "response", "ignore"]
    args: Any = None
    by: str = Field(default="operator", max_length=200)
    artifact: str | None = None
    changes: Literal["listing", "script"] = "listing"


_ANSWERS = TypeAdapter(list[HumanAnswer])


def read_answer(raw: object, config: GateConfig) -> HumanAnswer:
    """Read an answer given as one object or as the inbox's list of one; raises Invalid for one that this gate does not take."""
    try:
        answers = _ANSWERS.validate_python(raw if isinstance(raw, list) else [raw])
    except ValidationError as error:
        problem = error.errors()[0]
        raise Invalid(f"answer: {'.'.join(str(part) for part in problem['loc'][1:]) or 'it'}: {problem['msg']}") from error
    if len(answers) != 1:
        raise Invalid(f"answer: exactly one decision is taken, got {len(answers)}")
    answer = answers[0]
    allowed = {"accept": config.allow_accept, "edit": config.allow_edit, "response": config.allow_respond, "ignore": config.allow_ignore}
    if not allowed[answer.type]:
        raise Invalid(f"answer: this gate takes no {answer.type!r}; give one of {', '.join(kind for kind, taken in allowed.items() if taken)}")
    if answer.type == "response" and not (isinstance(answer.args, str) and 0 < len(answer.args.strip()) <= LONGEST_RESPONSE):
        raise Invalid(f"answer: a response is a text of 1 to {LONGEST_RESPONSE} characters that says what should change")
    return answer


def verdict_of(answer: HumanAnswer) -> Literal["accept", "edit", "respond", "ignore"]:
    """Return how an answer is called in state and in the approval's row."""
    return _VERDICTS[answer.type]


def decided(answer: HumanAnswer) -> Decided:
    """Turn an answer into the gate's slice of state."""
    feedback = [answer.args.strip()[:LONGEST_RESPONSE]] if answer.type in {"response", "ignore"} and isinstance(answer.args, str) and answer.args else []
    told: Decided = {"verdict": _VERDICTS[answer.type], "feedback": feedback, "artifact": answer.artifact, "by": answer.by}
    return {**told, "changes": answer.changes} if answer.type == "edit" else told

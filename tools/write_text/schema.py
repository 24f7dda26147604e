"""Contract of `write_text`: a typed task in, a JSON artifact of the asked shape out, with what it cost."""

from typing import Any, Literal

from pydantic import Field

from memory.personality import Degrade
from tools.base import Args, Result, ToolSpec

__all__ = ["SPEC", "Degrade", "Role", "WriteTextArgs", "WriteTextResult"]

Role = Literal["writer", "critic", "fast"]


class WriteTextArgs(Args):
    """One writing task. `input` names a JSON artifact; outside text inside it is fenced before a model sees it."""

    task: str = Field(description="Typed task, e.g. compose_script or critique_script")
    input: str = Field(description="Digest of the JSON artifact that holds the task's input")
    role: Role = Field(default="writer", description="Which model role does it; each role has a chain of models in the settings")
    instructions: str = Field(default="", description="Our own prompt; used by model writers only, never outside text")
    output_schema: dict[str, Any] = Field(default_factory=dict, description="JSON schema of the answer; required for tasks the writer does not know")
    max_output_tokens: int = Field(default=6000, ge=64, le=32000)
    degrade: Degrade = Field(default="never", description="How far the channel lets the task fall back when the wanted writer fails")


# The writer that needs no model, as results name it.
OFFLINE = "offline"


class WriteTextResult(Result):
    """Where the answer is, who wrote it and what it cost in millionths of a US dollar.

    `degraded_from` names the wanted writer when another one had to do it, and `degraded_why` what went wrong.
    """

    output: str
    writer: str
    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cost_micro_usd: int = 0
    degraded_from: str = ""
    degraded_why: str = ""


SPEC = ToolSpec(
    name="write_text",
    queue="io",
    args=WriteTextArgs,
    result=WriteTextResult,
    implementation="tools.write_text.tool:run",
    timeout_s=240.0,
    max_attempts=4,
    why_not_alone="its input is what an agent has fenced and bound to a schema; ask the scriptwriter with a task of kind `agent`",
)

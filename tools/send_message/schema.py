"""What sending a message takes and gives."""

from typing import Literal

from pydantic import Field

from tools.base import Args, Result, ToolSpec


class SendMessageArgs(Args):
    """The queued message, and the digest of the address: a job never holds an address, which is full of secrets."""

    message: str = Field(min_length=1, max_length=80)
    address: str = Field(min_length=8, max_length=64)


class SendMessageResult(Result):
    """What became of it: `sent`, `refused` for good, or `later`, with what the other side said."""

    outcome: Literal["sent", "refused", "later"]
    said: str = ""


# One attempt: the outbox tries again by itself, later and for longer than a job is kept.
SPEC = ToolSpec(
    name="send_message",
    queue="io",
    args=SendMessageArgs,
    result=SendMessageResult,
    implementation="tools.send_message.tool:run",
    timeout_s=60.0,
    max_attempts=1,
    why_not_alone="it sends what the studio has queued, to addresses that only the settings name; `ytempire messages` tells what was sent",
)

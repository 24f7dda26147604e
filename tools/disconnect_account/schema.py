"""What disconnecting an account takes and gives."""

from pydantic import Field

from tools.base import Args, Result, ToolSpec


class DisconnectAccountArgs(Args):
    """The studio's channel, and who wants it for what reason."""

    channel: str = Field(pattern=r"^[a-z0-9_-]{1,64}$")
    by: str = Field(min_length=1, max_length=80)
    reason: str = Field(min_length=1, max_length=500)


class DisconnectAccountResult(Result):
    """What is gone: the platform's channel, how many readings of it, and the runs that were under way for it, which were told."""

    title: str
    readings_deleted: int = Field(ge=0)
    runs_told: tuple[str, ...]


SPEC = ToolSpec(
    name="disconnect_account",
    queue="publish",
    args=DisconnectAccountArgs,
    result=DisconnectAccountResult,
    implementation="tools.disconnect_account.tool:run",
    timeout_s=45.0,
    max_attempts=3,
    why_not_alone="it ends a consent for good; do it with `POST /v1/accounts/{channel_id}/revoke`",
)

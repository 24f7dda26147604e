"""What connecting an account takes and gives; the answer itself lies where only workers that publish can read it."""

from pydantic import Field

from tools.base import Args, Result, ToolSpec


class ConnectAccountArgs(Args):
    """The request that the owner answered."""

    request: str = Field(pattern=r"^consent_[0-9a-f]{32}$")


class ConnectAccountResult(Result):
    """The platform's channel that the consent opens."""

    external_id: str
    title: str


# One attempt: an answer can be exchanged once.
SPEC = ToolSpec(
    name="connect_account",
    queue="publish",
    args=ConnectAccountArgs,
    result=ConnectAccountResult,
    implementation="tools.connect_account.tool:run",
    timeout_s=45.0,
    max_attempts=1,
    why_not_alone="its owner has to consent; begin with `POST /v1/accounts/{channel_id}/connect`",
)

"""What comparing a channel's uploads takes and gives."""

from pydantic import Field

from tools.base import Args, Result, ToolSpec


class FindUploadsArgs(Args):
    """The studio's channel, and the keys of publications that unfinished runs may have begun without a row of theirs being kept."""

    channel: str = Field(min_length=1, max_length=80)
    expected: tuple[str, ...] = Field(default=(), max_length=1000)


class FindUploadsResult(Result):
    """Of the newest uploads that carry our reference line: how many, those whose publication has not got so far here, and those nobody here knows.

    `ahead` are keys of publications: their runs go on with the video that is there. `unknown` are videos of the platform that a lost run made.
    """

    marked: int = Field(ge=0)
    ahead: tuple[str, ...]
    unknown: tuple[str, ...]


SPEC = ToolSpec(
    name="find_uploads",
    queue="publish",
    args=FindUploadsArgs,
    result=FindUploadsResult,
    implementation="tools.find_uploads.tool:run",
    timeout_s=120.0,
    max_attempts=3,
    why_not_alone="it compares the studio's records with the platform after a restore; `ytempire restore` calls it",
)

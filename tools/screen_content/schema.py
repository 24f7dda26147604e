"""What screening takes and gives."""

from typing import Literal

from pydantic import Field

from tools.base import Args, Result, ToolSpec

Origin = Literal["ours", "outside"]
Severity = Literal["block", "warn", "note"]


class ScreenedText(Args):
    """One text and where it comes from: `ours` will be said or shown, `outside` was read from a source."""

    id: str
    text: str = Field(max_length=200_000)
    origin: Origin


class ScreenContentArgs(Args):
    """Texts to screen, and what this channel never speaks about. `readings` are ids of a platform's comments, which must not be copied into a job."""

    texts: tuple[ScreenedText, ...] = Field(max_length=2000)
    taboos: tuple[str, ...] = ()
    readings: tuple[str, ...] = Field(default=(), max_length=2000)


class Finding(Result):
    """One rule that a text met: which, where, and how grave it is; of a reading, whose text stays where it is, without the excerpt."""

    text_id: str
    rule: str
    category: str
    severity: Severity
    excerpt: str
    reason: str


class ScreenContentResult(Result):
    """Every finding, gravest first."""

    findings: tuple[Finding, ...]
    rules: int


SPEC = ToolSpec(
    name="screen_content",
    queue="io",
    args=ScreenContentArgs,
    result=ScreenContentResult,
    implementation="tools.screen_content.tool:run",
    timeout_s=60.0,
    max_attempts=2,
    why_not_alone="",
)

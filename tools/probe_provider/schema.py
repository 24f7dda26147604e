"""Contracts of the probes: one question to one provider, told as an answer or as what is wrong, never as an error."""

from typing import Literal

from pydantic import Field

from tools.base import Args, Result, ToolSpec

# What a failed probe means: the key (wrong, expired, revoked), no credit, a model or voice the account lacks, an owner's consent that ended,
# a request to wait, no answer worth the name, an operator's own stop.
Trouble = Literal["", "key", "credit", "model", "consent", "busy", "network", "stopped", "other"]
TIMEOUT_S = 15.0
# Below the job's limit, so that a silent server is told as such.
ANSWER_S = 10.0


class ProbeArgs(Args):
    """Which provider, and of what it is asked: a model, a voice, a channel of the studio, or nothing in particular."""

    provider: str = Field(min_length=1, max_length=40)
    subject: str = Field(default="", max_length=200)


class ProbeResult(Result):
    """Whether the provider served, what it or its silence said, what kind of trouble that is, and how long it took in milliseconds."""

    ok: bool
    said: str
    trouble: Trouble = ""
    ms: int = Field(ge=0)


def _probe(name: str, queue: Literal["io", "publish"], module: str, why_not: str = "") -> ToolSpec[ProbeArgs, ProbeResult]:
    # One attempt: a person waits, and the next probe is one command away.
    implementation = f"tools.probe_provider.{module}:run"
    return ToolSpec(
        name=name,
        queue=queue,
        args=ProbeArgs,
        result=ProbeResult,
        implementation=implementation,
        timeout_s=TIMEOUT_S,
        max_attempts=1,
        why_not_alone=why_not,
    )


# Four specifications, so that a worker loads the SDKs of the kind it is asked about and no other.
LANGUAGE = _probe("probe_language", "io", "language")
VOICE = _probe("probe_voice", "io", "voice")
PICTURES = _probe("probe_pictures", "io", "pictures")
CHANNEL = _probe("probe_channel", "publish", "channel", "it opens an owner's consent; ask with `POST /v1/accounts/{channel_id}/check`")

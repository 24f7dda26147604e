"""Approvals as clients see and decide them: the question and the answer are those of the agent inbox."""

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, Field, model_validator

from api.http.fields import Body, all_storable
from graphs.gate_answers import LONGEST_RESPONSE

Status = Literal["pending", "accepted", "edited", "responded", "ignored", "expired"]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class ActionRequest(BaseModel):
    """What a person is asked to allow; `args` are digests of what it is about."""

    action: str
    args: dict[str, Any]


class AnswerConfig(BaseModel):
    """Which answers are taken."""

    allow_accept: bool
    allow_edit: bool
    allow_respond: bool
    allow_ignore: bool


class ApprovalView(BaseModel):
    """One question of a run. A decision is bound to `manifest`; until `expires_at` nobody's silence counts as a no."""

    id: str
    run: str
    video: str | None
    channel: str
    title: str
    topic: str
    provenance: str
    gate: Literal["script", "video"]
    status: Status
    manifest: Digest
    action_request: ActionRequest
    config: AnswerConfig
    description: str
    risks: int | None = Field(description="How many risks spoke against it when it was asked; null where they were not counted.")
    created_at: datetime
    due_at: datetime | None = Field(description="When the video is to be shown, where a time is set.")
    expires_at: datetime | None
    decided_by: str | None
    decided_at: datetime | None
    decision: dict[str, Any] | None
    two_person: bool = Field(description="Whether two people must accept it.")
    voices: int = Field(description="How many proposals and first acceptances there are.")


class ApprovalPage(BaseModel):
    """Some approvals, those that wait first, and the cursor of the next page."""

    items: list[ApprovalView]
    next: str | None
    total: int | None = Field(description="How many wait in all, of `status=pending` with the filters; null otherwise: history is not counted.")


class Voice(BaseModel):
    """What was said before the decision: a proposal, or an acceptance that waits for a second one."""

    id: str
    kind: Literal["proposal", "acceptance"]
    by: str
    manifest: Digest
    decision: dict[str, Any]
    created_at: datetime


class Check(BaseModel):
    """One check of a gate: what was measured against which limit."""

    name: str
    passed: bool
    measured: str
    limit: str
    severity: Literal["block", "warn"]
    stage: str
    at_s: float | None


class Evidence(BaseModel):
    """Everything that speaks for and against it; null for what was not reached, and `missing` for what is lost."""

    manifest: dict[str, Any] | None
    script: dict[str, Any] | None = Field(description="Each sentence with the passages that support it, and every document used.")
    thumbnails: list[dict[str, Any]]
    chosen_thumbnail: int | None
    checks: list[Check]
    quality: float | None
    cost_usd: float
    risks: list[str]
    missing: list[str]


class Understood(BaseModel):
    """What became of the answer in words that this question follows; null for what is not known."""

    words: str
    by: str | None
    at: datetime
    taken: str | None = Field(description="How whoever wrote anew took the words, in its own account; or that they were not read.")
    writer: str | None
    added: list[str] | None = Field(description="Sentences of the script that the one before did not have.")
    dropped: list[str] | None = Field(description="Sentences of the script before that this one does not have.")


class ApprovalDetail(ApprovalView):
    """One question with its evidence, with what was said on it, and with what became of the answer in words before it."""

    evidence: Evidence
    said: list[Voice]
    understood: Understood | None


class Answer(Body):
    """An answer of the agent inbox, bound to the manifest that whoever answers has seen."""

    type: Literal["accept", "edit", "response", "ignore"]
    args: str | dict[str, Any] | None = Field(
        default=None, description="A response: what should change. An edit: title, description, tags or publish_at, or `script` with title and beats."
    )
    manifest: Digest = Field(description="The `manifest` of the approval as it was read.")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.type == "edit" and not isinstance(self.args, dict):
            raise ValueError("args: an edit needs the fields that it changes")
        if self.type == "response" and not isinstance(self.args, str):
            raise ValueError("args: a response is a text that says what should change")
        if self.type in {"accept", "ignore"} and isinstance(self.args, dict):
            raise ValueError("args: only an edit takes fields; leave them out, or say why in words")
        if isinstance(self.args, str) and len(self.args) > LONGEST_RESPONSE:
            raise ValueError(f"args: has {len(self.args)} characters, at most {LONGEST_RESPONSE} are taken")
        all_storable(self.args)
        return self

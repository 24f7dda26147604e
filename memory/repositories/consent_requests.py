"""Statements about owners who are asked for consent: each request is answered once, within its time, by the browser that began it."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from infra.errors import Conflict, NotFound
from infra.ids import content_digest, new_id
from memory.records.consent_requests import ConsentRequestRecord, ConsentSecretRecord

LASTS = timedelta(minutes=10)
PREFIX = "consent"
_OPEN = ("asked", "answered")


class ConsentRequestMissing(NotFound):
    """Nobody asked for this consent."""

    code = "consent_request_missing"


class ConsentRequestOver(Conflict):
    """The request was answered, replaced by a later one, or its time is over."""

    code = "consent_request_over"


@dataclass(frozen=True)
class NewConsentRequest:
    """Who asks for which channel, where the browser is sent back to, and the two secrets that bind the answer: the state and the verifier."""

    tenant_id: str
    channel_id: str
    user_id: str
    redirect_uri: str
    state: str
    verifier: str


@dataclass(frozen=True)
class Grant:
    """What an owner answered: the code, the verifier that belongs to it and the address it came back to. For who publishes only."""

    code: str
    verifier: str
    redirect_uri: str


class ConsentRequestRepository:
    """Requests for consent, inside one unit of work."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def begin(self, new: NewConsentRequest) -> ConsentRequestRecord:
        """Keep a request that lasts ten minutes; an earlier one of the channel that nobody answered ends."""
        request_id = new_id(PREFIX)
        earlier = (ConsentRequestRecord.channel_id == new.channel_id, ConsentRequestRecord.status == "asked")
        self._session.execute(update(ConsentRequestRecord).where(*earlier).values(status="failed", reason="asked again", finished_at=func.now()))
        about = {"tenant_id": new.tenant_id, "channel_id": new.channel_id, "user_id": new.user_id, "redirect_uri": new.redirect_uri}
        values = {"id": request_id, **about, "state_digest": content_digest(new.state.encode()), "expires_at": func.now() + LASTS}
        self._session.execute(insert(ConsentRequestRecord).values(**values))
        # Without `returning`: whoever asks may write this table and not read it.
        self._session.execute(insert(ConsentSecretRecord).values(request_id=request_id, verifier=new.verifier).inline())
        return self.get(request_id)

    def get(self, request_id: str) -> ConsentRequestRecord:
        """Return a request; raises ConsentRequestMissing."""
        found = self._session.get(ConsentRequestRecord, request_id, populate_existing=True)
        if found is None:
            raise ConsentRequestMissing(f"request: {request_id!r} does not exist", request=request_id)
        return found

    def answer(self, state: str, code: str | None, refusal: str = "") -> ConsentRequestRecord:
        """Take the owner's answer, once: a code, or why there is none. Raises ConsentRequestMissing for an unknown state and ConsentRequestOver."""
        waiting = select(ConsentRequestRecord).filter_by(state_digest=content_digest(state.encode())).with_for_update()
        found = self._session.scalar(waiting.execution_options(populate_existing=True))
        if found is None:
            raise ConsentRequestMissing("state: nobody here asked for this consent; begin again")
        if found.status != "asked":
            raise ConsentRequestOver(f"state: this request is over ({found.reason or found.status}); begin again", request=found.id)
        if self._session.scalar(select(ConsentRequestRecord.expires_at <= func.now()).filter_by(id=found.id)):
            raise ConsentRequestOver("state: more than ten minutes went by; begin again", request=found.id)
        if code is None:
            self.finish(found.id, "failed", refusal)
        else:
            self._session.execute(update(ConsentRequestRecord).filter_by(id=found.id).values(status="answered"))
            self._session.execute(update(ConsentSecretRecord).where(ConsentSecretRecord.request_id == found.id).values(code=code))
        return self.get(found.id)

    def open_grant(self, request_id: str) -> Grant:
        """Return what was answered; raises ConsentRequestOver when nothing waits to be exchanged. Only roles that publish may read it."""
        request = self.get(request_id)
        secret = self._session.get(ConsentSecretRecord, request_id, populate_existing=True)
        if request.status != "answered" or secret is None or secret.code is None:
            raise ConsentRequestOver(f"request {request_id}: is {request.status}, and holds no answer to be exchanged", request=request_id)
        return Grant(secret.code, secret.verifier, request.redirect_uri)

    def finish(self, request_id: str, status: str, reason: str = "") -> None:
        """End a request as connected or failed, and forget its secrets; one that has ended stays as it is."""
        ended = update(ConsentRequestRecord).where(ConsentRequestRecord.id == request_id, ConsentRequestRecord.status.in_(_OPEN))
        self._session.execute(ended.values(status=status, reason=reason[:1000], finished_at=func.now()))
        self._session.execute(delete(ConsentSecretRecord).where(ConsentSecretRecord.request_id == request_id))

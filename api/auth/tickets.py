"""Tickets that open a socket: a browser cannot send a header with one, and a token in an address ends up in logs."""

import secrets

from api.auth.authenticator import Known
from api.auth.permissions import permissions_of, permissions_of_token
from api.http.principal import Principal
from api.http.refusals import Unauthenticated
from infra.clock import SYSTEM_CLOCK
from infra.database import Database
from memory.repositories.api_tokens import TICKET_LIFE, ApiTokenRepository, SocketTicketRepository
from memory.repositories.sessions import Holder, SessionRepository

_NOT_GOOD = "ticket: it was used, is older than 30 seconds, or another address asked for it; ask for a new one"


class SocketTickets:
    """Issues tickets to whoever is authenticated, and turns each into its holder once."""

    expires_in = int(TICKET_LIFE.total_seconds())

    def __init__(self, studio: Database) -> None:
        self._studio = studio

    def issue(self, known: Known, address: str) -> str:
        """Return a ticket for the next 30 seconds, good once and from this address."""
        ticket, who = secrets.token_urlsafe(32), known.principal
        with self._studio.unit_of_work() as session:
            holder = Holder(who.user_id, who.tenant_id, who.role)
            SocketTicketRepository(session).issue(ticket, holder, address, session_id=known.session_id, api_token_id=known.api_token_id)
        return ticket

    def redeem(self, ticket: str, address: str) -> Known:
        """Return who holds a ticket, which is used up; raises Unauthenticated, also when its session ended meanwhile."""
        found: Known | None = None
        with self._studio.unit_of_work() as session:
            row = SocketTicketRepository(session).take(ticket, address)
            if row is not None and row.session_id is not None and (holder := SessionRepository(session).holder(row.session_id)) is not None:
                found = _known(Principal(holder.user_id, holder.tenant_id, holder.role, permissions_of(holder.role), "session"), row.session_id, None)
            elif row is not None and row.api_token_id is not None and (held := ApiTokenRepository(session).holder_of(row.api_token_id)) is not None:
                holder, scopes = held
                may = permissions_of_token(holder.role, scopes)
                found = _known(Principal(holder.user_id, holder.tenant_id, holder.role, may, "token"), None, row.api_token_id)
        if found is None:
            raise Unauthenticated(_NOT_GOOD)
        return found


def _known(principal: Principal, session_id: str | None, api_token_id: str | None) -> Known:
    return Known(principal, session_id, api_token_id, SYSTEM_CLOCK.monotonic(), 0)

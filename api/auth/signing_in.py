"""Signing in and staying signed in: passwords, links, sessions and their refresh tokens."""

import secrets
from dataclasses import dataclass

from api.auth.access_tokens import LIFE, AccessTokens
from api.auth.confirming import PasswordWrong
from api.auth.keys import SigningKeys
from api.auth.passwords import Passwords, check_password
from api.auth.refresh_tokens import RefreshSeals, read_refresh_token
from api.http.refusals import TooOften, Unauthenticated
from infra.database import Database, UnitOfWork
from memory.records.sessions import SessionRecord
from memory.records.users import UserRecord
from memory.repositories.api_tokens import ApiTokenRepository
from memory.repositories.audit import AuditRepository
from memory.repositories.login_throttles import Allowance, LoginThrottleRepository
from memory.repositories.sessions import SessionRepository, SignIn, Turn
from memory.repositories.users import LinkInvalid, SignInRepository, UserRepository

FREE_HERE, FREE_ACCOUNT, FREE_ADDRESS = 5, 30, 30
_REFUSED = "email, password: no user with this password; try again, or ask an admin for a link that sets a new one"


@dataclass(frozen=True)
class SignedIn:
    """What a person gets: an access token for ten minutes, and a refresh token for the next."""

    user: UserRecord
    session_id: str
    access_token: str
    refresh_token: str

    @property
    def expires_in(self) -> int:
        """Seconds that the access token is good for."""
        return int(LIFE.total_seconds())


class SigningIn:
    """Everything that happens before it is known who asks; works as the studio itself."""

    def __init__(self, studio: Database, keys: SigningKeys, passwords: Passwords) -> None:
        self._studio = studio
        self._tokens = AccessTokens(keys)
        self._seals = RefreshSeals(keys.derived("refresh tokens"))
        self.passwords = passwords

    def with_password(self, who: tuple[str, str], password: str, sign_in: SignIn) -> SignedIn:
        """Sign a person in, by tenant and address; raises TooOften with the seconds to wait, Unauthenticated without saying what was wrong.

        Nothing that is read or counted depends on other tenants: whether they know the address can be told from no answer, and from no time it takes.
        """
        tenant, email = who[0], who[1].strip().lower()
        account = f"{tenant} {email}"
        here, everywhere = Allowance("here", f"{account} {sign_in.address}", FREE_HERE), Allowance("account", account, FREE_ACCOUNT)
        self._count(here, everywhere, Allowance("address", sign_in.address, FREE_ADDRESS))
        with self._studio.unit_of_work() as session:
            user = UserRepository(session).find_by_email(email, tenant)
            hashed = SignInRepository(session).password_hash(user.id) if user is not None and user.disabled_at is None else None
        right = self.passwords.matches(password, hashed)
        with self._studio.unit_of_work() as session:
            if not right or user is None or hashed is None:
                about = (user.id, user.tenant_id) if user is not None else ("unknown", None)
                AuditRepository(session).append("nobody", "session.refused", about[0], {"address": sign_in.address}, tenant=about[1])
            else:
                LoginThrottleRepository(session).clear(here, everywhere)
                if self.passwords.is_old(hashed):
                    SignInRepository(session).set_password(user.id, self.passwords.hash(password))
                return self._begin(session, user, sign_in)
        raise Unauthenticated(_REFUSED)

    def with_link(self, secret: str, password: str, sign_in: SignIn, *, keep_tokens: bool = False) -> SignedIn:
        """Set a person's password through a link, end what the old one let in and sign them in; raises LinkInvalid or PasswordWeak."""
        self._count(Allowance("link", sign_in.address, FREE_ADDRESS))
        with self._studio.unit_of_work() as session:
            link = SignInRepository(session).use_link(secret)
            user = UserRepository(session).find(link.user_id) if link.user_id is not None else None
            if user is None or user.disabled_at is not None:
                raise LinkInvalid("link: its user is not let in any more, or it makes the first admin: use the page that it came with")
            if not keep_tokens and (revoked := ApiTokenRepository(session).revoke_all(user.id)):
                _audit(session, user, "tokens.revoked", {"tokens": revoked, "why": "password set"})
            return self._set_and_begin(session, user, password, sign_in)

    def first_admin(self, secret: str, email: str, password: str, sign_in: SignIn) -> SignedIn:
        """Make the first admin through the link that the stack showed, and sign them in; raises LinkInvalid once there is a user."""
        self._count(Allowance("link", sign_in.address, FREE_ADDRESS))
        with self._studio.unit_of_work() as session:
            SignInRepository(session).hold_first()
            link, users = SignInRepository(session).use_link(secret), UserRepository(session)
            if link.user_id is not None or not users.is_empty():
                raise LinkInvalid("link: the studio has its first admin already; sign in, or let an admin make a link for you")
            first = users.add(email, "admin", tenant_id=link.tenant_id)
            _audit(session, first, "user.added", {"role": "admin", "by": "the first link"})
            return self._set_and_begin(session, first, password, sign_in)

    def refresh(self, text: str) -> SignedIn:
        """Turn a refresh token into the next; raises Unauthenticated when it is not good, and ends its session when it was used before."""
        token = read_refresh_token(text)
        with self._studio.unit_of_work() as session:
            sessions, users = SessionRepository(session), UserRepository(session)
            found = sessions.find(token.session_id)
            user = users.find(found.user_id) if found is not None else None
            if found is None or user is None or user.disabled_at is not None or not self._seals.holds(token, found.salt):
                raise Unauthenticated("cookie: the refresh token is not good; sign in")
            turn, number = sessions.rotate(token.session_id, token.number)
            if turn is Turn.REUSED:
                _audit(session, user, "session.reuse_found", {"session": found.id, "number": token.number, "newest": number})
            if turn in {Turn.ROTATED, Turn.REPEATED}:
                return self._signed_in(user, found, number)
        raise Unauthenticated(_OVER[turn])

    def sign_out(self, text: str) -> None:
        """End the session of a refresh token; of one that is not good, nothing."""
        try:
            token = read_refresh_token(text)
        except Unauthenticated:
            return
        with self._studio.unit_of_work() as session:
            found = SessionRepository(session).find(token.session_id)
            if found is not None and found.ended_at is None and self._seals.holds(token, found.salt):
                SessionRepository(session).end(found.id, found.user_id, "signed out")
                _audit(session, UserRepository(session).get(found.user_id), "session.ended", {"session": found.id})

    def confirm(self, user_id: str, session_id: str, password: str) -> str:
        """Take the password of somebody who is signed in, and return an access token that says so; raises PasswordWrong, TooOften."""
        self._count(Allowance("change", user_id, FREE_HERE))
        with self._studio.unit_of_work() as session:
            user, hashed = UserRepository(session).get(user_id), SignInRepository(session).password_hash(user_id)
        right = self.passwords.matches(password, hashed)
        with self._studio.unit_of_work() as session:
            _audit(session, user, "session.confirmed" if right else "session.confirm_refused", {"session": session_id})
            if right:
                return self._tokens.issue(user.id, session_id, SessionRepository(session).confirm(session_id, user_id).confirmed_at)
        raise PasswordWrong("password: it is not the password of this account")

    def change_password(self, holder: tuple[str, str | None], current: str, new: str, *, keep_tokens: bool) -> tuple[int, int]:
        """Change one's own password (`holder`: user and session). Returns how many other sessions were ended and how many tokens revoked.

        Raises PasswordWeak, and PasswordWrong for a wrong current one.
        """
        user_id, session_id = holder
        self._count(Allowance("change", user_id, FREE_HERE))
        with self._studio.unit_of_work() as session:
            user, hashed = UserRepository(session).get(user_id), SignInRepository(session).password_hash(user_id)
        check_password(new, user.email)
        if not self.passwords.matches(current, hashed):
            raise PasswordWrong("current: it is not the password of this account")
        with self._studio.unit_of_work() as session:
            SignInRepository(session).set_password(user_id, self.passwords.hash(new))
            if session_id is not None:
                SessionRepository(session).confirm(session_id, user_id)
            ended = SessionRepository(session).end_all(user_id, "password changed", but=session_id)
            revoked = 0 if keep_tokens else ApiTokenRepository(session).revoke_all(user_id)
            _audit(session, user, "password.changed", {"sessions_ended": ended, "tokens_revoked": revoked})
            return ended, revoked

    def _count(self, *allowances: Allowance) -> None:
        with self._studio.unit_of_work() as session:
            wait_s = LoginThrottleRepository(session).take(*allowances)
        if wait_s > 0:
            seconds = int(wait_s) + 1
            raise TooOften(f"email, password: tried too often; wait {seconds} s", retry_after_s=seconds)

    def _set_and_begin(self, session: UnitOfWork, user: UserRecord, password: str, sign_in: SignIn) -> SignedIn:
        check_password(password, user.email)
        SignInRepository(session).set_password(user.id, self.passwords.hash(password))
        SessionRepository(session).end_all(user.id, "password set")
        _audit(session, user, "password.set", {"address": sign_in.address})
        return self._begin(session, user, sign_in)

    def _begin(self, session: UnitOfWork, user: UserRecord, sign_in: SignIn) -> SignedIn:
        begun = SessionRepository(session).begin(user, secrets.token_urlsafe(16), sign_in)
        _audit(session, user, "session.begun", {"session": begun.id, "address": sign_in.address})
        return self._signed_in(user, begun, 0)

    def _signed_in(self, user: UserRecord, begun: SessionRecord, number: int) -> SignedIn:
        return SignedIn(user, begun.id, self._tokens.issue(user.id, begun.id, begun.confirmed_at), self._seals.token(begun.id, number, begun.salt))


_OVER = {
    Turn.IDLE: "cookie: the session was not used for a day; sign in",
    Turn.OVER: "cookie: the session is over; sign in",
    Turn.REUSED: "cookie: the refresh token was used before, so the session was ended; sign in",
}


def _audit(session: UnitOfWork, user: UserRecord, action: str, details: dict[str, object]) -> None:
    AuditRepository(session).append(user.id, action, user.id, details, tenant=user.tenant_id)

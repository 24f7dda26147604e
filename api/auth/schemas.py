"""What is sent and answered about identity."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field, SecretStr, field_validator

from api.auth.passwords import LONGEST
from api.auth.permissions import PERMISSIONS
from api.http.fields import Body, FreeText, storable


def _whole(secret: SecretStr) -> SecretStr:
    storable(secret.get_secret_value())
    return secret


Role = Literal["viewer", "operator", "admin"]
# One @, no spaces: whether it can be written to is found out by writing to it.
# What counts as a space differs between dialects of patterns: where they differ, it is named.
_WORD = r"[^@\s\x00-\x1f\x7f-\x9f\ufeff]+"
Email = Annotated[str, Field(max_length=254, pattern=f"^{_WORD}@{_WORD}$"), AfterValidator(storable)]
# Long enough for every password that was ever taken; the limits for new ones are told one by one.
Password = Annotated[SecretStr, Field(min_length=1, max_length=4 * LONGEST), AfterValidator(_whole)]
# What a link carries: 32 random bytes.
Secret = Annotated[SecretStr, Field(min_length=20, max_length=100), AfterValidator(_whole)]


class Asked(Body):
    """A body: a field that is not known is refused."""


class Login(Asked):
    """Who signs in, and to which tenant: an address may have a user in each of several, which know nothing of each other."""

    email: Email
    password: Password
    tenant: Annotated[str | None, Field(pattern=r"^[a-z0-9_-]{1,64}$", description="As `GET /v1/me` told it; left out, this server's own studio.")] = None


class Setup(Asked):
    """The first admin, by the secret of the link that the stack showed."""

    secret: Secret
    email: Email
    password: Password


KeepTokens = Annotated[
    bool, Field(description="Let the person's tokens for programs stay good. Left out, they are revoked: whoever knew the old password may have made one.")
]


class LinkUse(Asked):
    """A new password, by the secret of a link."""

    secret: Secret
    password: Password
    keep_tokens: KeepTokens = False


class PasswordChange(Asked):
    """A new password in place of the current one."""

    current: Password
    new: Password
    keep_tokens: KeepTokens = False


class PasswordChanged(BaseModel):
    """What went with the old password."""

    ended: int = Field(description="How many other sessions were ended.")
    tokens_revoked: int = Field(description="How many tokens for programs were revoked.")


class Confirmation(Asked):
    """The password of whoever is signed in."""

    password: Password


class Confirmed(BaseModel):
    """An access token of the same session that says when the password was shown; it takes the place of the one that asked."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - the name of a scheme  # nosec B105
    expires_in: int = Field(description="Seconds.")
    confirmed_until: datetime = Field(description="Until then no grave act asks for the password again.")


class UserView(BaseModel):
    """A person, and what their role lets them do."""

    id: str
    email: str
    name: str
    role: Role
    disabled: bool
    created_at: datetime


class UserPage(BaseModel):
    """Some users, newest first, and the cursor of the next page."""

    items: list[UserView]
    next: str | None


class Me(BaseModel):
    """Whoever asks, and what they may do with this session or token."""

    user: UserView
    tenant: str
    via: Literal["session", "token"]
    permissions: list[str]


class SignedInView(BaseModel):
    """The access token is for the memory of the page, and nowhere else; the refresh token is in a cookie that pages cannot read."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - the name of a scheme
    expires_in: int = Field(description="Seconds.")
    user: UserView


class SessionView(BaseModel):
    """One sign-in that is not over."""

    id: str
    address: str
    agent: str
    created_at: datetime
    refreshed_at: datetime
    expires_at: datetime
    current: bool


class SessionList(BaseModel):
    """Sessions, newest first."""

    items: list[SessionView]


# What a token may be given; whoever asks for more is told why.
FOR_PROGRAMS = [name for name, one in PERMISSIONS.items() if not one.person_only]


class NewToken(Asked):
    """A token for a program: what it may do, and for how long."""

    name: Annotated[FreeText, Field(min_length=1, max_length=80)]
    scopes: Annotated[list[FreeText], Field(min_length=1, max_length=len(PERMISSIONS), json_schema_extra={"items": {"type": "string", "enum": FOR_PROGRAMS}})]
    days: Annotated[int | None, Field(ge=1, le=3650, description="Days that it is good for; for ever when left out.")] = None

    @field_validator("scopes")
    @classmethod
    def _are_for_programs(cls, scopes: list[str]) -> list[str]:
        unknown = sorted(set(scopes) - PERMISSIONS.keys())
        for_people = sorted(one for one in scopes if one in PERMISSIONS and PERMISSIONS[one].person_only)
        if unknown:
            raise ValueError(f"no permission is called {', '.join(unknown)[:200]}; `GET /v1/me` names those there are")
        if for_people:
            raise ValueError(f"{', '.join(for_people)}: only a person who signed in may; leave it out")
        return sorted(set(scopes))


class TokenView(BaseModel):
    """A program's token, without what is secret of it."""

    id: str
    name: str
    prefix: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None


class TokenMade(TokenView):
    """A new token; `token` is told this once and never again."""

    token: str


class TokenList(BaseModel):
    """Tokens, newest first."""

    items: list[TokenView]


class Ticket(BaseModel):
    """A right to open one socket."""

    ticket: str
    expires_in: int = Field(description="Seconds.")


class Jwk(BaseModel):
    """A public key (RFC 7517)."""

    kty: Literal["RSA"]
    use: Literal["sig"]
    alg: Literal["RS256"]
    kid: str
    n: str
    e: str


class Jwks(BaseModel):
    """The keys that access tokens may be signed with."""

    keys: list[Jwk]


class Ended(BaseModel):
    """How many sessions were ended."""

    ended: int


class NewUser(Asked):
    """A person to let in."""

    email: Email
    name: Annotated[FreeText, Field(max_length=120)] = ""
    role: Role


class UserChange(Asked):
    """What to change of a person."""

    name: Annotated[FreeText | None, Field(max_length=120)] = None
    role: Role | None = None
    disabled: bool | None = None


class UserMade(BaseModel):
    """A new person, and the secret of the link by which they set their password: told this once."""

    user: UserView
    secret: str


class LinkMade(BaseModel):
    """The secret of a link that sets a password: good once, for 24 hours, and told this once."""

    secret: str

"""`/v1/auth`: signing in, staying signed in, signing out, and the public keys."""

from fastapi import APIRouter, Request, Response

from api.auth.authenticator import FILES_COOKIE
from api.auth.client import ensure_ours, is_secure, sign_in_of
from api.auth.identity import IdentityParts
from api.auth.schemas import Jwks, LinkUse, Login, Setup, SignedInView
from api.auth.signing_in import SignedIn
from api.auth.views import user_view
from api.http.principal import Public
from api.http.problems import problems
from api.http.state import State
from memory.records.tenants import LOCAL_TENANT
from memory.repositories.sessions import LONGEST

router = APIRouter(tags=["identity"])
COOKIE, PATH = "ytempire_refresh", "/v1/auth"
# Players and pictures of a page cannot send a header: for their files the access token comes in a cookie as well.
FILES_PATH = "/v1/videos"
_REFUSALS = problems(401, 403, 429, 503)


@router.post("/v1/auth/login", dependencies=[Public], response_model=SignedInView, responses=_REFUSALS)
def auth_login(request: Request, state: State, identity: IdentityParts, who: Login) -> Response:
    """Sign in with a password."""
    ensure_ours(request, state.settings)
    signed = identity.signing_in.with_password((who.tenant or LOCAL_TENANT, who.email), who.password.get_secret_value(), sign_in_of(request, state.settings))
    return _signed_in(request, state, signed)


@router.post("/v1/auth/setup", dependencies=[Public], status_code=201, response_model=SignedInView, responses=_REFUSALS)
def auth_setup(request: Request, state: State, identity: IdentityParts, first: Setup) -> Response:
    """Make the first admin through the link that the stack showed, and sign them in."""
    ensure_ours(request, state.settings)
    secret, password = first.secret.get_secret_value(), first.password.get_secret_value()
    signed = identity.signing_in.first_admin(secret, first.email, password, sign_in_of(request, state.settings))
    return _signed_in(request, state, signed, 201)


@router.post("/v1/auth/link", dependencies=[Public], response_model=SignedInView, responses=_REFUSALS)
def auth_link(request: Request, state: State, identity: IdentityParts, use: LinkUse) -> Response:
    """Set a password through a link, and sign in; every other session ends, and tokens for programs are revoked unless they are to be kept."""
    ensure_ours(request, state.settings)
    secret, password = use.secret.get_secret_value(), use.password.get_secret_value()
    signed = identity.signing_in.with_link(secret, password, sign_in_of(request, state.settings), keep_tokens=use.keep_tokens)
    return _signed_in(request, state, signed)


@router.post("/v1/auth/refresh", dependencies=[Public], response_model=SignedInView, responses=_REFUSALS)
def auth_refresh(request: Request, state: State, identity: IdentityParts) -> Response:
    """Turn the refresh cookie into the next one and a fresh access token."""
    ensure_ours(request, state.settings)
    return _signed_in(request, state, identity.signing_in.refresh(_cookie(request)))


@router.post("/v1/auth/logout", dependencies=[Public], status_code=204, responses=problems(403, 503))
def auth_logout(request: Request, state: State, identity: IdentityParts) -> Response:
    """End the session of the refresh cookie, at once and everywhere."""
    ensure_ours(request, state.settings)
    identity.signing_in.sign_out(_cookie(request))
    answer = Response(status_code=204)
    for name, path in ((COOKIE, PATH), (FILES_COOKIE, FILES_PATH)):
        answer.delete_cookie(name, path=path, secure=is_secure(request, state.settings), httponly=True, samesite="strict")
    return answer


@router.get("/v1/auth/jwks", dependencies=[Public], response_model=Jwks)
def auth_jwks(identity: IdentityParts) -> Response:
    """Return the public keys that access tokens may be signed with; a new one is told ten minutes before it signs."""
    body = Jwks.model_validate(identity.keys.jwks()).model_dump_json()
    return Response(body, media_type="application/json", headers={"cache-control": "public, max-age=300"})


def _cookie(request: Request) -> str:
    # Read here, and no parameter of the route: pages never see it, and the schema is for those who do.
    return request.cookies.get(COOKIE, "")


def _signed_in(request: Request, state: State, signed: SignedIn, status: int = 200) -> Response:
    body = SignedInView(access_token=signed.access_token, expires_in=signed.expires_in, user=user_view(signed.user))
    answer = Response(body.model_dump_json(), status, media_type="application/json")
    age, secure = int(LONGEST.total_seconds()), is_secure(request, state.settings)
    answer.set_cookie(COOKIE, signed.refresh_token, max_age=age, path=PATH, secure=secure, httponly=True, samesite="strict")
    answer.set_cookie(FILES_COOKIE, signed.access_token, max_age=signed.expires_in, path=FILES_PATH, secure=secure, httponly=True, samesite="strict")
    return answer

"""Reads that were asked for before are answered without going through the whole application: who asks and whether they may is asked each time.

What stands before an endpoint (routes, parameters, dependencies) costs more than the answer does, kept or read, and the same words mean the same question.
"""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import errors
from api.http.kept import Question, body_of
from api.http.pace import Paces
from api.http.principal import Authenticate, Principal
from api.http.state import ServiceState
from api.http.versions import answer
from infra.errors import StudioError

_MOST = 2_000
_Words = tuple[str, bytes]


@dataclass(frozen=True)
class _Known:
    """What a request of these words asks, and what whoever asks must be allowed."""

    question: Question
    permission: str
    route: Any


class Shelf:
    """Stands before the application; endpoints put on it what their words mean."""

    def __init__(self, app: ASGIApp, state: ServiceState, authenticate: Authenticate, paces: Paces) -> None:
        self._app = app
        self._paces = paces
        self._state = state
        self._authenticate = authenticate
        self._known: OrderedDict[_Words, _Known] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request whose answer is there; hand on every other."""
        if scope["type"] != "http" or scope["method"] in {"HEAD", "OPTIONS"}:
            await self._app(scope, receive, send)
            return
        if scope["method"] != "GET":
            await self._app(scope, receive, self._after_changes(send))
            return
        words = (scope["path"], scope["query_string"])
        known = self._known.get(words)
        request = Request(scope, receive)
        who = None if known is None else await self._who(known, request)
        if known is not None and who is not None:
            scope["route"] = known.route
            await (await self._answer(known, request, who))(scope, receive, send)
            return
        await self._app(scope, receive, send)
        self._learn(words, scope)

    async def _who(self, known: _Known, request: Request) -> Principal | None:
        """Return who asks, if they may; what speaks against it the application says as it says everything."""
        try:
            who = await self._authenticate(request)
            self._paces.count(request.scope, who.caller, "reads")
        except StudioError:
            return None
        request.scope["ytempire.principal"] = who
        return who if known.permission in who.scopes else None

    async def _answer(self, known: _Known, request: Request, who: Principal) -> Response:
        try:
            return answer(request, await body_of(self._state, who, known.question))
        except StudioError as error:
            return errors.refuse(request.scope, error)

    def _after_changes(self, send: Send) -> Send:
        """Let an answer wait until what was changed is heard, so that whoever is given it reads nothing older."""

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] < 400:
                await self._state.cache.settle()
            await send(message)

        return sending

    def _learn(self, words: _Words, scope: Scope) -> None:
        question, permission = scope.get("ytempire.question"), scope.get("ytempire.permission")
        if question is not None and permission is not None and len(words[1]) <= 500:
            self._known[words] = _Known(question, permission, scope.get("route"))
            if len(self._known) > _MOST:
                self._known.popitem(last=False)

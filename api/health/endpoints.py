"""`/healthz`, `/readyz`, `/metrics`."""

from typing import Annotated

from fastapi import APIRouter, Request, Response
from prometheus_client import generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from pydantic import BaseModel

from api.health.readiness import Readiness
from api.health.studio_metrics import studio_metrics
from api.http.principal import Principal, Public, Require
from api.http.state import State
from api.settings.desk import ensure_of_the_studio

router = APIRouter(tags=["health"])


class Alive(BaseModel):
    """The process answers."""

    status: str = "ok"


class Ready(BaseModel):
    """Whether it can work, by part: `ok` or what is wrong."""

    status: str
    parts: dict[str, str]


@router.get("/healthz", dependencies=[Public])
async def health_alive() -> Alive:
    """Say that the process lives; nothing else is asked."""
    return Alive()


@router.get("/readyz", dependencies=[Public], responses={503: {"model": Ready, "description": "A part does not answer."}})
async def health_ready(request: Request, response: Response) -> Ready:
    """Ask the database, its schema and Redis, and say whether work can be done."""
    readiness: Readiness = request.app.state.readiness
    parts = await readiness.look()
    ready = all(word == "ok" for word in parts.values())
    response.status_code = 200 if ready else 503
    return Ready(status="ready" if ready else "not ready", parts=parts)


@router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}})
def health_metrics(state: State, who: Annotated[Principal, Require("metrics:read")]) -> Response:
    """Return what Prometheus scrapes: requests served, and how the studio stands."""
    ensure_of_the_studio(who, "metrics:read")
    return Response(generate_latest(state.registry) + generate_latest(studio_metrics(state)), media_type=CONTENT_TYPE_LATEST)

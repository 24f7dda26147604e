"""The service as an application: nouns, the door before them, and what every error looks like."""

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.telemetry import TelemetryConfig

from api import errors
from api.accounts.endpoints import router as accounts
from api.analytics.endpoints import router as analytics
from api.analytics.over_time import router as analytics_over_time
from api.approvals.endpoints import router as approvals
from api.audit.endpoints import router as audit
from api.auth.endpoints import router as auth
from api.auth.identity import Identity
from api.auth.pages import router as enter_pages
from api.autonomous.endpoints import router as autonomous
from api.channels.endpoints import router as channels
from api.channels.personalities import router as personalities
from api.console.pages import serve_console
from api.costs.endpoints import router as costs
from api.dead_letters.endpoints import router as dead_letters
from api.events.endpoints import router as events
from api.events.watcher import Room
from api.health.endpoints import router as health
from api.health.readiness import Readiness
from api.health.schema_page import router as schema_page
from api.http.access import AccessDoor
from api.http.metrics import RequestMetrics
from api.http.openapi import DESCRIPTION, TITLE, VERSION, schema_of
from api.http.pace import Paces
from api.http.principal import Authenticate
from api.http.shelf import Shelf
from api.http.state import ServiceState
from api.incidents.endpoints import router as incidents
from api.me.endpoints import router as me
from api.memory.endpoints import router as memory
from api.payments.endpoints import router as payments
from api.quotas.endpoints import router as quotas
from api.runs.endpoints import router as runs
from api.settings.endpoints import router as settings
from api.switches.endpoints import router as switches
from api.system.endpoints import router as system
from api.tasks.endpoints import router as tasks
from api.trends.endpoints import router as trends
from api.uploads.endpoints import router as uploads
from api.uploads.films import router as films
from api.users.endpoints import router as users
from api.videos.endpoints import router as videos
from api.webhook_endpoints.endpoints import router as webhook_endpoints
from api.webhooks.endpoints import router as webhooks
from api.webhooks.n8n import router as n8n

# What pages of the origins that are named may send and read; cookies stay with pages of our own.
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_ASKED = ("authorization", "content-type", "idempotency-key", "if-match", "if-none-match", "x-request-id")
_TOLD = ("etag", "location", "retry-after", "x-request-id", "idempotent-replayed")
# What is counted is at /metrics; asking at every request whether somebody traces it would cost a tenth of a read.
_UNTRACED: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False}
# Every noun, in the order in which the schema tells them.
ROUTERS = (
    health,
    schema_page,
    enter_pages,
    auth,
    me,
    users,
    channels,
    personalities,
    tasks,
    uploads,
    films,
    dead_letters,
    videos,
    runs,
    autonomous,
    approvals,
    trends,
    memory,
    analytics_over_time,
    analytics,
    accounts,
    incidents,
    costs,
    switches,
    quotas,
    settings,
    audit,
    system,
    events,
    webhook_endpoints,
    payments,
    webhooks,
    n8n,
)


def routed_app() -> FastAPI:
    """Return the application with every route and nothing behind them: enough for its schema."""
    app = FastAPI(
        title=TITLE,
        version=VERSION,
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        separate_input_output_schemas=False,
        telemetry=_UNTRACED,
    )
    app.openapi = lambda: schema_of(app)  # type: ignore[method-assign]
    for router in ROUTERS:
        # Their paths are whole already. Including them would look through each router in turn for every request.
        app.router.routes.extend(router.routes)
    return app


def create_app(state: ServiceState, authenticate: Authenticate, identity: Identity | None = None) -> FastAPI:
    """Return the application over these parts; `authenticate` says who sends a request, or raises Unauthenticated; without `identity` nobody signs in."""
    app = routed_app()
    app.state.service, app.state.authenticate, app.state.readiness = state, authenticate, Readiness(state)
    app.state.identity, app.state.room, app.state.paces = identity, Room(), Paces(state.settings, state.clock)
    app.state.console = serve_console(app)
    errors.install(app)
    app.add_middleware(Shelf, state=state, authenticate=authenticate, paces=app.state.paces)
    app.add_middleware(errors.LastResort)
    if state.settings.cors:
        app.add_middleware(CORSMiddleware, allow_origins=state.settings.cors, allow_methods=_METHODS, allow_headers=_ASKED, expose_headers=_TOLD, max_age=600)
    app.add_middleware(AccessDoor, metrics=RequestMetrics(state.registry), hosts=state.settings.answers_for)
    return app

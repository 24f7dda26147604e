"""Probes against the shipped stand-ins, through the vendors' own clients: what serves, what does not, and what each failure is called."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest

from infra.database import Database
from infra.embedded.postgres import PostgresUrls
from infra.keyring import new_key
from infra.settings import Settings
from memory.media import MediaStore
from memory.repositories.channels import ChannelRepository
from memory.repositories.platform_channels import Connection, PlatformChannelRepository
from memory.vault import Vault
from tools.base import ToolContext
from tools.probe_provider import asking, channel, language, pictures, voice
from tools.probe_provider.schema import ProbeArgs, ProbeResult
from tools.sandbox import Fault, Sandbox, cut_connection, delayed, server_error, wrong_content_type
from tools.sandboxes import SHELF
from tools.vendors.anthropic import sandbox as anthropic
from tools.vendors.elevenlabs import sandbox as elevenlabs
from tools.vendors.google_tts import sandbox as google
from tools.vendors.openai import sandbox as openai
from tools.vendors.youtube.sandbox import youtube_app
from tools.vendors.youtube.sandbox_world import World

TOOLS: dict[str, Callable[[ProbeArgs, ToolContext], ProbeResult]] = {
    **{"openai": language.run, "anthropic": language.run, "elevenlabs": voice.run},
    **{"google_tts": voice.run, "pexels": pictures.run, "pixabay": pictures.run},
}
CLIENT = ("sandbox.apps.googleusercontent.com", "sandbox-secret")


class Studio:
    """A studio whose every provider is a stand-in."""

    def __init__(self, servers: dict[str, Sandbox], settings: Settings, home: Path) -> None:
        self.servers, self.settings, self.home, self.jobs = servers, settings, home, 0

    def context(self, **changes: object) -> ToolContext:
        self.jobs += 1
        told = self.settings.model_copy(update=changes)
        return ToolContext(settings=told, store=MediaStore(self.home / "media"), scratch=self.home, job_id=f"job_{self.jobs}", run_id="doctor_1")

    def ask(self, provider: str, **changes: object) -> ProbeResult:
        context = self.context(**changes)
        subjects = {name: getattr(context.settings, f"{name}_model", "") for name in ("openai", "anthropic", "elevenlabs")}
        subject = context.settings.google_tts_voice if provider == "google_tts" else subjects.get(provider, "")
        return TOOLS[provider](ProbeArgs(provider=provider, subject=subject), context)

    def play(self, provider: str, *faults: Fault) -> None:
        self.servers[provider].faults.play("/", *faults)


@pytest.fixture(scope="module")
def shelf(new_database: Callable[[], PostgresUrls], tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Studio, str]]:
    """All stand-ins and one database for the module, since each test asks but once."""
    home, urls = tmp_path_factory.mktemp("probes"), new_database()
    told: dict[str, object] = {"YTEMPIRE_HOME": home, "DATABASE_URL": urls.publish}
    servers = {}
    with ExitStack() as running:
        for one in SHELF:
            servers[one.name] = running.enter_context(Sandbox(one.make()))
            told |= one.variables(servers[one.name].url)
        yield Studio(servers, Settings(_env_file=None, **told), home), urls.admin  # type: ignore[arg-type]


@pytest.fixture
def studio(shelf: tuple[Studio, str]) -> Studio:
    """The stand-ins without memory of the tests before."""
    studio, admin = shelf
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute("truncate provider_circuits, cost_entries, quota_spends, platform_channels cascade")
    for server in studio.servers.values():
        server.seen.clear()
        server.faults.lasting.clear()
        server.faults.queued.clear()
    return studio


@pytest.mark.parametrize("provider", TOOLS)
def test_a_provider_that_serves_is_told_so(studio: Studio, provider: str) -> None:
    found = studio.ask(provider)
    assert (found.ok, found.trouble) == (True, ""), found
    assert 1 <= len(studio.servers[provider].seen) <= 2


def test_a_probe_is_booked_as_a_call_that_cost_nothing(studio: Studio) -> None:
    studio.ask("openai")
    studio.play("anthropic", cut_connection())
    studio.ask("anthropic")
    with psycopg.connect(str(studio.settings.database_url)) as connection:
        booked = connection.execute("select provider, operation, counted_microusd, status from cost_entries order by provider").fetchall()
    assert [row[:3] for row in booked] == [("anthropic", "probe.model", 0), ("openai", "probe.model", 0)]
    assert {row[3] for row in booked} == {"settled"}


@pytest.mark.parametrize("provider", TOOLS)
def test_a_wrong_key_is_told_without_the_key(studio: Studio, provider: str) -> None:
    found = studio.ask(provider, **{f"{provider}_api_key": type(studio.settings.openai_api_key)("sk-canary-1234567")})  # type: ignore[misc]
    assert (found.ok, found.trouble) == (False, "key"), found
    assert "canary" not in found.said


@pytest.mark.parametrize(
    ("provider", "fault", "trouble"),
    [
        ("openai", openai.too_many_requests("30"), "busy"),
        ("openai", openai.quota_exhausted(), "credit"),
        ("openai", server_error(), "network"),
        ("openai", wrong_content_type(), "network"),
        ("openai", cut_connection(), "network"),
        ("anthropic", anthropic.too_many_requests("30"), "busy"),
        ("anthropic", anthropic.quota_exhausted(), "credit"),
        ("anthropic", cut_connection(), "network"),
        ("elevenlabs", elevenlabs.payment_required(), "credit"),
        ("elevenlabs", elevenlabs.too_many_at_once("3"), "busy"),
        ("elevenlabs", cut_connection(), "network"),
        ("google_tts", google.quota_exhausted(), "busy"),
        ("google_tts", google.billing_disabled(), "credit"),
        ("google_tts", cut_connection(), "network"),
        ("pexels", cut_connection(), "network"),
        ("pixabay", server_error(), "network"),
    ],
)
def test_each_failure_is_called_what_it_is(studio: Studio, provider: str, fault: Fault, trouble: str) -> None:
    studio.play(provider, fault)
    found = studio.ask(provider)
    assert (found.ok, found.trouble) == (False, trouble), found
    assert found.said


@pytest.mark.parametrize(("provider", "setting"), [("openai", "openai_model"), ("anthropic", "anthropic_model"), ("elevenlabs", "elevenlabs_model")])
def test_a_model_that_the_account_lacks_is_told(studio: Studio, provider: str, setting: str) -> None:
    found = studio.ask(provider, **{setting: "no-such-model"})
    assert (found.ok, found.trouble) == (False, "model"), found


def test_a_server_that_only_lists_its_models_is_believed(studio: Studio) -> None:
    studio.servers["openai"].faults.always("/models/", Fault("status", "https://github.com/ggml-org/llama.cpp/tree/master/tools/server", status=404))
    assert studio.ask("openai").said == "the model gpt-5-mini is listed"
    refused = studio.ask("openai", openai_model="no-such-model")
    assert refused.trouble == "model"
    assert "gpt-5-nano" in refused.said


def test_a_server_that_hangs_is_given_up(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language, "ANSWER_S", 0.5)
    studio.play("openai", delayed(5))
    found = studio.ask("openai")
    assert (found.ok, found.trouble) == (False, "network"), found


def test_a_secret_that_a_provider_repeats_is_hidden(studio: Studio) -> None:
    said = asking.without_secrets("Incorrect API key: sk-sandbox.", studio.settings)
    assert said == "Incorrect API key: (hidden)."


@pytest.fixture
def world() -> World:
    found = World()
    found.add_account("UCtides", "Tides")
    return found


@pytest.fixture
def connected(studio: Studio, world: World) -> Iterator[Studio]:
    key = new_key()
    database = Database(str(studio.settings.database_url), pool_size=1)
    with database.unit_of_work() as session:
        ChannelRepository(session).ensure("tides", "tide_lines", "tides")
        connection = Connection("tides", "UCtides", "Tides", CLIENT[0], "rehearsal", "UUtides", ("youtube",))
        PlatformChannelRepository(session).connect(connection, "refresh-UCtides", Vault([key]))
    database.dispose()
    with Sandbox(youtube_app(world)) as server:
        secret = type(studio.settings.openai_api_key)
        more = {"youtube_client_id": CLIENT[0], "youtube_client_secret": secret(CLIENT[1]), "youtube_base_url": server.url, "token_keys": secret(key)}  # type: ignore[misc]
        yield Studio({**studio.servers, "youtube": server}, studio.settings.model_copy(update=more), studio.home)


def test_a_connected_channel_costs_one_unit_that_is_booked(connected: Studio) -> None:
    found = channel.run(ProbeArgs(provider="youtube", subject="tides"), connected.context())
    assert (found.ok, found.said) == (True, "the consent opens Tides"), found
    with psycopg.connect(str(connected.settings.database_url)) as connection:
        assert connection.execute("select bucket, operation, amount, channel_id from quota_spends").fetchall() == [("units", "channels.list", 1, "tides")]


def test_a_consent_that_was_withdrawn_needs_its_owner(connected: Studio, world: World) -> None:
    withdrawn = Fault("status", "https://datatracker.ietf.org/doc/html/rfc6749#section-5.2", status=400, body=b'{"error": "invalid_grant"}')
    connected.servers["youtube"].faults.always("/token", withdrawn)
    assert channel.run(ProbeArgs(provider="youtube", subject="tides"), connected.context()).trouble == "consent"
    connected.servers["youtube"].faults.always("/token", None)
    again = channel.run(ProbeArgs(provider="youtube", subject="tides"), connected.context())
    assert (again.ok, again.trouble) == (False, "consent"), "the channel waits for its owner, not for luck"


def test_without_the_key_of_consents_the_channel_is_not_opened(connected: Studio) -> None:
    found = channel.run(ProbeArgs(provider="youtube", subject="tides"), connected.context(token_keys=None))
    assert (found.ok, found.trouble) == (False, "other")

"""Consents: sealed in the database, opened only with the key and in their own place, one project, one channel each."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from infra.database import Database
from infra.embedded.postgres import PostgresUrls
from infra.errors import Conflict, Invalid
from infra.keyring import new_key
from memory.repositories.channels import ChannelRepository
from memory.repositories.platform_channels import Connection, ConsentEnded, NotConnected, OtherProject, PlatformChannelRepository
from memory.vault import Vault, VaultLocked
from tests.memory.conftest import Studio

CANARY = "1//canary-refresh-token"


@pytest.fixture
def database(database_urls: PostgresUrls) -> Iterator[Database]:
    """The test's own database through the role of the workers that publish."""
    database = Database(database_urls.publish, pool_size=10)
    yield database
    database.dispose()


def _connection(channel: str, external: str = "UC1", project: str = "client-1") -> Connection:
    return Connection(channel, external, "Tide Lines", project, "real", "UU1", ("youtube",))


def test_a_secret_opens_with_its_key_in_its_place_and_nowhere_else() -> None:
    old, new = new_key(), new_key()
    sealed = Vault([old]).seal(CANARY, "channel a")
    assert CANARY not in sealed
    assert Vault([old]).open(sealed, "channel a") == CANARY
    for vault, about in ((Vault([old]), "channel b"), (Vault([new]), "channel a")):
        with pytest.raises(VaultLocked):
            vault.open(sealed, about)
    altered = sealed[:-3] + ("A" if sealed[-3] != "A" else "B") + sealed[-2:]
    with pytest.raises(VaultLocked, match="altered"):
        Vault([old]).open(altered, "channel a")


def test_a_key_is_changed_without_opening_what_it_sealed_twice() -> None:
    old, new = new_key(), new_key()
    sealed = Vault([old]).seal(CANARY, "a")
    both = Vault([new, old])
    moved = both.rewrap(sealed, "a")
    assert (both.is_current(sealed), both.is_current(moved)) == (False, True)
    assert moved.split(".")[3] == sealed.split(".")[3]
    assert Vault([new]).open(moved, "a") == CANARY


@pytest.mark.parametrize("keys", [["not base64 !"], ["c2hvcnQ="]])
def test_a_key_of_the_wrong_form_is_named(keys: list[str]) -> None:
    with pytest.raises(Invalid, match="token key"):
        Vault(keys)


def test_no_key_opens_nothing() -> None:
    with pytest.raises(VaultLocked, match="none is set"):
        Vault([])


def test_a_consent_is_kept_sealed_and_rotated(studio: Studio) -> None:
    old, new = new_key(), new_key()
    with studio.database.unit_of_work() as session:
        channels = PlatformChannelRepository(session)
        channels.connect(_connection(studio.channel), CANARY, Vault([old]))
        assert channels.open_token(studio.channel, Vault([old])) == CANARY
        assert CANARY not in str(session.execute(text("select sealed from channel_tokens")).all())
        assert (channels.rotate(Vault([new, old])), channels.rotate(Vault([new, old]))) == (1, 0)
        assert channels.open_token(studio.channel, Vault([new])) == CANARY
        with pytest.raises(VaultLocked):
            channels.open_token(studio.channel, Vault([old]))


def test_every_other_role_is_refused_the_sealed_consents_and_is_told_which_may(studio: Studio, database_urls: PostgresUrls) -> None:
    key = new_key()
    with studio.database.unit_of_work() as session:
        PlatformChannelRepository(session).connect(_connection(studio.channel), CANARY, Vault([key]))
    others = Database(database_urls.app, pool_size=1)
    with others.unit_of_work() as session, pytest.raises(VaultLocked, match="DATABASE_PUBLISH_URL"):
        PlatformChannelRepository(session).open_token(studio.channel, Vault([key]))
    for statement in ("select * from channel_tokens", "update channel_tokens set sealed = ''", "delete from channel_tokens", "copy channel_tokens to stdout"):
        with pytest.raises(ProgrammingError, match="permission denied"), others.unit_of_work() as session:
            session.execute(text(statement))
    with others.unit_of_work() as session:
        assert PlatformChannelRepository(session).get(studio.channel).state == "active"
    others.dispose()


def test_fifteen_channels_of_one_project_each_have_their_own_consent(studio: Studio) -> None:
    vault = Vault([new_key()])
    with studio.database.unit_of_work() as session:
        channels = PlatformChannelRepository(session)
        for number in range(15):
            ChannelRepository(session).ensure(f"channel-{number}", "tide_lines", "x")
            channels.connect(_connection(f"channel-{number}", f"UC{number}"), f"token-{number}", vault)
        assert [channels.open_token(f"channel-{number}", vault) for number in range(15)] == [f"token-{number}" for number in range(15)]
        assert len(channels.list_()) == 15


def test_a_second_project_and_a_channel_that_is_taken_are_refused(studio: Studio) -> None:
    vault = Vault([new_key()])
    with studio.database.unit_of_work() as session:
        channels = PlatformChannelRepository(session)
        ChannelRepository(session).ensure("other", "tide_lines", "x")
        channels.connect(_connection(studio.channel), CANARY, vault)
        with pytest.raises(OtherProject, match="one project"):
            channels.connect(_connection("other", "UC2", "client-2"), "t", vault)
        with pytest.raises(Conflict, match="already connected"):
            channels.connect(_connection("other", "UC1"), "t", vault)
        with pytest.raises(Conflict, match="disconnect it first"):
            channels.connect(_connection(studio.channel, "UC3"), "t", vault)


def test_a_consent_that_ended_waits_for_its_owner_and_is_mended_by_connecting_again(studio: Studio) -> None:
    vault = Vault([new_key()])
    with studio.database.unit_of_work() as session:
        channels = PlatformChannelRepository(session)
        with pytest.raises(NotConnected, match="ytempire channels connect"):
            channels.open_token(studio.channel, vault)
        channels.connect(_connection(studio.channel), CANARY, vault)
        channels.mark_ended(studio.channel, "the owner withdrew the consent")
        with pytest.raises(ConsentEnded, match="withdrew"):
            channels.open_token(studio.channel, vault)
        channels.connect(_connection(studio.channel), "fresh", vault)
        assert channels.open_token(studio.channel, vault) == "fresh"
        channels.disconnect(studio.channel)
        assert session.execute(text("select count(*) from channel_tokens")).scalar() == 0

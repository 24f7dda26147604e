"""The service keeps to its schema: schemathesis, with every check it has, as everybody (`make fuzz` asks much longer)."""

from pathlib import Path

import pytest

from infra.embedded.postgres import PostgresUrls
from infra.log import configure_logging
from tests.fixtures.fuzzing import ROLES, Sequences, fuzz, service_for
from tests.fixtures.nouns import settings_of

# Sequences go through the nouns by the ids that answers give. In the suite those who change things share them, a few each; `make fuzz` has many as everybody.
SHARED = dict.fromkeys(("operator", "admin", "program"), Sequences(2, 5))
NONE, STEPS, CHAINS = Sequences(), 6, 4


@pytest.mark.parametrize("role", ROLES)
def test_nothing_is_found(role: str, database_urls: PostgresUrls, redis_url: str, identity_home: Path, pytestconfig: pytest.Config) -> None:
    configure_logging("CRITICAL")
    asked = int(pytestconfig.getoption("--fuzz"))
    with service_for(role, settings_of(database_urls, redis_url, identity_home)) as (app, headers):
        sequences = Sequences(CHAINS * asked, STEPS) if asked else SHARED.get(role, NONE)
        found = fuzz(app, headers, asked or 1, sequences, thorough=bool(asked) or role == "admin")
    assert not found.findings, "\n".join(found.findings)
    assert found.requests > 50
    assert (found.followed > 0) == (sequences.chains > 0)

"""What kind of truth a run sets out with."""

import pytest

from graphs.beginning import expected
from graphs.request import ProductionRequest
from infra.settings import Settings
from memory.artifacts import Provenance
from tools.base import provenance_of_connection

STAND_IN = "http://127.0.0.1:9"


@pytest.mark.parametrize(
    ("request_", "stand_in", "wanted"),
    [
        ({}, None, Provenance.REAL),
        ({}, STAND_IN, Provenance.SIMULATED),
        ({"sources": ("notes.md",)}, STAND_IN, Provenance.SIMULATED),
        ({"offline": True}, STAND_IN, Provenance.DEMO),
        ({"offline": True, "sources": ("notes.md",)}, None, Provenance.REAL),
        ({"rehearsal": True}, STAND_IN, Provenance.REHEARSAL),
    ],
)
def test_what_stand_ins_of_the_sources_tell_is_never_real(request_: dict[str, object], stand_in: str | None, wanted: Provenance) -> None:
    request = ProductionRequest.model_validate({"channel": "field-notes", **request_})
    assert expected(request, Settings(_env_file=None, sources_sandbox_url=stand_in)) is wanted


@pytest.mark.parametrize(
    ("youtube", "sources", "wanted"), [(None, None, Provenance.REAL), (STAND_IN, None, Provenance.REHEARSAL), (STAND_IN, STAND_IN, Provenance.SIMULATED)]
)
def test_a_channel_that_is_connected_serves_the_runs_of_its_studio(youtube: str | None, sources: str | None, wanted: Provenance) -> None:
    settings = Settings(_env_file=None, youtube_base_url=youtube, sources_sandbox_url=sources)
    assert provenance_of_connection(settings) is wanted
    if youtube is None or sources is not None:
        assert expected(ProductionRequest(channel="field-notes"), settings) is wanted

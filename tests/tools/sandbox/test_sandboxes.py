"""The shelf of stand-ins: faults on script, a record without secrets, and sources that a real scout can live on."""

import json
from pathlib import Path

import httpx
import pytest

from infra.clock import SYSTEM_CLOCK
from infra.errors import Invalid
from infra.settings import Settings
from tests.fixtures.sources import tool_context
from tools.collect_trends.schema import CollectTrendsArgs
from tools.collect_trends.tool import run as collect_trends
from tools.find_evidence.schema import FindEvidenceArgs
from tools.find_evidence.tool import run as find_evidence
from tools.sandbox import Sandbox, SandboxFailed
from tools.sandbox_sources import rehearsed_sources
from tools.sandboxes import SHELF, EffectRecord, chosen, load_faults, read_script

_SCRIPT = """
[[fault]]
service = "openai"
path = "/chat"
kind = "status"
status = 429
headers = { retry-after = "1" }
times = 2

[[fault]]
service = "anthropic"
kind = "cut"
size = 10
plays = "always"
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "faults.toml"
    path.write_text(text, "utf-8")
    return path


def test_a_script_plays_each_fault_as_often_as_it_says(tmp_path: Path) -> None:
    (openai,) = chosen(("openai",))
    with Sandbox(openai.make()) as server:
        load_faults(server.faults, "openai", read_script(written(tmp_path, _SCRIPT)))
        statuses = [httpx.post(f"{server.url}/chat/completions").status_code for _ in range(3)]
    assert statuses == [429, 429, 401]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[fault]]\nservice = 'openai'\nkind = 'explode'", "fault.kind: 'explode' is unknown; give one of status"),
        ("[[fault]]\nservice = 'nobody'\nkind = 'cut'", "service: 'nobody' has no stand-in; there are sources"),
        ("[[fault]]\nservice = 'openai'\nkind = 'cut'\ntimes = 0", "fault.times: Input should be greater than or equal to 1"),
        ("[[fault]]\nservice = 'openai'\nkind = 'cut'\ncolour = 'red'", "fault.colour"),
        ("fault = 3", "must be a list of tables"),
        ("[[fault", "is not a TOML file"),
    ],
)
def test_a_bad_script_names_the_field_and_the_fix(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(Invalid) as caught:
        read_script(written(tmp_path, text))
    assert said in caught.value.message


def test_a_script_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="cannot be read"):
        read_script(tmp_path / "none.toml")


def test_the_record_tells_every_request_and_no_secret(tmp_path: Path) -> None:
    (openai,) = chosen(("openai",))
    record = EffectRecord(tmp_path / "logs" / "sandbox.jsonl")
    with Sandbox(openai.make(), observe=record.observer("openai")) as server:
        httpx.post(f"{server.url}/chat/completions", headers={"authorization": "Bearer very-secret"}, content=b'{"model": "m"}')
    text = (tmp_path / "logs" / "sandbox.jsonl").read_text("utf-8")
    (line,) = [json.loads(one) for one in text.splitlines()]
    assert (line["service"], line["method"], line["path"], line["status"], line["fault"]) == ("openai", "POST", "/chat/completions", 401, None)
    assert line["body"] == '{"model": "m"}'
    assert "very-secret" not in text


def test_a_taken_port_is_said(tmp_path: Path) -> None:
    (openai,) = chosen(("openai",))
    with Sandbox(openai.make()) as server, pytest.raises(SandboxFailed, match=f"port {server.port} .* cannot be used"):
        Sandbox(openai.make(), port=server.port)


def test_every_secret_setting_is_replaced_by_a_stand_ins_own() -> None:
    variables = {name for one in SHELF for name in one.variables("http://127.0.0.1:1")}
    fields = Settings.model_fields.values()
    keys = {str(field.validation_alias) for field in fields if str(field.validation_alias).endswith("_API_KEY")}
    assert keys <= variables


def test_rehearsed_sources_answer_the_real_clients(tmp_path: Path) -> None:
    with Sandbox(rehearsed_sources()) as server:
        ctx = tool_context(tmp_path, server.url, clock=SYSTEM_CLOCK)
        collected = collect_trends(CollectTrendsArgs(categories=("space", "nature", "science"), entries_per_source=5), ctx)
        failed = [status for status in collected.sources if status.status == "failed"]
        assert collected.signal_count > 40
        assert failed == []
        found = find_evidence(FindEvidenceArgs(topic="The buried ice at the equator of Mars", keywords=("Mars", "ice", "equator")), ctx)
        assert found.documents

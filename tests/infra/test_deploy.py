"""The files that deploy the stack, checked as far as possible without a container engine."""

import json
import re
import stat
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from api.cli import build
from graphs import production
from infra.settings import CHECKOUT, Settings

DEPLOY = CHECKOUT / "infra" / "deploy"
COMPOSE = DEPLOY / "compose.yaml"


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    parsed: dict[str, Any] = yaml.safe_load(COMPOSE.read_text("utf-8"))
    return parsed


def test_every_service_is_built_from_a_file_that_exists_or_pinned_to_a_major(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        if "build" in service:
            assert (DEPLOY / service["build"]["context"]).resolve() == CHECKOUT, name
            assert (CHECKOUT / service["build"]["dockerfile"]).is_file(), name
        else:
            assert re.search(r":(pg)?\d+", service["image"]), f"{name} is not pinned: {service['image']}"
    assert compose["services"]["database"]["image"].endswith("pg18")


def test_every_file_that_is_mounted_exists_and_every_volume_is_declared(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            assert (DEPLOY / source).exists() if source.startswith(".") else source in compose["volumes"], f"{name}: {volume}"
    script = DEPLOY / "database" / "roles.sh"
    assert script.read_text("utf-8").startswith("#!")
    assert script.stat().st_mode & stat.S_IXUSR


def test_no_secret_is_written_down_and_each_one_must_be_given(compose: dict[str, Any]) -> None:
    texts = {path: path.read_text("utf-8") for path in DEPLOY.rglob("*") if path.is_file()}
    for path, text in texts.items():
        for line in text.splitlines():
            given = re.sub(r"\$\{[^}]*\}|\$\$?\w+|:'\w+'", "", line)
            written = re.search(r"(PASSWORD|SECRET|TOKEN|API_KEY)\w*\s*[:=]\s*[\"']?(\w+)|://[^/@:]+:([^@/]+)@", given, re.IGNORECASE)
            assert written is None, f"{path.name}: {line.strip()}"
        assert not re.search(r"sk-[A-Za-z0-9]{8}|-----BEGIN", text), path.name
    for name in ("YTEMPIRE_DB_PASSWORD", "YTEMPIRE_APP_PASSWORD", "YTEMPIRE_PUBLISH_PASSWORD", "YTEMPIRE_API_PASSWORD", "YTEMPIRE_REDIS_PASSWORD"):
        assert f"${{{name}:?" in texts[COMPOSE], f"{name} has a default, so a forgotten one would go unnoticed"
    assert "ports" not in json.dumps(compose["services"]["database"]) + json.dumps(compose["services"]["queue"])


def test_health_is_a_real_query_and_the_studio_waits_for_it(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert "select 1" in " ".join(services["database"]["healthcheck"]["test"])
    assert "ping" in " ".join(services["queue"]["healthcheck"]["test"])
    for name, service in services.items():
        if "build" in service:
            assert {one: what["condition"] for one, what in service["depends_on"].items()} == {"database": "service_healthy", "queue": "service_healthy"}, name


def test_redis_keeps_an_append_only_file_and_never_evicts(compose: dict[str, Any]) -> None:
    command = " ".join(compose["services"]["queue"]["command"])
    assert "--appendonly yes" in command
    assert "--maxmemory-policy noeviction" in command


def test_every_command_of_a_service_is_a_verb_of_the_command_line(compose: dict[str, Any]) -> None:
    app = build()
    for name, service in compose["services"].items():
        command = service.get("command", [])
        if command[:1] != ["ytempire"]:
            continue
        done = CliRunner().invoke(app, [command[1], "--help"])
        assert done.exit_code == 0, f"{name}: {command}"
        for option in command[2:]:
            assert not option.startswith("--") or option in done.stdout, f"{name}: {option}"
    dockerfile = (DEPLOY / "Dockerfile").read_text("utf-8")
    assert 'CMD ["ytempire", "up"]' in dockerfile


def test_every_variable_that_a_service_is_given_is_a_setting(compose: dict[str, Any]) -> None:
    known = {str(field.validation_alias) for field in Settings.model_fields.values()}
    for name, service in compose["services"].items():
        if "build" in service:
            assert set(service["environment"]) <= known, name


def test_the_image_copies_what_exists_runs_as_a_user_and_holds_every_package() -> None:
    dockerfile = (DEPLOY / "Dockerfile").read_text("utf-8")
    copied = [word for line in dockerfile.splitlines() if line.startswith("COPY") for word in line.split()[1:-1]]
    assert [name for name in copied if not (CHECKOUT / name).exists()] == []
    assert {"api", "evals", "graphs", "agents", "tools", "memory", "infra", "ui"} <= set(copied)
    assert "api.console.build" in dockerfile
    user = [line for line in dockerfile.splitlines() if line.startswith("USER")]
    assert user
    assert user[-1] != "USER root"
    assert re.search(r"^FROM \S+:\d", dockerfile)


def test_langgraph_studio_finds_a_factory_without_parameters() -> None:
    described = json.loads((CHECKOUT / "langgraph.json").read_text("utf-8"))
    place, _, name = described["graphs"]["production"].partition(":")
    assert (CHECKOUT / place).resolve() == Path(production.__file__)
    drawn = getattr(production, name)().get_graph()
    assert {"scout", "write", "review", "approve_script", "narrate", "render", "inspect", "approve_video", "publish"} <= set(drawn.nodes)
    assert production.build_production().name == "production"
    assert all((CHECKOUT / folder).exists() for folder in described["dependencies"])

"""`ytempire sandbox` and rehearsals: a person's own stand-ins, and settings that reach nothing real."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import httpx
from pydantic import SecretStr

from api.rehearsal import rehearsing, serves_all
from infra.processes import environment
from infra.settings import CHECKOUT, Settings
from tools.sandboxes import SHELF

COMMAND = Path(sys.executable).parent / "ytempire"


def test_the_verb_serves_until_it_is_told_to_stop(tmp_path: Path) -> None:
    env = environment(YTEMPIRE_HOME=str(tmp_path / "home"))
    with subprocess.Popen([COMMAND, "sandbox", "--only", "openai,sources", "--json"], cwd=CHECKOUT, env=env, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        answered = httpx.get(f"{told['environment']['YTEMPIRE_SOURCES_SANDBOX_URL']}/feeds/www.nasa.gov/feed/")
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0
    assert answered.status_code == 200
    assert told["services"] == ["openai", "sources"]
    assert json.loads(Path(told["record"]).read_text("utf-8"))["path"] == "/feeds/www.nasa.gov/feed/"


def test_a_rehearsal_has_its_own_home_and_no_real_key_or_server(tmp_path: Path) -> None:
    real = Settings(
        home=tmp_path,
        openai_api_key=SecretStr("sk-real"),
        anthropic_api_key=SecretStr("sk-ant-real"),
        openai_model="my-model",
        database_url="postgresql://real/studio",
        redis_url="redis://real",
        network="off",
    )
    with rehearsing(real) as settings:
        assert settings.home == tmp_path.resolve() / "rehearsal"
        assert (settings.database_url, settings.redis_url, settings.network) == ("", "", "auto")
        assert settings.openai_model == "my-model"
        carried = settings.environment()
        assert carried["DATABASE_URL"] == carried["DATABASE_ADMIN_URL"] == carried["REDIS_URL"] == ""
        assert "sk-real" not in str(carried)
        assert "sk-ant-real" not in str(carried)
        assert str(settings.openai_base_url).startswith("http://127.0.0.1:")
        assert httpx.get(f"{settings.sources_sandbox_url}/feeds/www.nasa.gov/feed/").status_code == 200


def test_a_rehearsal_takes_the_stand_ins_that_the_settings_name_when_they_name_all(tmp_path: Path) -> None:
    named = {name: value for one in SHELF for name, value in one.variables("http://127.0.0.1:9").items()}
    given = Settings.model_validate({"home": tmp_path, "database_url": "postgresql://real/studio", **by_field(named)})
    assert serves_all(given)
    with rehearsing(given) as settings:
        assert (settings.home, settings.database_url) == (tmp_path.resolve() / "rehearsal", "")
        assert settings.openai_base_url == settings.youtube_base_url == "http://127.0.0.1:9"
    assert not serves_all(given.model_copy(update={"youtube_base_url": "https://youtube.googleapis.com"}))
    assert not serves_all(Settings.model_validate({"home": tmp_path, "openai_base_url": "http://127.0.0.1:11434"}))


def by_field(variables: dict[str, str]) -> dict[str, str]:
    aliases = {str(field.validation_alias): name for name, field in Settings.model_fields.items()}
    return {aliases[name]: value for name, value in variables.items()}

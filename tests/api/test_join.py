"""What another machine is given to join, and what it is told when that does not do."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from typer.testing import CliRunner

from api.capabilities import Capability
from api.cli import build
from api.commands.join import trusting, variables
from api.commands.worker import bundled
from api.machines import machine_capabilities
from api.stack_host import StackUrls, listening
from infra.embedded.certificate import unpack_certificate
from infra.errors import Conflict, Forbidden, Invalid, NotFound
from infra.settings import Settings
from tests.fixtures.object_server import ObjectServer
from tools.sandbox import Sandbox

URLS = StackUrls(
    database="postgresql://ytempire_app:pw@/ytempire?host=/run/x",
    database_publish="postgresql://ytempire_publish:pw2@/ytempire?host=/run/x",
    database_admin="postgresql://postgres:pw3@/ytempire?host=/run/x",
    redis="unix://studio:pw4@/run/x/redis.sock",
)


def _settings(home: Path, **changes: Any) -> Settings:
    return Settings(_env_file=None, **{"home": home, "listen": "10.0.0.5", "media": "s3://bucket/studio", **changes})


def test_another_machine_gets_what_it_needs_and_no_more(tmp_path: Path) -> None:
    keys = {"aws_access_key_id": "key", "aws_secret_access_key": SecretStr("secret"), "openai_api_key": SecretStr("not for others"), "youtube_client_id": "id"}
    found = variables(_settings(tmp_path, **keys, token_keys=SecretStr("seal")), URLS, publish=False)
    assert set(found) == {"DATABASE_URL", "REDIS_URL", "YTEMPIRE_STUDIO_CERT", "YTEMPIRE_MEDIA", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}
    assert found["DATABASE_URL"].startswith("postgresql://ytempire_app:pw@10.0.0.5:15432/ytempire?sslmode=verify-full&sslnegotiation=direct&")
    assert found["REDIS_URL"] == "rediss://studio:pw4@10.0.0.5:16379/0"
    assert unpack_certificate(found["YTEMPIRE_STUDIO_CERT"], tmp_path / "copy.pem").read_bytes() == (tmp_path / "services" / "listen.pem").read_bytes()


def test_a_machine_that_publishes_gets_the_role_and_the_keys_of_consents(tmp_path: Path) -> None:
    client = {"youtube_client_id": "id", "youtube_client_secret": SecretStr("client secret")}
    found = variables(_settings(tmp_path, **client, token_keys=SecretStr("seal")), URLS, publish=True)
    assert found["DATABASE_URL"].startswith("postgresql://ytempire_publish:pw2@")
    assert (found["YTEMPIRE_TOKEN_KEYS"], found["YOUTUBE_CLIENT_SECRET"]) == ("seal", "client secret")


def test_servers_of_ones_own_are_handed_on_as_they_are(tmp_path: Path) -> None:
    own = {"database_url": "postgresql://a:b@db/y", "redis_url": "redis://:c@queue/0", "listen": ""}
    urls = StackUrls("postgresql://a:b@db/y", "postgresql://p:b@db/y", "postgresql://o:b@db/y", "redis://:c@queue/0")
    found = variables(_settings(tmp_path, **own), urls, publish=False)
    assert found == {"DATABASE_URL": urls.database, "REDIS_URL": urls.redis, "YTEMPIRE_MEDIA": "s3://bucket/studio"}


@pytest.mark.parametrize(("changes", "named"), [({"media": ""}, "YTEMPIRE_MEDIA is not set"), ({"listen": ""}, "YTEMPIRE_LISTEN is not set")])
def test_what_is_not_shared_yet_is_named(tmp_path: Path, changes: dict[str, str], named: str) -> None:
    with pytest.raises(Invalid, match=named):
        variables(_settings(tmp_path, **changes), URLS, publish=False)


def test_there_must_be_something_to_open_and_an_address_to_open_it_at(tmp_path: Path) -> None:
    assert listening(_settings(tmp_path, listen="")) == []
    with pytest.raises(Invalid, match="there is nothing to open"):
        listening(_settings(tmp_path, database_url="postgresql://a@b/c", redis_url="redis://d"))
    with pytest.raises(Invalid, match="names every address of the machine"):
        listening(_settings(tmp_path, listen="0.0.0.0", database_url="postgresql://a@b/c"))
    with pytest.raises(Conflict, match=r"cannot listen at 10\.0\.0\.5 port 16379"):
        listening(_settings(tmp_path, database_url="postgresql://a@b/c"))


def test_the_certificate_goes_into_urls_that_name_none() -> None:
    assert trusting("rediss://a@b:1/0", "ssl_ca_certs", Path("/x y")) == "rediss://a@b:1/0?ssl_ca_certs=/x%20y"
    assert trusting("postgresql://a@b/c?sslmode=verify-full", "sslrootcert", Path("/x")).endswith("&sslrootcert=/x")
    assert trusting("postgresql://a@b/c?sslrootcert=/own", "sslrootcert", Path("/x")) == "postgresql://a@b/c?sslrootcert=/own"


def test_a_file_that_is_missing_open_to_others_or_not_ours_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "join.env"
    with pytest.raises(NotFound, match="copy the one that `ytempire join --out FILE` wrote"):
        bundled(file)
    file.write_text("YTEMPIRE_MEDIA=s3://bucket\nDATABASE_URL=postgresql://a@b/c\n")
    file.chmod(0o640)
    with pytest.raises(Forbidden, match=r"others can read it \(mode 640\).*chmod 600"):
        bundled(file)
    file.chmod(0o600)
    assert (bundled(file).media, bundled(file).database_url) == ("s3://bucket", "postgresql://a@b/c")
    file.write_text("YTEMPIRE_MEDIA=somewhere\n")
    with pytest.raises(Invalid, match="(?s)join.env.*YTEMPIRE_MEDIA"):
        bundled(file)


def test_a_setting_that_breaks_its_limit_is_named_without_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YTEMPIRE_MEDIA", "somewhere-secret")
    done = CliRunner().invoke(build(), ["join", "--out", "x"])
    assert done.exit_code == 2
    assert "YTEMPIRE_MEDIA: it names neither a folder nor a bucket; give an absolute folder, or s3://bucket/prefix; correct it" in done.output
    assert "somewhere-secret" not in done.output


def test_a_queue_that_there_is_none_of_is_named() -> None:
    done = CliRunner().invoke(build(), ["worker", "--queue", "tpu"])
    assert done.exit_code == 2
    assert "--queue 'tpu': there is no such queue; give gpu, cpu, io, publish" in done.output


def _media(settings: Settings, url: str) -> Capability:
    return next(one for one in machine_capabilities(settings, url) if one.name == "media")


def test_doctor_says_which_store_is_used_and_whether_it_answers(database_url: str, tmp_path: Path) -> None:
    with Sandbox(ObjectServer()) as sandbox:
        keys = {"aws_endpoint_url": sandbox.url, "aws_access_key_id": "studio", "aws_secret_access_key": SecretStr("a secret of the studio")}
        good = _media(_settings(tmp_path, media="s3://media/studio", **keys), database_url)
        assert (good.status, good.served_by) == ("ok", f"bucket s3://media/studio at {sandbox.url} (written and read back)")
        bad = _media(_settings(tmp_path, media="s3://elsewhere", **keys), database_url)
        assert bad.status == "missing"
        assert "there is no bucket 'elsewhere'" in bad.limits
    plain = _media(_settings(tmp_path, media=""), database_url)
    assert (plain.status, plain.limits) == ("ok", "one machine")
    assert "before other machines join" in plain.better

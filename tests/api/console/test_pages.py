"""The console as browsers get it: its page wherever nothing else is, its parts for ever, and never in place of the service's own refusals."""

import gzip
import re
from pathlib import Path

import pytest

from api.console.folder import STAMP
from tests.fixtures.service import Service

PART = "index-AbCd1234.js"
CODE = b"console.log('the console');" * 100


@pytest.fixture
def built(service: Service, tmp_path: Path) -> Path:
    """A small build, which the service hands out."""
    folder = tmp_path / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text('<!doctype html><script type="module" src="/assets/index-AbCd1234.js"></script>')
    (folder / "icon.svg").write_text("<svg/>")
    (folder / "assets" / PART).write_bytes(CODE)
    (folder / "assets" / f"{PART}.gz").write_bytes(gzip.compress(CODE))
    (folder / STAMP).write_text("0" * 32)
    service.app.state.console.built = folder
    return folder


@pytest.mark.parametrize("path", ["/", "/approvals", "/videos/video_1", "/sign-in?next=%2F", "/setup", "/welcome"])
async def test_every_address_of_the_console_is_its_page(service: Service, built: Path, path: str) -> None:
    service.asking.principal = None
    answer = await service.client.get(path)
    assert (answer.status_code, answer.text) == (200, (built / "index.html").read_text())
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    again = await service.client.get(path, headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_parts_are_kept_for_ever_and_sent_packed(service: Service, built: Path) -> None:
    answer = await service.client.get(f"/assets/{PART}", headers={"accept-encoding": "gzip"})
    assert answer.content == CODE
    assert answer.headers["content-encoding"] == "gzip"
    assert int(answer.headers["content-length"]) < len(CODE) / 10
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"].startswith("text/javascript")
    plain = await service.client.get(f"/assets/{PART}", headers={"accept-encoding": "identity"})
    assert plain.content == CODE
    assert "content-encoding" not in plain.headers
    assert (await service.client.get(f"/assets/{PART}", headers={"if-none-match": plain.headers["etag"]})).status_code in {200, 304}
    assert (await service.client.get("/icon.svg")).headers["content-type"] == "image/svg+xml"
    assert (await service.client.head("/")).status_code == 200


@pytest.mark.parametrize("path", ["/assets/index-gone.js", "/assets/..%2findex.html", "/assets/.made-of", "/.made-of", "/assets/", "/other.js"])
async def test_a_part_that_is_not_there_is_a_problem_and_no_page(service: Service, built: Path, path: str) -> None:
    answer = await service.client.get(path)
    assert answer.status_code == 404
    assert answer.json()["code"] == "asset_missing"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/nothing", 404),
        ("GET", "/v1/auth/login", 405),
        ("POST", "/approvals", 404),
        ("GET", "/webhooks/other", 404),
        ("GET", "/docs/assets/none", 404),
        ("GET", "/enter/none", 404),
    ],
)
async def test_what_is_the_services_own_is_never_swallowed(service: Service, built: Path, method: str, path: str, status: int) -> None:
    answer = await service.client.request(method, path)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


async def test_without_a_build_the_page_says_how_to_make_one(service: Service, tmp_path: Path) -> None:
    service.app.state.console.built = tmp_path / "none"
    answer = await service.client.get("/")
    assert answer.status_code == 503
    assert "make up" in answer.text
    assert not re.findall(r"<script", answer.text)
    entered = await service.client.get("/setup")
    assert (entered.status_code, "enter.js" in entered.text) == (200, True)

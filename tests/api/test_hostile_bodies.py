"""Bodies, names and origins that pretend: packed, of another type, too large, leading out of a folder, from a page of somebody else."""

import gzip
import io
import json
import zipfile
import zlib
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from PIL import Image
from prometheus_client import CollectorRegistry
from starlette.datastructures import Headers

from api.app import create_app
from api.http.openapi import schema_of
from tests.fixtures.service import Service

STOP = {"scope": "all", "reason": "hostile"}
ENGAGE = "/v1/switches/engage"
JSON = "application/json"
BOMB = gzip.compress(b" " * 50_000_000, 9)
TRAVERSAL = (
    *("../../etc/passwd", "..%2f..%2fetc%2fpasswd", "%2e%2e%2f%2e%2e%2fetc%2fpasswd", "..%252f..%252fetc%252fpasswd", "....//....//etc/passwd"),
    *("..%5c..%5cetc%5cpasswd", "%c0%ae%c0%ae%c0%afetc%c0%afpasswd", "..%c0%af..%c0%afetc%c0%afpasswd", "%2fetc%2fpasswd", "/etc/passwd"),
    *("file:%2f%2f%2fetc%2fpasswd", "..;/..;/etc/passwd", "etc%2fpasswd%00.html", "%uff0e%uff0e/etc/passwd", "..%ef%bc%8fetc%ef%bc%8fpasswd", "~root"),
)


async def nothing_was_done(service: Service) -> bool:
    """Whether nothing is stopped."""
    return bool((await service.client.get("/v1/switches")).json() == {"items": []})


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "compress", "gzip, gzip", "identity, gzip", "GZIP", "x-unheard-of"])
async def test_a_packed_body_is_not_unpacked(service: Service, coding: str) -> None:
    whole = json.dumps(STOP).encode()
    for body in (gzip.compress(whole), zlib.compress(whole), BOMB, whole):
        answer = await service.client.post(ENGAGE, content=body, headers={"content-type": JSON, "content-encoding": coding})
        assert (answer.status_code, answer.json()["code"]) == (415, "coding_unknown")
    upload = await service.client.post("/v1/uploads", files={"file": ("a.txt", BOMB)}, headers={"content-encoding": coding})
    assert upload.status_code == 415
    assert await nothing_was_done(service)


@pytest.mark.parametrize(
    "media_type",
    [
        "",
        "text/plain",
        "text/plain;application/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jsonp",
        "text/json",
        "*/*",
    ],
)
async def test_what_a_form_of_any_page_can_send_is_no_request(service: Service, media_type: str) -> None:
    """A page may send these types to other origins without asking first, so none of them may do anything."""
    whole = json.dumps(STOP)
    for body in (whole, f"a={whole}", f'--x\r\ncontent-disposition: form-data; name="scope"\r\n\r\n{whole}\r\n--x--\r\n'):
        answer = await service.client.post(ENGAGE, content=body, headers={"content-type": media_type})
        assert 400 <= answer.status_code < 500, (media_type, answer.text)
    assert await nothing_was_done(service)


async def test_a_body_means_what_it_says_once(service: Service) -> None:
    for body in (
        b'{"scope":"all","reason":"a","scope":"provider:acme","extra":1}',
        b'{"scope":"all","reason":"a"}{"scope":"all","reason":"b"}',
        b'{"scope":"all","reason":' + b"1" * 5000 + b"}",
        b'{"scope":"all","reason":"a","__proto__":{"x":1}}',
        b'{"scope":["all"],"reason":"a"}',
        b'{"scope":"all\\n","reason":"a"}',
        b'{"scope":"all","reason":"a\\u0000"}',
        b'{"scope":"all","reason":"\\ud83d"}',
        b'{"scope":"all","reason":Infinity}',
        b"{" + b'"a":{' * 5000,
        b"\x00" * 1000,
        b"\xef\xbb\xbf" + json.dumps({**STOP, "x": 1}).encode(),
    ):
        answer = await service.client.post(ENGAGE, content=body, headers={"content-type": JSON})
        assert answer.status_code in {400, 422}, (body[:80], answer.text)
    assert await nothing_was_done(service)


async def test_long_lists_and_huge_numbers_are_refused_by_their_limit(service: Service) -> None:
    for path, body in (
        ("/v1/tasks/batch", {"tasks": [{"kind": "topic", "topic": "ice"}] * 10_000}),
        ("/v1/tasks", {"kind": "sources", "sources": ["https://example.org/"] * 10_000}),
        ("/v1/webhook-endpoints", {"url": "https://example.org/", "kinds": ["*"] * 10_000}),
        ("/v1/me/tokens", {"name": "x", "scopes": ["me:read"] * 10_000}),
        ("/v1/channels", {"personality": "pulse", "budget_day_usd": 1e308}),
        ("/v1/autonomous-runs", {"hours": 10**400, "budget_usd": 1}),
        ("/v1/tasks", {"kind": "tool", "tool": "embed_text", "args": {"texts": ["x"] * 20_000}}),
    ):
        answer = await service.client.post(path, json=body)
        assert answer.status_code == 422, (path, answer.status_code, answer.text[:300])
        assert len(answer.content) < 100_000, path


async def test_no_place_in_a_path_leads_out_of_where_it_belongs(service: Service) -> None:
    paths = [path for path, operations in schema_of(service.app)["paths"].items() if "{" in path and "get" in operations]
    # What climbs out of the service is an address of the console, and is shown its page like any other.
    page = bytes(service.app.state.console.page(Headers({})).body)
    for path in [*paths, "/docs/assets/{name}", "/{name}"]:
        start, end = path.partition("{")[0], path.partition("}")[2].replace("{", "").replace("}", "")
        for place in TRAVERSAL:
            answer = await service.client.get(httpx.URL("http://localhost:8000", raw_path=f"{start}{place}{end}".encode()))
            assert answer.status_code in {400, 404, 405, 422} or answer.content == page, (path, place, answer.status_code)
            assert b"root:" not in answer.content, (path, place)


NAMES = {
    "../../etc/passwd.txt": "passwd.txt",
    "..\\..\\windows\\win.txt": "win.txt",
    "/etc/cron.d/evil.md": "evil.md",
    'a"; filename="b.txt': None,
    "a\r\nset-cookie: x=y\r\n.txt": None,
    "<script>alert(1)</script>.html": None,
    "‮txt.exe.md": None,
    ".bashrc.txt": "bashrc.txt",
    "a" * 5000 + ".txt": None,
    "%2e%2e%2fpasswd.txt": "_2e_2e_2fpasswd.txt",
    "C:evil.txt": "C_evil.txt",
    "CON.txt": "CON.txt",
}


async def test_the_name_of_an_upload_is_shown_and_never_a_place(service: Service) -> None:
    for number, (name, kept) in enumerate(NAMES.items()):
        body = f'--x\r\ncontent-disposition: form-data; name="file"; filename="{name}"\r\n\r\nwords {number}\r\n--x--\r\n'.encode()
        answer = await service.client.post("/v1/uploads", content=body, headers={"content-type": "multipart/form-data; boundary=x"})
        assert answer.status_code in {201, 400, 422}, (name, answer.text)
        if answer.status_code == 201:
            shown = answer.json()["name"]
            assert kept is None or shown == kept, (name, shown)
            assert not set(shown) & set('/\\\r\n"<>\x00‮'), name
            assert not shown.startswith("."), name
            assert len(shown) <= 120, name
    root = service.state.media.root
    assert {path.name for path in root.rglob("*") if path.is_file()} <= {path.name for path in root.glob("??/*")}
    assert all(len(path.name) == 64 for path in root.glob("??/*"))


def archive(name: str) -> bytes:
    """Return a zip with a file of that name."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(name, b"\0" * 5_000_000)
    return out.getvalue()


def picture() -> bytes:
    """Return a picture of 25,000 by 25,000 pixels in some kilobytes."""
    out = io.BytesIO()
    Image.new("1", (25_000, 25_000)).save(out, "png")
    return out.getvalue()


async def test_packed_files_and_pictures_are_no_text_whatever_they_are_called(service: Service) -> None:
    slip, bomb, large = archive("../../../evil.txt"), archive("a" * 200), picture()
    hidden = b"words " * 2000 + slip
    for name, data in (
        ("a.txt", slip),
        ("a.md", bomb),
        ("a.json", large),
        ("a.pdf", slip),
        ("a.html", BOMB),
        ("a.zip", slip),
        ("a.png", large),
        ("a.docx", slip),
    ):
        answer = await service.client.post("/v1/uploads", files={"file": (name, data)})
        assert answer.status_code == 422, (name, answer.text)
    # Words with an archive behind them are words: nothing here ever unpacks one.
    assert (await service.client.post("/v1/uploads", files={"file": ("a.txt", hidden)})).status_code == 201


async def test_a_form_of_many_or_endless_parts_is_refused(service: Service) -> None:
    part = '--x\r\ncontent-disposition: form-data; name="{}"{}\r\n\r\nwords\r\n'
    many = "".join(part.format(f"f{number}", "") for number in range(2000)) + "--x--\r\n"
    files = "".join(part.format("file", f'; filename="{number}.txt"') for number in range(50)) + "--x--\r\n"
    headers = {"content-type": "multipart/form-data; boundary=x"}
    for body in (many, files, "--y\r\n", "", f"--x\r\nx-long: {'a' * 100_000}\r\n\r\n--x--"):
        answer = await service.client.post("/v1/uploads", content=body.encode(), headers=headers)
        assert answer.status_code in {400, 422}, (body[:60], answer.text)
    without = await service.client.post("/v1/uploads", content=files.encode(), headers={"content-type": "multipart/form-data"})
    assert without.status_code == 400


@pytest.fixture
async def shared(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    """The service with one other origin that may ask it."""
    settings = service.state.settings.model_copy(update={"cors_origins": "https://console.example"})
    app = create_app(replace(service.state, settings=settings, registry=CollectorRegistry()), service.asking.authenticate)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://localhost") as client:
        yield client


ORIGINS = (
    *("null", "https://console.example.evil.example", "https://evilconsole.example", "http://console.example", "https://console.example:8443"),
    *("https://console.example.", "https://console.example@evil.example", "https://console.example/", "https://CONSOLE.example", "https://sub.console.example"),
    *("https://console.examplе", "https://console.example%00.evil.example", "*", "file://", "https://evil.example#https://console.example", ""),
)


async def test_only_the_very_origin_that_is_named_gets_leave(shared: httpx.AsyncClient) -> None:
    ask = {"access-control-request-method": "POST", "access-control-request-headers": "authorization"}
    for origin in ORIGINS:
        for method, more in (("GET", {}), ("OPTIONS", ask)):
            answer = await shared.request(method, "/v1/channels", headers=[(b"origin", origin.encode()), *((k.encode(), v.encode()) for k, v in more.items())])
            assert "access-control-allow-origin" not in answer.headers, (origin, method)
            assert "access-control-allow-credentials" not in answer.headers, (origin, method)
    named = await shared.options("/v1/channels", headers={"origin": "https://console.example", **ask})
    assert (named.status_code, named.headers["access-control-allow-origin"]) == (200, "https://console.example")
    assert "origin" in named.headers["vary"].lower()
    read = await shared.get("/v1/channels", headers={"origin": "https://console.example"})
    assert "origin" in read.headers["vary"].lower()
    for answer in (named, read):
        assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize(
    "ask", [{"access-control-request-method": "TRACE"}, {"access-control-request-method": "POST", "access-control-request-headers": "cookie, x-evil"}]
)
async def test_a_page_is_given_leave_for_what_is_needed_only(shared: httpx.AsyncClient, ask: dict[str, str]) -> None:
    answer = await shared.options("/v1/channels", headers={"origin": "https://console.example", **ask})
    assert answer.status_code == 400


async def test_a_refusal_is_read_by_the_page_that_may_ask_and_by_no_other(shared: httpx.AsyncClient, service: Service) -> None:
    service.asking.principal = None
    told: Any = await shared.get("/v1/channels", headers={"origin": "https://console.example"})
    assert (told.status_code, told.headers["access-control-allow-origin"]) == (401, "https://console.example")
    assert told.headers["cross-origin-resource-policy"] == "same-origin"

"""The guarded fetcher: where it refuses to go, what it refuses to swallow, and how politely it asks."""

import gzip
import threading
import time
import zlib
from collections.abc import Iterator
from typing import Literal

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from infra.errors import StudioError
from infra.settings import Settings
from tools.fetch import Credential, Fetcher, FetchLimits, FetchRequest, NetworkDown, NetworkOff, SourceGone, SourceRefused, TooManyRedirects
from tools.fetch_body import BodyTooLarge, BodyUnreadable, CompressionBomb
from tools.fetch_guard import AddressForbidden, NameNotFound, SourceUnreachable, look_up
from tools.fetch_pace import HostPacer, RateLimited
from tools.sandbox import Sandbox, cut_connection, delayed, gone, gzip_bomb, huge_body, rate_limited, redirect, server_error, slow_body


async def _page(request: Request) -> Response:
    if request.headers.get("if-none-match") == '"v1"':
        return Response(status_code=304, headers={"etag": '"v1"'})
    return PlainTextResponse("hello", headers={"etag": '"v1"', "last-modified": "Sat, 21 Nov 2026 10:00:00 GMT"})


async def _coded(request: Request) -> Response:
    coding = request.path_params["coding"]
    plain = b"a feed " * 100
    raw = zlib.compressobj(wbits=-15)
    bodies = {"gzip": gzip.compress(plain), "deflate": zlib.compress(plain), "rawdeflate": raw.compress(plain) + raw.flush(), "br": b"\x01\x02"}
    return Response(bodies[coding], headers={"content-encoding": coding.removeprefix("raw")}, media_type="text/plain")


@pytest.fixture(scope="module")
def box() -> Iterator[Sandbox]:
    with Sandbox(Starlette(routes=[Route("/page", _page), Route("/coded/{coding}", _coded)])) as running:
        yield running


@pytest.fixture
def fetcher(box: Sandbox) -> Iterator[Fetcher]:
    box.seen.clear()
    limits = FetchLimits(max_bytes=2_000_000, read_s=0.5, total_s=2.0)
    with Fetcher(Settings(), limits, loopback=(box.url,), pacer=HostPacer()) as made:
        yield made


FORBIDDEN = (
    "http://127.0.0.1/",
    "http://localhost/",
    "http://[::1]/",
    "http://0.0.0.0/",
    "http://169.254.169.254/latest/meta-data/",
    "http://10.0.0.1/",
    "http://172.16.5.4/",
    "http://192.168.1.1/",
    "http://100.64.0.1/",
    "http://224.0.0.1/",
    "http://255.255.255.255/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:169.254.169.254]/",
    "http://[fd00::1]/",
    "http://[fe80::1]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[2002:7f00:1::]/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0177.0.0.1/",
    "http://127.1/",
    "file:///etc/passwd",
    "gopher://example.com/",
    "ftp://example.com/",
    "javascript:alert(1)",
    "http://user:secret@example.com/",
    "http://example.com:22/",
    "http:///nohost",
    "http://exa mple.com/",
    "not a url",
)


@pytest.mark.parametrize("url", FORBIDDEN)
def test_no_private_address_odd_port_or_foreign_scheme_is_fetched(url: str) -> None:
    with Fetcher(Settings(), pacer=HostPacer()) as plain, pytest.raises(AddressForbidden):
        plain.get(url)


def test_loopback_is_only_open_at_the_exact_origin_of_the_stand_in(fetcher: Fetcher, box: Sandbox) -> None:
    assert fetcher.get(f"{box.url}/page").body == b"hello"
    with pytest.raises(AddressForbidden):
        fetcher.get(f"http://127.0.0.1:{box.port + 1}/page")
    with pytest.raises(AddressForbidden):
        fetcher.get("http://127.0.0.1/page")


def test_a_host_is_refused_when_only_one_of_its_addresses_is_private(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [(2, 1, 6, "", ("93.184.216.34", 80)), (2, 1, 6, "", ("10.0.0.7", 80))]
    monkeypatch.setattr("tools.fetch_guard.socket.getaddrinfo", lambda *_args, **_kwargs: answers)
    with Fetcher(Settings(), pacer=HostPacer()) as plain, pytest.raises(AddressForbidden, match=r"10\.0\.0\.7"):
        plain.get("http://rebinding.example/")


def test_the_name_is_looked_up_once_so_a_second_answer_cannot_lead_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def answer(*args: object, **kwargs: object) -> list[tuple[int, int, int, str, tuple[str, int]]]:
        asked.append(args[0])
        return [(2, 1, 6, "", ("10.0.0.7" if len(asked) > 1 else "127.0.0.1", 80))]

    monkeypatch.setattr("tools.fetch_guard.socket.getaddrinfo", answer)
    with Fetcher(Settings(), pacer=HostPacer()) as plain, pytest.raises(AddressForbidden, match=r"127\.0\.0\.1"):
        plain.get("http://rebinding.example/")
    assert asked == ["rebinding.example"]


def test_a_name_lookup_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    given_up = threading.Event()

    def hang(*args: object, **kwargs: object) -> list[object]:
        given_up.wait(60)
        return []

    monkeypatch.setattr("tools.fetch_guard.socket.getaddrinfo", hang)
    started = time.monotonic()
    with pytest.raises(NameNotFound, match="took longer"):
        look_up("slow.example", 80, 0.05)
    assert time.monotonic() - started < 30
    given_up.set()


def test_a_redirect_to_a_private_address_is_refused(fetcher: Fetcher, box: Sandbox) -> None:
    for location in ("http://localhost/", "http://169.254.169.254/latest", "file:///etc/passwd", "//10.0.0.1/"):
        box.faults.play("/page", redirect(location))
        with pytest.raises(AddressForbidden):
            fetcher.get(f"{box.url}/page")


def test_redirects_are_followed_three_times_and_no_more(fetcher: Fetcher, box: Sandbox) -> None:
    box.faults.play("/page", *[redirect("/page")] * 3)
    assert fetcher.get(f"{box.url}/page").body == b"hello"
    box.faults.play("/page", *[redirect("/page")] * 4)
    with pytest.raises(TooManyRedirects):
        fetcher.get(f"{box.url}/page")


@pytest.mark.parametrize("place", ["header", "query"])
def test_a_key_goes_to_the_origin_it_is_for_and_to_nobody_else(box: Sandbox, place: Literal["header", "query"]) -> None:
    with Sandbox(Starlette(routes=[Route("/page", _page)])) as other, Fetcher(Settings(), loopback=(box.url, other.url), pacer=HostPacer()) as own:
        box.seen.clear()
        asked = FetchRequest(f"{box.url}/page", credential=Credential("x-key", "very-secret", place))
        box.faults.play("/page", redirect("/page"), redirect(f"{other.url}/page"))
        answer = own.get(asked)
        box.faults.play("/page", gone(401))
        with pytest.raises(SourceRefused) as caught:
            own.get(asked)
    assert all("very-secret" in f"{seen.query} {seen.headers}" for seen in box.seen)
    assert "very-secret" not in f"{other.seen[0].query} {other.seen[0].headers}"
    assert "very-secret" not in f"{answer.url} {caught.value.message} {asked!r}"


def test_a_conditional_get_brings_nothing_twice(fetcher: Fetcher, box: Sandbox) -> None:
    first = fetcher.get(f"{box.url}/page")
    again = fetcher.get(FetchRequest(f"{box.url}/page", etag=first.etag, last_modified=first.last_modified))
    assert (first.content_type, first.charset, first.etag) == ("text/plain", "utf-8", '"v1"')
    assert again.not_modified
    assert again.body == b""
    assert box.seen[-1].headers["if-none-match"] == '"v1"'
    assert box.seen[-1].headers["user-agent"].startswith("YTEMPIRE/")


@pytest.mark.parametrize("coding", ["gzip", "deflate", "rawdeflate"])
def test_compressed_answers_are_read(fetcher: Fetcher, box: Sandbox, coding: str) -> None:
    assert fetcher.get(f"{box.url}/coded/{coding}").body == b"a feed " * 100


def test_an_unasked_content_coding_is_refused(fetcher: Fetcher, box: Sandbox) -> None:
    with pytest.raises(BodyUnreadable):
        fetcher.get(f"{box.url}/coded/br")


def test_damaged_compression_is_refused(fetcher: Fetcher, box: Sandbox) -> None:
    box.faults.play("/page", gzip_bomb(b"this is not gzip"))
    with pytest.raises(BodyUnreadable):
        fetcher.get(f"{box.url}/page")


def test_a_compression_bomb_is_refused_long_before_it_is_unpacked(box: Sandbox) -> None:
    bomb = gzip.compress(b"\0" * 200_000_000, 1)
    box.faults.play("/page", gzip_bomb(bomb))
    with Fetcher(Settings(), FetchLimits(max_bytes=50_000_000), loopback=(box.url,), pacer=HostPacer()) as roomy, pytest.raises(CompressionBomb):
        roomy.get(f"{box.url}/page")


def test_a_body_without_end_is_refused_at_the_limit(fetcher: Fetcher, box: Sandbox) -> None:
    box.faults.play("/page", huge_body(8_000_000))
    with pytest.raises(BodyTooLarge):
        fetcher.get(f"{box.url}/page")


def test_an_announced_length_over_the_limit_is_refused_unread(fetcher: Fetcher, box: Sandbox) -> None:
    box.faults.play("/page", cut_connection(after=10))
    with pytest.raises(BodyTooLarge, match="announced"):
        fetcher.get(FetchRequest(f"{box.url}/page", max_bytes=50_000))


def test_a_cut_connection_is_an_error_and_never_half_a_body(fetcher: Fetcher, box: Sandbox) -> None:
    box.faults.play("/page", cut_connection(after=1000))
    with pytest.raises(SourceUnreachable):
        fetcher.get(f"{box.url}/page")


def test_a_silent_host_and_a_dripping_one_are_both_given_up(fetcher: Fetcher, box: Sandbox) -> None:
    box.faults.play("/page", delayed(0.9))
    with pytest.raises(SourceUnreachable):
        fetcher.get(f"{box.url}/page")
    box.faults.play("/page", slow_body(20.0))
    started = time.monotonic()
    with pytest.raises(SourceUnreachable, match="too slowly"):
        fetcher.get(FetchRequest(f"{box.url}/page", total_s=0.4))
    assert time.monotonic() - started < 15


@pytest.mark.parametrize(
    ("fault", "error", "retryable"),
    [
        (server_error(500), SourceUnreachable, True),
        (server_error(503), SourceUnreachable, True),
        (gone(404), SourceGone, False),
        (gone(403), SourceRefused, False),
    ],
)
def test_statuses_are_told_apart_by_whether_trying_again_may_help(
    fetcher: Fetcher, box: Sandbox, fault: object, error: type[StudioError], retryable: bool
) -> None:
    box.faults.play("/page", fault)  # type: ignore[arg-type]
    with pytest.raises(error) as caught:
        fetcher.get(f"{box.url}/page")
    assert caught.value.retryable is retryable


def test_retry_after_is_honoured_without_asking_again(fetcher: Fetcher, box: Sandbox) -> None:
    box.faults.play("/page", rate_limited("30"))
    with pytest.raises(RateLimited) as first:
        fetcher.get(f"{box.url}/page")
    with pytest.raises(RateLimited):
        fetcher.get(f"{box.url}/page")
    assert first.value.after_s == 30
    assert len(box.seen) == 1


def test_network_off_tries_nothing(box: Sandbox) -> None:
    with Fetcher(Settings(network="off"), loopback=(box.url,), pacer=HostPacer()) as off, pytest.raises(NetworkOff):
        off.get(f"{box.url}/page")


def test_after_several_unknown_hosts_the_network_counts_as_down() -> None:
    with Fetcher(Settings(), pacer=HostPacer()) as plain:
        for number in range(4):
            with pytest.raises(NameNotFound):
                plain.get(f"http://host{number}.invalid/")
        with pytest.raises(NetworkDown):
            plain.get("http://another.invalid/")


def test_proxies_of_the_environment_are_ignored(fetcher: Fetcher, box: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9/")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9/")
    with Fetcher(Settings(), loopback=(box.url,), pacer=HostPacer()) as made:
        assert made.get(f"{box.url}/page").body == b"hello"

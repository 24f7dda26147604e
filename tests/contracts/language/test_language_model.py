"""One suite for every client of the language port, each against its vendor's stand-in."""

import json
from collections import deque
from http.client import HTTPConnection

import pytest

from tests.fixtures.language import ASKED, SCHEMA, Bench
from tools.base import ToolError, ToolRetry
from tools.gateway import CallRejected, CallTurnedAway
from tools.sandbox import Fault, Sandbox, cut_connection, delayed, other_body, rate_limited, server_error, slow_body, wrong_content_type
from tools.vendors.language import MIN_CACHED_CHARS, Prompt, Refused, strict_schema
from tools.vendors.language_script import Reply, cut_off, filtered, half, nothing, prose, refused
from tools.vendors.wire_schema import first_fault

GOOD = json.dumps({"angle": "the keepers", "sure": True})
_CITED = "https://www.rfc-editor.org/rfc/rfc8259#section-2"
_HALF = other_body(b'{"id": "x", "choices": [{"index": 0, "mess', "application/json", _CITED)
_EMPTY = other_body(b"", "application/json", _CITED)
_OTHER = other_body(b'{"ok": true}', "application/json", _CITED)


def test_a_structured_answer_comes_back_with_its_usage(bench: Bench) -> None:
    bench.answers.append(GOOD)
    answer = bench.model().complete(ASKED, SCHEMA, 200, 5)
    assert json.loads(answer.text) == {"angle": "the keepers", "sure": True}
    assert answer.ended == "stop"
    assert (answer.usage.input_tokens, answer.usage.output_tokens) == (bench.script.billed[0]["input"], bench.script.billed[0]["output"])
    assert bench.asked == 1


@pytest.mark.parametrize("reply", [Reply(GOOD), refused(), cut_off(GOOD), filtered(), nothing()], ids=["good", "refused", "cut off", "filtered", "nothing"])
def test_what_is_sent_and_answered_fits_the_types_that_the_vendor_publishes(bench: Bench, reply: Reply) -> None:
    bench.model().complete(ASKED, SCHEMA, 200, 5)
    sent = bench.sandbox.seen[0]
    assert first_fault(bench.vendor.request, json.loads(sent.body)) is None
    bench.answers.append(reply)
    connection = HTTPConnection("127.0.0.1", bench.sandbox.port, timeout=5)
    connection.request("POST", sent.path, sent.body, sent.headers)
    answered = json.loads(connection.getresponse().read())
    connection.close()
    assert first_fault(bench.vendor.response, answered) is None


@pytest.mark.parametrize(
    "change",
    [{"surprise": 1}, {"model": 5}, {"messages": "hello"}, {"messages": [{"role": "oracle", "content": "x"}]}, {"messages": [{"role": "user", "text": "x"}]}],
    ids=["unknown field", "model", "messages", "role", "no content"],
)
def test_a_request_that_the_published_types_do_not_allow_is_refused(bench: Bench, change: dict[str, object]) -> None:
    good = {"model": "m", "max_tokens": 5, "messages": [{"role": "user", "content": "x"}]}
    assert bench.vendor.refusal(good) is None
    assert bench.vendor.refusal({**good, **change}) is not None


@pytest.mark.parametrize(
    "fault",
    [server_error(500), server_error(503), cut_connection(), _HALF, _EMPTY, _OTHER, wrong_content_type()],
    ids=["500", "503", "cut", "half a body", "empty body", "another body", "a page"],
)
def test_a_passing_fault_is_reported_once_and_not_retried_by_the_sdk(bench: Bench, fault: Fault) -> None:
    bench.sandbox.faults.play(bench.vendor.path, fault)
    with pytest.raises(ToolRetry):
        bench.model().complete(ASKED, SCHEMA, 200, 5)
    assert bench.asked == 1


@pytest.mark.parametrize("name", ["broken", "overloaded", "busy"])
def test_the_vendors_own_passing_errors_may_be_tried_again(bench: Bench, name: str) -> None:
    bench.sandbox.faults.play(bench.vendor.path, bench.vendor.faults[name])
    with pytest.raises(ToolRetry) as caught:
        bench.model().complete(ASKED, SCHEMA, 200, 5)
    assert caught.value.after_s == (7.0 if name == "busy" else None)
    assert bench.asked == 1


@pytest.mark.parametrize("name", ["wrong key", "forbidden", "no credit"])
def test_the_vendors_own_final_errors_cost_nothing_and_are_not_tried_again(bench: Bench, name: str) -> None:
    bench.sandbox.faults.play(bench.vendor.path, bench.vendor.faults[name])
    with pytest.raises(CallRejected, match="credit" if name == "no credit" else "API_KEY"):
        bench.model().complete(ASKED, SCHEMA, 200, 5)
    assert bench.asked == 1


@pytest.mark.parametrize(("header", "least", "most"), [("7", 7.0, 7.0), ("Wed, 01 Jan 2020 00:00:00 GMT", 0.0, 0.0), ("soon", None, None)])
def test_retry_after_is_handed_on_in_seconds_and_as_a_date(bench: Bench, header: str, least: float | None, most: float | None) -> None:
    bench.sandbox.faults.play(bench.vendor.path, rate_limited(header))
    with pytest.raises(CallTurnedAway) as caught:
        bench.model().complete(ASKED, SCHEMA, 200, 5)
    assert (least, most) == (caught.value.after_s, caught.value.after_s)


@pytest.mark.parametrize("fault", [delayed(1), slow_body(0.5)], ids=["late", "slow"])
def test_a_server_that_answers_late_or_in_drops_is_given_up_on(bench: Bench, fault: Fault) -> None:
    # A server of the test's own, since a late one goes on after the client has left.
    with Sandbox(bench.vendor.app(deque())) as sandbox:
        sandbox.faults.play(bench.vendor.path, fault)
        with pytest.raises(ToolRetry):
            bench.vendor.model(bench.vendor.settings(sandbox.url, bench.home)).complete(ASKED, SCHEMA, 200, 0.3)


@pytest.mark.parametrize(("reply", "ended"), [(refused(), "refusal"), (cut_off(GOOD), "length"), (prose(), "stop"), (half(GOOD), "stop"), (nothing(), "stop")])
def test_an_answer_of_no_use_comes_back_with_its_usage_since_it_is_billed(bench: Bench, reply: Reply, ended: str) -> None:
    bench.answers.append(reply)
    answer = bench.model().complete(ASKED, SCHEMA, 200, 5)
    assert answer.ended == ended
    assert answer.usage.input_tokens == bench.script.billed[0]["input"]
    assert reply.cite.startswith("https://")


def test_a_filtered_answer_is_neither_a_fault_nor_an_answer(bench: Bench) -> None:
    bench.answers.append(filtered())
    assert bench.model().complete(ASKED, SCHEMA, 200, 5).ended in {"filter", "refusal"}


def test_a_wrong_key_is_a_clear_permanent_error(bench: Bench) -> None:
    settings = bench.vendor.settings(bench.sandbox.url, bench.home, "sk-wrong")
    with pytest.raises(ToolError, match="API_KEY"):
        bench.vendor.model(settings).complete(ASKED, SCHEMA, 200, 5)


def test_what_the_published_types_reject_is_a_permanent_error(bench: Bench) -> None:
    with pytest.raises(CallRejected, match="rejected the request"):
        bench.model().complete(ASKED, SCHEMA, 0, 5)


def test_a_long_material_is_read_from_the_cache_by_the_next_request(bench: Bench) -> None:
    asked = Prompt("Be brief.", "The lamp never failed. " * (MIN_CACHED_CHARS // 20), "Name an angle.")
    first = bench.model().complete(asked, SCHEMA, 200, 5).usage
    repair = Prompt(asked.system, asked.material, asked.ask, (Refused("{}", "It is empty."),))
    second = bench.model().complete(repair, SCHEMA, 200, 5).usage
    assert first.cache_read_tokens == 0
    assert second.cache_read_tokens > 0.8 * first.input_tokens


def test_a_short_prompt_asks_for_no_cache(bench: Bench) -> None:
    bench.model().complete(ASKED, SCHEMA, 200, 5)
    assert b"cache_control" not in bench.sandbox.seen[0].body


def test_strict_schemas_close_every_object_and_require_every_property() -> None:
    strict = strict_schema({"type": "object", "properties": {"a": {"type": "string", "default": ""}, "title": {"type": "string"}}})
    assert strict == {
        "type": "object",
        "properties": {"a": {"type": "string"}, "title": {"type": "string"}},
        "required": ["a", "title"],
        "additionalProperties": False,
    }

"""An owner's consent over the real flow: PKCE and state on loopback, a token that works, refusals that are told."""

import threading
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from tests.tools.youtube.conftest import CLIENT, Stage
from tools.vendors.youtube.client import YouTubeClient
from tools.vendors.youtube.consent import Asking, ask_for_consent, withdraw_consent
from tools.vendors.youtube.consent_page import SCOPES
from tools.vendors.youtube.discovery import method
from tools.vendors.youtube.errors import ReauthoriseNeeded

USED = ("videos.insert", "videos.update", "videos.list", "thumbnails.set", "captions.insert", "captions.list", "playlistItems.insert", "channels.list")
READ = (
    *("videos.batchGetStats", "commentThreads.list", "youtubeAnalytics.reports.query", "youtubereporting.jobs.list"),
    *("youtubereporting.jobs.create", "youtubereporting.jobs.reports.list", "youtubereporting.media.download"),
)


@pytest.fixture(autouse=True)
def plain_http_to_the_stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")


def _visit(change: Callable[[str], str] = lambda address: address) -> Callable[[str], None]:
    """Return a person with a browser: opens the address in a thread, follows the way back to the loopback server."""

    def go(address: str) -> None:
        with httpx2.Client(follow_redirects=False) as browser:
            answer = browser.get(address)
            assert answer.status_code == 302, answer.text
            browser.get(change(answer.headers["location"]))

    return lambda address: threading.Thread(target=go, args=(address,), daemon=True).start()


def test_a_consent_gives_a_token_that_opens_the_owners_channel(stage: Stage) -> None:
    stage.world.add_account("UCother", "Another")
    token = ask_for_consent(CLIENT, Asking(_visit(), browser=False, account="UCother"), stage.server.url)
    client = YouTubeClient(token, CLIENT, stage.server.url)
    assert client.channel().id == "UCother"
    client.close()
    asked = parse_qs(next(request.query for request in stage.server.seen if "o/oauth2" in request.path))
    assert (asked["code_challenge_method"], asked["access_type"], asked["scope"]) == (["S256"], ["offline"], [" ".join(SCOPES)])
    assert urlsplit(asked["redirect_uri"][0]).hostname == "127.0.0.1"


def test_an_answer_with_another_state_is_refused(stage: Stage) -> None:
    forged = _visit(lambda address: address.replace("state=", "state=forged"))
    with pytest.raises(ReauthoriseNeeded, match="mismatching_state"):
        ask_for_consent(CLIENT, Asking(forged, browser=False), stage.server.url)
    assert not [one for one in stage.world.effects if one.operation == "oauth.grant"]


def test_a_refusal_and_a_stolen_code_bring_no_token(stage: Stage) -> None:
    refused = _visit(lambda address: address.split("?")[0] + "?error=access_denied&state=" + parse_qs(urlsplit(address).query)["state"][0])
    with pytest.raises(ReauthoriseNeeded, match="access_denied"):
        ask_for_consent(CLIENT, Asking(refused, browser=False), stage.server.url)
    used = _visit(lambda address: stage.world.codes.clear() or address)  # type: ignore[func-returns-value]
    with pytest.raises(ReauthoriseNeeded, match="invalid_grant"):
        ask_for_consent(CLIENT, Asking(used, browser=False), stage.server.url)


def test_an_owner_who_does_not_answer_is_not_waited_for_for_ever(stage: Stage) -> None:
    with pytest.raises(ReauthoriseNeeded, match="nobody answered"):
        ask_for_consent(CLIENT, Asking(lambda _: None, browser=False, patience_s=1), stage.server.url)


def test_a_withdrawn_consent_is_withdrawn_at_google(stage: Stage) -> None:
    withdraw_consent(stage.account.refresh_token, stage.server.url)
    withdraw_consent("unknown", stage.server.url)
    assert stage.account.revoked
    with pytest.raises(ReauthoriseNeeded):
        stage.client().channel()


def test_the_scopes_cover_every_method_used_and_none_is_left_over() -> None:
    assert all(set(SCOPES) & set(method(name)["scopes"]) for name in (*USED, *READ))
    assert all(any(scope in method(name)["scopes"] for name in (*USED, *READ)) for scope in SCOPES)

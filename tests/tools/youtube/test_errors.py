"""Every documented error has its own outcome and a message that a person can act on."""

import pytest

from tests.tools.youtube.conftest import Stage
from tools.base import ToolError, ToolRetry
from tools.vendors.youtube.client import YouTubeClient
from tools.vendors.youtube.errors import FATES, MEANINGS, Answer, LimitReached, OperatorNeeded, ReauthoriseNeeded, Refused, TryAgain, error_of
from tools.vendors.youtube.sandbox_faults import DOCUMENTED, refused

OUTCOMES = {"retry": TryAgain, "wait": LimitReached, "reauthorise": ReauthoriseNeeded, "reject": Refused, "page": OperatorNeeded}


def test_each_documented_error_has_its_outcome_through_the_real_client(youtube: YouTubeClient, stage: Stage) -> None:
    for reason in DOCUMENTED:
        stage.plays.always("channels.list", refused(reason))
        meaning = MEANINGS[reason]
        with pytest.raises((ToolError, ToolRetry)) as caught:
            youtube.channel()
        assert type(caught.value) is OUTCOMES[meaning.outcome], reason
        assert meaning.say in caught.value.message
        assert reason in caught.value.message


def test_at_least_twenty_errors_and_every_fate_of_an_upload_are_told_in_words() -> None:
    assert len(MEANINGS) >= 20
    assert {meaning.outcome for meaning in MEANINGS.values()} == set(OUTCOMES)
    assert all(len(say.split()) >= 3 for say in [*FATES.values(), *(meaning.say for meaning in MEANINGS.values())])


def test_the_three_limits_are_told_apart() -> None:
    bucket, channel, pace = (error_of(Answer("videos.insert", 403, reason)) for reason in ("quotaExceeded", "uploadLimitExceeded", "rateLimitExceeded"))
    assert isinstance(bucket, LimitReached)
    assert isinstance(channel, LimitReached)
    assert (bucket.limit, channel.limit) == ("bucket", "channel")
    assert isinstance(pace, TryAgain)


@pytest.mark.parametrize(
    ("status", "kind"), [(500, TryAgain), (503, TryAgain), (429, TryAgain), (400, OperatorNeeded), (403, OperatorNeeded), (418, OperatorNeeded)]
)
def test_an_error_nobody_has_seen_is_never_repeated_unless_the_server_is_at_fault(status: int, kind: type[Exception]) -> None:
    assert type(error_of(Answer("videos.insert", status, "brandNewReason"))) is kind

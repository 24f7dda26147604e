"""Where a video goes: YouTube for what may go there, the library for everything else, a demonstration never outside."""

import pytest

from agents.publisher.policy import ChannelNotConnected, check_room, choose_place
from memory.artifacts import Listing, Provenance
from tools.upload_video.schema import REFERENCE_BYTES

PLACES = [
    ("auto", Provenance.REAL, "real", "youtube"),
    ("auto", Provenance.REAL, None, "library"),
    ("auto", Provenance.REAL, "rehearsal", "library"),
    ("auto", Provenance.REHEARSAL, "rehearsal", "youtube"),
    ("auto", Provenance.REHEARSAL, "real", "library"),
    ("auto", Provenance.DEMO, "real", "library"),
    ("auto", Provenance.DEMO, "demo", "library"),
    ("auto", Provenance.SIMULATED, None, "library"),
    ("library", Provenance.REAL, "real", "library"),
    ("youtube", Provenance.REAL, "real", "youtube"),
    ("youtube", Provenance.DEMO, "real", "library"),
    ("youtube", Provenance.REHEARSAL, None, "library"),
]


@pytest.mark.parametrize(("wanted", "provenance", "connected_as", "place"), PLACES)
def test_a_video_goes_where_its_provenance_and_its_channel_allow(wanted: str, provenance: Provenance, connected_as: str | None, place: str) -> None:
    assert choose_place(wanted, provenance, connected_as) == place


def test_a_real_video_does_not_end_in_the_library_unnoticed_when_youtube_was_asked_for() -> None:
    with pytest.raises(ChannelNotConnected, match="ytempire channels connect"):
        choose_place("youtube", Provenance.REAL, None)


@pytest.mark.parametrize(("length", "passed"), [(5000 - REFERENCE_BYTES, True), (5001 - REFERENCE_BYTES, False)])
def test_the_description_leaves_room_for_the_reference(length: int, passed: bool) -> None:
    listing = Listing(
        **{"title": "Tides", "description": "x" * length, "tags": (), "language": "en", "chapters": (), "category": "nature", "privacy": "public"},
        **{"made_for_kids": False, "contains_synthetic_media": True, "license": "youtube"},
    )
    assert check_room(listing, REFERENCE_BYTES).passed is passed

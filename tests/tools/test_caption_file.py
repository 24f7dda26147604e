"""Captions from people's hands: what is read, what is broken into lines, and what is refused by its cue."""

import pytest

from tools.caption_file import CaptionsUnreadable, SpokenCue, broken, fitting, read_captions, to_srt, to_vtt

VTT = """WEBVTT - a title

NOTE nobody reads this

STYLE
::cue { color: red }

intro
00:01.000 --> 00:02.500 align:start
<v Ada>Rust &amp; bones</v>

01:00:03.000 --> 01:00:04.000
- Yes.
- No.
"""


def test_webvtt_is_read_without_its_markup() -> None:
    assert read_captions(VTT.encode()) == (SpokenCue(1.0, 2.5, "Rust & bones"), SpokenCue(3603.0, 3604.0, "- Yes. - No."))


def test_subrip_of_another_machine_is_read() -> None:
    text = "\ufeff1\r\n00:00:01,5 --> 00:00:03,000\r\n{\\an8}Über\r\nallem\r\n\r\n2\r\n00:00:02,900 --> 00:00:04,000\r\nEnde\r\n"
    assert read_captions(text.encode()) == (SpokenCue(1.5, 2.9, "Über allem"), SpokenCue(2.9, 4.0, "Ende"))


def test_a_long_cue_becomes_several_that_share_its_time() -> None:
    text = " ".join(f"word{number:02}" for number in range(30))
    made = broken((SpokenCue(1.0, 7.0, text),))
    assert " ".join(part.replace("\n", " ") for _, _, part in made) == text
    assert (made[0][0], made[-1][1]) == (1.0, 7.0)
    assert all(len(line) <= 42 for _, _, part in made for line in part.split("\n"))
    assert all(part.count("\n") <= 1 for _, _, part in made)
    assert all(one[1] == two[0] and one[0] < one[1] for one, two in zip(made, made[1:], strict=False))
    assert read_captions(to_srt(made).encode()) == read_captions(to_vtt(made).encode())


def test_what_ends_with_the_film_fits_it() -> None:
    assert fitting((SpokenCue(0.0, 5.04, "End"),), 5.0) == (SpokenCue(0.0, 5.0, "End"),)
    with pytest.raises(CaptionsUnreadable, match="ends at 5.20 s and the film at 5.00 s"):
        fitting((SpokenCue(0.0, 5.2, "End"),), 5.0)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no cue"),
        (b"x" * 1_000_001, "the limit is 1000000"),
        ("1\n00:00:01,000 --> 00:00:02,000\nÜ".encode("latin-1"), "UTF-8"),
        (b"1\n00:00:02,000 --> 00:00:02,000\nNo time", "cue 1 ends"),
        (b"1\n00:00:01,000 --> 00:00:02,000\n<i></i>\n", "no cue"),
        (b"\n\n".join(b"00:%02d:%02d.000 --> 00:%02d:%02d.500\nx" % (n // 60, n % 60, n // 60, n % 60) for n in range(2001)), "at most 2000"),
    ],
)
def test_what_cannot_be_shown_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(CaptionsUnreadable, match=said):
        read_captions(data)

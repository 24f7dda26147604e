"""Caption pages and caption files."""

from memory.artifacts import WordTiming
from tools.caption_file import to_srt, to_vtt
from tools.render_video.pages import MOST_WORDS, make_pages
from tools.render_video.subtitles import make_cues

TEXT = "When the rain stops, the lake shrinks until only salt remains; then the birds arrive in thousands and nobody knows who tells them."


def timed(text: str, sentence: str = "s1", at: float = 0.0, each: float = 0.3) -> tuple[WordTiming, ...]:
    return tuple(
        WordTiming(text=word, start_s=at + index * each, end_s=at + index * each + each - 0.02, sentence_id=sentence) for index, word in enumerate(text.split())
    )


def anything(words: tuple[str, ...]) -> bool:
    return True


def test_every_word_is_on_exactly_one_page_in_order() -> None:
    words = timed(TEXT) + timed("A second sentence follows.", "s2", 10.0)
    pages = make_pages(words, anything)
    assert [word for page in pages for word in page.words] == list(words)


def test_pages_hold_four_to_six_words_where_the_sentence_allows() -> None:
    pages = make_pages(timed(TEXT), anything)
    assert all(3 <= len(page.words) <= MOST_WORDS for page in pages)
    assert sum(len(page.words) >= 4 for page in pages) >= len(pages) - 1


def test_a_page_breaks_at_punctuation_rather_than_after_it() -> None:
    texts = [page.text for page in make_pages(timed(TEXT), anything)]
    assert texts[0].endswith("stops,")
    assert any(text.endswith("remains;") for text in texts)


def test_a_page_never_spans_two_sentences() -> None:
    pages = make_pages(timed("Short one.", "s1") + timed("Another one.", "s2", 2.0), anything)
    assert [page.text for page in pages] == ["Short one.", "Another one."]


def test_words_that_do_not_fit_together_are_split() -> None:
    pages = make_pages(timed("unconstitutionality notwithstanding incomprehensibilities"), lambda words: len(words) < 2)
    assert [len(page.words) for page in pages] == [1, 1, 1]


def test_a_page_stays_until_the_next_unless_the_pause_is_long() -> None:
    first, second, third = make_pages(timed("One.", "a", 0.0) + timed("Two.", "b", 1.0) + timed("Three.", "c", 9.0), anything)
    assert first.end_s == second.start_s
    assert second.end_s < third.start_s


def test_no_words_make_no_pages_and_an_empty_but_valid_file() -> None:
    assert make_pages((), anything) == ()
    assert to_vtt(make_cues((), 3.0)) == "WEBVTT\n"


def test_cues_have_at_most_two_lines_and_do_not_overlap() -> None:
    pages = make_pages(timed(TEXT) + timed(TEXT, "s2", 8.0), anything)
    cues = make_cues(pages, 20.0)
    assert all(text.count("\n") <= 1 and max(map(len, text.splitlines())) <= 44 for _, _, text in cues)
    assert all(before[1] <= after[0] for before, after in zip(cues, cues[1:], strict=False))
    assert " ".join(text.replace("\n", " ") for _, _, text in cues) == f"{TEXT} {TEXT}"


def test_files_write_times_and_escape_what_the_format_asks() -> None:
    cues = ((3661.5, 3662.25, "salt & <sand>"),)
    assert to_srt(cues) == "1\n01:01:01,500 --> 01:01:02,250\nsalt & <sand>\n"
    assert "01:01:01.500 --> 01:01:02.250\nsalt &amp; &lt;sand&gt;" in to_vtt(cues)

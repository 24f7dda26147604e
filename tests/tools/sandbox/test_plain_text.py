"""Making outside text plain, and reading statements of rights."""

import pytest

from memory.rights import LicenceId
from tools.lexical import content_terms, relevance, stem
from tools.licence_text import read_licence
from tools.plain_text import clean_line, clean_text, html_to_text
from tools.publisher_rights import rights_of_host


def test_hidden_elements_comments_and_scripts_leave_nothing() -> None:
    hidden = (
        '<div style="display: none">a1</div>',
        '<p style="visibility:hidden">a1</p>',
        '<span style="font-size:0">a1</span>',
        '<span style="opacity:0">a1</span>',
        '<div style="position:absolute;left:-9999px">a1</div>',
        "<p hidden>a1</p>",
        '<p aria-hidden="true">a1</p>',
        "<!-- a1 -->",
        "<script>a1</script>",
        "<style>a1</style>",
        "<noscript>a1</noscript>",
        "<template>a1</template>",
        "<title>a1</title>",
        "<svg><text>a1</text></svg>",
    )
    for markup in hidden:
        assert html_to_text(f"<p>before</p>{markup}<p>after</p>") == "before\n\nafter"


def test_blocks_become_paragraphs_and_inline_markup_vanishes() -> None:
    assert (
        html_to_text("<h1>Title</h1><p>One <b>two</b>&nbsp;three</p><ul><li>four<li>five</ul>six<br>seven")
        == "Title\n\nOne two three\n\nfour\n\nfive\n\nsix\n\nseven"
    )


def test_nesting_a_hundred_thousand_deep_is_survived() -> None:
    assert isinstance(html_to_text("<div>" * 100_000 + "x"), str)


def test_invisible_and_control_characters_are_removed() -> None:
    assert clean_text("a\u200bb\u202ec\u2066d\ufeff\U000e0041\x00e\u00ad") == "abcd e"
    assert clean_text("one\r\ntwo\r\n\r\n\r\n three \t four") == "one\ntwo\n\nthree four"
    assert clean_line("A\n <b>bold</b> &amp; plain") == "A bold & plain"
    assert clean_line("5 < 6 and 7 > 3") == "5 < 6 and 7 > 3"


STATEMENTS: tuple[tuple[str, LicenceId | None], ...] = (
    ("CC BY 4.0", "CC-BY"),
    ("CC-BY-SA-3.0", "CC-BY-SA"),
    ("cc by-nc-nd 4.0", "CC-BY-NC-ND"),
    ("https://creativecommons.org/licenses/by-nc/4.0/", "CC-BY-NC"),
    ("http://creativecommons.org/publicdomain/zero/1.0/", "CC0-1.0"),
    ("https://creativecommons.org/publicdomain/mark/1.0/", "PD"),
    ("Creative Commons Attribution-ShareAlike 4.0 International License", "CC-BY-SA"),
    ("Creative Commons Attribution-NonCommercial-NoDerivs 3.0", "CC-BY-NC-ND"),
    ("Creative Commons Attribution 2.5", "CC-BY"),
    ("CC0", "CC0-1.0"),
    ("Public domain", "PD"),
    ("US Government work", "PD"),
    ("This is not in the public domain", "SIGNAL-ONLY"),
    ("© 2026 Example. All rights reserved.", "SIGNAL-ONLY"),
    ("Fair use", "SIGNAL-ONLY"),
    ("GFDL", None),
    ("", None),
    ("Attribution required, ask us", None),
)


@pytest.mark.parametrize(("text", "licence"), STATEMENTS)
def test_statements_of_rights_are_read_strictly(text: str, licence: LicenceId | None) -> None:
    found = read_licence(text)
    assert (found.licence if found else None) == licence


def test_the_version_and_address_of_a_licence_are_kept() -> None:
    found = read_licence("CC BY-SA 3.0", "Ann", "https://a.example")
    assert found is not None
    assert (found.licence_name, found.licence_url, found.credit) == ("CC BY-SA 3.0", "https://creativecommons.org/licenses/by-sa/3.0/", "Ann")


def test_known_publishers_are_known_by_their_host_and_look_alikes_are_not() -> None:
    known = rights_of_host("https://science.nasa.gov/x")
    assert known is not None
    assert known.licence == "PD"
    for url in ("https://nasa.gov.evil.example/", "https://notnasa.gov/", "https://evil.example/nasa.gov", "http://[bad"):
        assert rights_of_host(url) is None


def test_words_meet_over_plurals_and_tenses() -> None:
    for one, other in (
        ("glaciers", "glacier"),
        ("measured", "measure"),
        ("cities", "city"),
        ("running", "run"),
        ("volcanoes", "volcano"),
        ("Earth's", "earth"),
    ):
        assert stem(one) == stem(other)
    assert content_terms("The new glaciers of the Alps in 1990") == ("glacier", "alp", "1990")


def test_relevance_prefers_a_document_about_the_topic_to_one_that_mentions_it() -> None:
    terms = content_terms("melting glaciers")
    about = relevance(terms, "Melting glaciers", "Glaciers are melting. " * 30)
    mention = relevance(terms, "Cooking pasta", "Boil water. " * 200 + "A glacier is cold.")
    assert about > 0.9
    assert mention < 0.3
    assert relevance((), "x", "y") == 0.0

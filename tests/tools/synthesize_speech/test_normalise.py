"""What is said for what is written, and that every display word keeps its place."""

import pytest

from tools.synthesize_speech.normalise import Unspeakable, read_as, read_text, spoken_text

READINGS = [
    ("The storm hit 3,000 homes.", "The storm hit three thousand homes."),
    ("On May 5, 2024, it began.", "On May fifth, twenty twenty four, it began."),
    ("It began on 5 May 1905.", "It began on the fifth of May nineteen oh five."),
    ("On 2024-05-06 it rained.", "On May sixth twenty twenty four it rained."),
    ("He left at 3:45 p.m. today.", "He left at three forty five P M today."),
    ("It opens at 10 a.m. and 7pm.", "It opens at ten ay M and seven P M."),
    ("At 12:00 and 15:30 it rang.", "At twelve o'clock and fifteen thirty it rang."),
    ("From 1914–1918 there was war.", "From nineteen fourteen to nineteen eighteen there was war."),
    ("In 1066 the 1,066 men won.", "In ten sixty six the one thousand sixty six men won."),
    ("About 1500 people came in 1500.", "About one thousand five hundred people came in fifteen hundred."),
    ("The 1990s and the ’80s.", "The nineteen nineties and the eighties."),
    ("It cost $3.5 million, or $1.50 each.", "It cost three point five million dollars, or one dollar and fifty cents each."),
    ("She paid $5bn, €20 and £1.", "She paid five billion dollars, twenty euros and one pound."),
    ("It rose 5–10% and then 2.5%.", "It rose five to ten percent and then two point five percent."),
    ("At 100 km/h over 5 km² of land.", "At one hundred kilometers per hour over five square kilometers of land."),
    ("It was -5°C, not 1 °C.", "It was minus five degrees Celsius, not one degree Celsius."),
    ("12 µg/m3 and 250 kWh.", "twelve micrograms per cubic meter and two hundred fifty kilowatt hours."),
    ("1/2 of it, 3/4 of that, 2½ more.", "one half of it, three quarters of that, two and a half more."),
    ("The 21st century, the XIX century.", "The twenty first century, the nineteenth century."),
    ("Henry VIII, World War II, Elizabeth I.", "Henry the eighth, World War two, Elizabeth the first."),
    ("Dr. Smith vs. Mr. Jones, e.g. here.", "doctor Smith versus mister Jones, for example here."),
    ("St. John lives on Main St.", "saint John lives on Main street."),
    ("See No. 5 and #1.", "See number five and number one."),
    ("NASA and USGS in the U.S. agree.", "nasa and U S G S in the U S agree."),
    ("NASA's CEOs.", "nasa's C E O's."),
    ("Visit https://www.nasa.gov/artemis today.", "Visit nasa dot gov today."),
    ("COVID-19 and F-16 and CO2.", "covid nineteen and F sixteen and C O two."),
    ("A 15th-century, 10,000-year-old find.", "A fifteenth century, ten thousand year old find."),
    ("Rock & roll, and/or >50 others.", "Rock and roll, and or more than fifty others."),
    ("He asked—then left…", "He asked, then left."),
    ("Agent 007 and the α particle.", "Agent zero zero seven and the alpha particle."),
    ("Xi visited São Paulo's coast.", "shee visited São Paulo's coast."),
    ("It ended (so they say) there.", "It ended, so they say, there."),
    ("A well-known “quoted” word", "A well known quoted word."),
    ("[[raw]] brackets do not reach the voice.", "raw brackets do not reach the voice."),
]


@pytest.mark.parametrize(("written", "said"), READINGS)
def test_a_written_form_is_said_as_people_say_it(written: str, said: str) -> None:
    assert spoken_text(read_text(written)) == said


@pytest.mark.parametrize("written", [written for written, _ in READINGS])
def test_every_display_word_keeps_its_place_and_its_spelling(written: str) -> None:
    plain = written.replace("[[", "").replace("]]", "")
    assert " ".join(token.display for token in read_text(written)) == " ".join(plain.split())


def test_words_that_share_one_number_each_say_their_part() -> None:
    assert [token.words for token in read_text("$3 million in 5 km")] == [("three",), ("million", "dollars"), ("in",), ("five",), ("kilometers",)]


def test_a_dash_standing_alone_joins_the_word_before_it() -> None:
    assert [token.display for token in read_text("the storm — which grew — ended")] == ["the", "storm —", "which", "grew —", "ended"]


def test_a_foreign_name_in_brackets_is_shown_and_not_said() -> None:
    tokens = read_text("Beijing (北京) grew.")
    assert [(token.display, token.words) for token in tokens] == [("Beijing (北京)", ("Beijing",)), ("grew.", ("grew",))]


@pytest.mark.parametrize("text", ["Москва выросла.", "北京很大。", "The word Київ stands here."])
def test_another_script_is_refused_with_the_word(text: str) -> None:
    with pytest.raises(Unspeakable, match="not Latin"):
        read_text(text)


@pytest.mark.parametrize("text", ["", "   ", "— … !!!", "()"])
def test_nothing_to_say_gives_no_word(text: str) -> None:
    assert read_text(text) == ()


def test_a_channel_extends_and_overrides_the_lexicon() -> None:
    assert spoken_text(read_text("Xi met Zhao.", {"Xi": "zee", "Zhao": "/dʒˈaʊ/"})) == "zee met [[dʒˈaʊ]]."


def test_a_spoken_form_is_spread_over_the_words_that_are_shown() -> None:
    tokens = read_as("E = mc² rules", "energy equals mass times light squared rules")
    assert [token.display for token in tokens] == ["E", "mc²", "rules"]
    assert [word for token in tokens for word in token.words] == ["energy", "equals", "mass", "times", "light", "squared", "rules"]
    assert all(token.words for token in tokens)

"""Which picture a sentence asks for, and what the description holds."""

from pathlib import Path

import pytest

from agents.scriptwriter import Input, compose_description, run
from agents.scriptwriter.policy import choose_template, load_templates
from agents.scriptwriter.visuals import direct, focus_of
from memory.artifacts import Chapter, DataPoint, DataSeries, Provenance
from memory.personality import load_personalities
from tests.fixtures.scripting import make_brief, make_context, make_document, make_personality
from tools.write_text.tasks import DraftBeat, DraftSentence

SERIES = DataSeries(
    title="Ships per year", unit="ships", points=(DataPoint(label="2020", value=3), DataPoint(label="2021", value=5)), source_url="https://example.org"
)


def beat(*texts: str) -> DraftBeat:
    return DraftBeat(heading="Heading", sentences=tuple(DraftSentence(text=text, role="fact", citations=("d#1",)) for text in texts))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("The lamp reached 38 kilometers across the water.", "number"),
        ("In 1901 the tower burned, and in 1921 it was rebuilt by the council.", "timeline"),
        ("The crew carried lamps such as oil, gas, wax and electric ones.", "list"),
        ("The new lamp is much brighter and lasts longer than the old one.", "comparison"),
        ("Jonas Reed said: “The lamp has never failed on a winter night.”", "quote"),
        ("The tower is located in Orla near the coast of Varn.", "map"),
        ("The keepers painted the door with care.", "picture"),
    ],
)
def test_the_picture_follows_what_the_sentence_says(text: str, kind: str) -> None:
    row = direct([beat("A calm opening without figures stands here.", text)], [], "Title")[0]
    assert row[1].kind == kind
    assert row[1].focus


def test_a_figure_keeps_its_unit_and_a_series_becomes_a_chart_once() -> None:
    row = direct(
        [beat("A calm opening stands here.", "More than 900 ships passed.", "Ships per year went up.", "Ships per year kept rising.")], [SERIES], "Title"
    )[0]
    assert row[1].data["number"] == "900"
    assert row[1].data["unit"] == "ships"
    assert [one.kind for one in row[2:]].count("chart") == 1


def test_a_headline_is_short_and_starts_with_the_point() -> None:
    assert focus_of("During the long winter of that year, the keepers of the tower stayed awake all night to feed the lamp.").startswith("The keepers")
    assert len(focus_of("word " * 40).split()) <= 10


async def test_the_description_names_sources_licence_voice_and_fits_the_limit(tmp_path: Path) -> None:
    brief = make_brief(make_document(licence="CC-BY-SA"), *(make_document(f"Filler number {n} says nothing new here.", name=f"filler{n}") for n in range(120)))
    output = await run(Input(brief=brief), make_context(tmp_path))
    chapters = [Chapter(start_s=0, title="A"), Chapter(start_s=15, title="B"), Chapter(start_s=75, title="C <now>")]
    text = compose_description(output.script, brief, make_personality(), chapters, Provenance.DEMO)
    assert text.startswith("DEMO")
    assert "1:15 C ‹now›" in text
    assert "CC BY-SA 4.0" in text
    assert "AI-generated voice" in text
    assert "https://example.org/varn" in text
    assert len(text.encode()) <= 5000


@pytest.mark.parametrize("channel", sorted(load_personalities()))
def test_every_channel_has_a_template_for_its_style(channel: str) -> None:
    personality = load_personalities()[channel]
    styles = {style for template in load_templates().values() for style in (template.id, *template.styles)}
    assert personality.script_template in styles
    template, decision = choose_template(make_brief(), personality, 60)
    assert template.id in load_templates()
    assert decision.scores[template.id] == max(decision.scores.values())


@pytest.mark.parametrize("template", sorted(load_templates()))
def test_template_transitions_state_no_number(template: str) -> None:
    lines = [line for plan in load_templates()[template].beats for line in plan.transitions]
    assert not [line for line in lines if any(sign.isdigit() for sign in line)]
    assert all(plan.transitions for plan in load_templates()[template].beats[1:])

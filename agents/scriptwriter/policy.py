"""Pure decisions of the scriptwriter: which template, which rights, which words to change, and the review itself."""

import tomllib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from agents.scriptwriter.evidence import AGENT, full_passages
from agents.scriptwriter.rubric import measure
from agents.scriptwriter.schemas import Input, Review
from agents.scriptwriter.visuals import direct
from memory.artifacts import Beat, Brief, Decision, Passage, Script, Sentence
from memory.personality import Personality
from memory.rights import Rights
from tools.write_text.offline.titles import LIMIT
from tools.write_text.schema import OFFLINE, WriteTextResult
from tools.write_text.tasks import ScriptDraft, Template

REPEAT = 0.9
HOW_TAKEN, WHO_WRITES = "How were a person's words taken?", "Who writes?"
_SHARE_ALIKE_URL = "https://creativecommons.org/licenses/by-sa/4.0/"


@cache
def load_templates() -> dict[str, Template]:
    """Read every shipped script template, by id."""
    folder = files("agents.scriptwriter") / "templates"
    loaded = [Template.model_validate(tomllib.loads(entry.read_text("utf-8"))) for entry in folder.iterdir() if entry.name.endswith(".toml")]
    return {template.id: template for template in sorted(loaded, key=lambda one: one.id)}


def choose_template(brief: Brief, personality: Personality, seconds: int) -> tuple[Template, Decision]:
    """Return the template that suits the channel's style, the topic's niche, the evidence and the duration, and why."""
    text = " ".join(document.text[:3000] for document in brief.documents).lower()
    scores = {}
    for template in load_templates().values():
        style = 1.0 * (personality.script_template in {template.id, *template.styles})
        niche = 1.1 * (brief.category.lower() in template.categories)
        signs = 0.6 * sum(sign in text for sign in template.signs) / max(1, len(template.signs))
        asked = 0.8 * any(sign in brief.topic.lower() for sign in template.signs)
        fits = 0.0 if template.min_seconds <= seconds <= template.max_seconds else -2.0
        scores[template.id] = round(style + niche + signs + asked + fits, 3)
    chosen = max(scores, key=lambda name: (scores[name], name))
    template = load_templates()[chosen]
    reasons = (
        f"style of {personality.name}: {personality.script_template}",
        f"category: {brief.category or 'none'}",
        f"{seconds} s fits {template.min_seconds} to {template.max_seconds} s",
    )
    others = tuple(sorted((name for name in scores if name != chosen), key=lambda name: -scores[name])[:3])
    return template, Decision(agent=AGENT, question="Which script template?", choice=template.title, reasons=reasons, alternatives=others, scores=scores)


def build_script(draft: ScriptDraft, brief: Brief, passages: Sequence[Passage], template: Template, writer: str) -> Script:
    """Return the script of a draft: ids, visual direction, rights and credits are added here, whoever wrote it."""
    titles = tuple(title[:LIMIT] for title in draft.titles if title.strip()) or (brief.topic[:LIMIT],)
    series = [one for document in brief.documents for one in document.series]
    visuals = direct(draft.beats, series, titles[0])
    beats = tuple(
        Beat(
            id=f"b{number + 1}",
            heading=beat.heading,
            sentences=tuple(
                Sentence(id=f"b{number + 1}s{place + 1}", text=one.text, role=one.role, citations=one.citations, visual=visuals[number][place])
                for place, one in enumerate(beat.sentences)
            ),
        )
        for number, beat in enumerate(draft.beats)
    )
    cited = _cited(beats, passages)
    return Script(
        title=titles[0],
        title_candidates=titles,
        beats=beats,
        tags=_bounded(draft.tags),
        template=template.id,
        rights=script_rights(cited, extract=writer == "offline"),
        credits=credit_lines(cited),
        writer=writer,
    )


def script_rights(cited: Sequence[Passage], extract: bool) -> Rights:
    """Return the licence the script's text carries: share-alike as soon as one sentence of a share-alike source is in it."""
    shared = [passage for passage in cited if passage.rights.share_alike and passage.rights.quotable]
    if extract and shared:
        return Rights(licence="CC-BY-SA", licence_name="CC BY-SA 4.0", licence_url=_SHARE_ALIKE_URL, credit="; ".join(credit_lines(shared)))
    return Rights(licence="OWN", licence_name="All rights reserved by the channel; quoted sentences keep their sources' licences")


def credit_lines(cited: Sequence[Passage]) -> tuple[str, ...]:
    """Return one line per document whose sentences are used: title, publisher, licence, address."""
    lines: dict[str, str] = {}
    for passage in cited:
        licence = passage.rights.licence_name or passage.rights.licence
        url = passage.rights.source_url or passage.url
        who = passage.rights.credit or f"“{passage.title}”, {passage.publisher}"
        lines.setdefault(passage.document_id, f"{who} ({licence}) {url}".strip())
    return tuple(lines.values())


def writer_decision(result: WriteTextResult, fallback: str) -> Decision:
    """Return who wrote and at what cost, and, when another writer had to stand in, for whom and why."""
    reasons = [f"{result.input_tokens} tokens read ({result.cache_read_tokens} of them cached), {result.output_tokens} written"] if result.output_tokens else []
    if result.degraded_from:
        reasons += [f"{result.degraded_from} failed: {result.degraded_why}", f"the channel's writing_fallback is {fallback!r}"]
    reasons = reasons or ["no language model is configured; sentences are taken over from quotable sources"]
    wanted = (result.degraded_from,) if result.degraded_from else ()
    scores = {"cost_usd": result.cost_micro_usd / 1e6} if result.cost_micro_usd else {}
    return Decision(agent=AGENT, question=WHO_WRITES, choice=result.writer, reasons=tuple(reasons), alternatives=wanted, scores=scores)


def understanding(task: Input, said: str, writer: str) -> tuple[Decision, ...]:
    """Return how the writer took what people asked for in words: its own account, or that it reads none; nothing where nobody asked."""
    if not task.notes:
        return ()
    unread = "the words were not read: without a language model the script is composed anew from other sentences of its sources"
    taken = said.strip() or (unread if writer == OFFLINE else "the writer gave no account of it")
    return (Decision(agent=AGENT, question=HOW_TAKEN, choice=taken, reasons=tuple(f"asked: {note}" for note in task.notes)),)


def choose_title(script: Script) -> Decision:
    """Return the decision about the title, for `decisions.json`."""
    return Decision(
        agent=AGENT,
        question="Which title?",
        choice=script.title,
        reasons=("names the subject, fits a phone screen, says only what the script says",),
        alternatives=script.title_candidates[1:],
    )


def avoided(task: Input) -> tuple[str, ...]:
    """Return the passages a revision must do without: those of sentences a review found unsupported or out of place."""
    if task.previous is None or task.review is None:
        return ()
    wanted = {
        one
        for item in (*task.review.blocking, *task.review.suggestions)
        if item.criterion in {"support", "rights", "pacing", "relevance", "coherence", "sameness"}
        for one in item.sentence_ids
    }
    return tuple(sentence.citations[-1] for sentence in task.previous.sentences if sentence.id in wanted and sentence.citations)


def avoided_hooks(task: Input, earlier: Sequence[str]) -> tuple[str, ...]:
    """Return openings not to use: those of earlier videos, and one that a review called weak."""
    weak = task.previous is not None and task.review is not None and any(item.criterion == "hook" for item in task.review.suggestions)
    return (*earlier, *((task.previous.sentences[0].text,) if weak and task.previous is not None else ()))


def feedback(task: Input) -> tuple[str, ...]:
    """Return what a review and people asked for, as lines for a writer."""
    if task.review is None:
        return task.notes
    return (*task.notes, *(f"{item.criterion}: {item.text}" for item in (*task.review.blocking, *task.review.suggestions)))


def review(script: Script, brief: Brief, personality: Personality, seconds: int) -> Review:
    """Return the independent review of a script against its brief; pure, so that a graph may call it anywhere."""
    return measure(script, brief, full_passages(brief), personality, seconds)


def _cited(beats: Sequence[Beat], passages: Sequence[Passage]) -> list[Passage]:
    wanted = {cited for beat in beats for sentence in beat.sentences for cited in sentence.citations}
    return [passage for passage in passages if passage.id in wanted]


def _bounded(tags: Sequence[str]) -> tuple[str, ...]:
    kept: list[str] = []
    for tag in tags:
        if tag and len(tag) <= 60 and sum(len(one) + 3 for one in kept) + len(tag) <= 480:
            kept.append(tag)
    return tuple(kept)

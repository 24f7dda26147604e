"""Gathers what could be shown: pictures at hand, those found where there is a network, and the things that each sentence names."""

import asyncio

import numpy as np

from agents.base import AgentContext
from agents.thumbnail_designer import painting
from agents.thumbnail_designer.naming import judged, plainly_named
from agents.thumbnail_designer.schemas import Candidate, IllustrateInput, NamedThing, Snapshot
from infra.errors import StudioError
from memory.artifacts import Picture, Sentence
from tools.drawing.motifs import load_motifs
from tools.embed_text.schema import SPEC as EMBED_TEXT
from tools.embed_text.schema import EmbedTextArgs
from tools.find_picture.schema import SPEC as FIND_PICTURE
from tools.find_picture.schema import FindPictureArgs, FindPictureResult
from tools.generate_picture.schema import SPEC as GENERATE_PICTURE
from tools.lexical import content_terms, share_of
from tools.paint_picture.schema import SPEC as PAINT_PICTURE
from tools.paint_picture.schema import PaintPictureArgs
from tools.read_media.schema import SPEC as READ_MEDIA
from tools.read_media.schema import ReadMediaArgs

SEARCHED_SENTENCES = 8
SEARCH_BUDGET_S = 12.0
SAME_DOCUMENT = 0.25
_AT_ONCE = 300


async def gather(task: IllustrateInput, ctx: AgentContext) -> Snapshot:
    """Return every picture with its fit to the sentences and, where the task `paints` or `buys`, generated ones for sentences that none fits.

    A failed search or painting is noted and the others still count.
    """
    found = await _found(task, ctx)
    if not (task.paints or task.buys):
        return found
    wanted = painting.wanted(task.script, found.candidates)
    answers = await asyncio.gather(*(_paint(one, task, ctx) for one in wanted))
    painted = [candidate for candidate, _ in answers if candidate is not None]
    return found.model_copy(update={"candidates": (*found.candidates, *painted), "looked_at": (*found.looked_at, *(note for _, note in answers))})


async def _found(task: IllustrateInput, ctx: AgentContext) -> Snapshot:
    shelf, set_aside = await _own_folder(task, ctx)
    own = (*shelf, *(picture for picture in task.pictures if _is_own(picture, task)))
    prefers = ctx.personality.own_media == "first"
    at_hand = [
        Candidate(sentence_id=one.id, picture=picture, fit=fit_of(one, picture), first=prefers and _is_own(picture, task))
        for one in task.script.sentences
        for picture in (*shelf, *task.pictures)
    ]
    named = await _named(task, ctx)
    if not task.brief.network and not own:
        return Snapshot(candidates=tuple(at_hand), looked_at=("no network: only the pictures at hand", *set_aside), named=named)
    wanted = _to_search(task)
    answers = await asyncio.gather(*(_search(one, own, task, ctx) for one in wanted))
    mine = {picture.digest for picture in own}
    found = [
        Candidate(sentence_id=sentence.id, picture=picture, fit=round(min(1.0, picture.relevance or 0.0), 3), first=prefers and picture.digest in mine)
        for sentence, (result, _) in zip(wanted, answers, strict=True)
        if result is not None
        for picture in result.pictures
    ]
    return Snapshot(candidates=(*at_hand, *found), looked_at=(*(note for _, note in answers), *set_aside), named=named)


def _to_search(task: IllustrateInput) -> list[Sentence]:
    """Return the sentences to look for: those that wish for a picture first, then the others, whose second view may be one."""
    cited = [one for one in task.script.sentences if one.citations]
    chosen = sorted(cited, key=lambda one: one.visual.kind not in {"picture", "any", "map"})[:SEARCHED_SENTENCES]
    return [one for one in cited if one in chosen]


def _is_own(picture: Picture, task: IllustrateInput) -> bool:
    return task.own or picture.rights.licence == "OWN"


async def _own_folder(task: IllustrateInput, ctx: AgentContext) -> tuple[tuple[Picture, ...], tuple[str, ...]]:
    """Return the channel's own pictures and clips, and what of its folder cannot be shown, with reasons."""
    if task.own_folder is None:
        return (), ()
    try:
        result = await ctx.call(READ_MEDIA, ReadMediaArgs(folder=task.own_folder))
    except StudioError as error:
        return (), (f"own media: the folder was not read ({error.message})",)
    return result.pictures, tuple(f"own media set aside: {one}" for one in result.skipped)


def fit_of(sentence: Sentence, picture: Picture) -> float:
    """Score 0..1 how well a picture's caption answers a sentence; a picture of the cited document gains a little."""
    terms = content_terms(f"{sentence.visual.focus} {sentence.text}")
    fit = share_of(terms, picture.caption) if terms else 0.0
    cited = {citation.rpartition("#")[0] for citation in sentence.citations}
    return round(min(1.0, fit + (SAME_DOCUMENT if picture.document_id in cited else 0.0)), 3)


async def _named(task: IllustrateInput, ctx: AgentContext) -> tuple[NamedThing, ...] | None:
    """Judge by meaning what each sentence names; without the embedding, None leaves it to plain words."""
    motifs = load_motifs()
    sentences = [one for one in task.script.sentences if one.citations or one.role != "transition"]
    story = plainly_named(f"{task.script.title} {task.brief.topic}")
    named: list[NamedThing] = []
    for start in range(0, len(sentences), _AT_ONCE):
        part = sentences[start : start + _AT_ONCE]
        try:
            answer = await ctx.call(EMBED_TEXT, EmbedTextArgs(texts=(*(motif.about for motif in motifs.values()), *(one.text for one in part))))
        except StudioError:
            return None
        vectors = np.asarray(answer.vectors, np.float32)
        near = vectors[len(motifs) :] @ vectors[: len(motifs)].T
        for one, row in zip(part, near, strict=True):
            named += judged(one.id, one.text, dict(zip(motifs, map(float, row), strict=True)), story)
    return tuple(named)


async def _search(sentence: Sentence, own: tuple[Picture, ...], task: IllustrateInput, ctx: AgentContext) -> tuple[FindPictureResult | None, str]:
    """Look for pictures of a sentence among the user's own and, where there is a network, outside."""
    places = {} if task.brief.network else {"vendors": ()}
    asked = {"sentence": sentence.text[:1000], "topic": task.brief.topic, "own": own, "budget_s": SEARCH_BUDGET_S, **places}
    args = FindPictureArgs.model_validate(asked | {"share_alike": task.script.rights.share_alike})
    try:
        result = await ctx.call(FIND_PICTURE, args)
    except StudioError as error:
        return None, f"{sentence.id}: the search failed ({error.message})"
    looks = [f"{look.where}: {look.status}, {look.kept} kept" for look in result.looked_at] or [f"own media: {len(result.pictures)} fit"]
    return result, f"{sentence.id}: {', '.join(looks)}"


async def _paint(sentence: Sentence, task: IllustrateInput, ctx: AgentContext) -> tuple[Candidate | None, str]:
    asked = painting.wish(sentence, ctx.personality, task.format, ctx.seed)
    try:
        picture, made_by = await _painted(asked, ctx) if task.paints else await _bought(asked, ctx)
    except StudioError as error:
        return None, f"{sentence.id}: no generated picture ({error.message})"
    candidate = Candidate(sentence_id=sentence.id, picture=picture, fit=painting.PAINTED_FIT)
    return candidate, f"{sentence.id}: generated picture ({made_by}), because no picture at hand fits"


async def _painted(asked: PaintPictureArgs, ctx: AgentContext) -> tuple[Picture, str]:
    result = await ctx.call(PAINT_PICTURE, asked)
    return result.picture, f"{result.model}, safety: {result.safety}"


async def _bought(asked: PaintPictureArgs, ctx: AgentContext) -> tuple[Picture, str]:
    result = await ctx.call(GENERATE_PICTURE, painting.order(asked))
    return result.picture, f"{result.model}, bought"

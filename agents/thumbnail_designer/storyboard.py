"""Turns slots and choices into tool calls and, with their layers, into a storyboard."""

import re
from collections.abc import Sequence

from agents.thumbnail_designer.naming import plainly_named
from agents.thumbnail_designer.phrases import clipped, compact, echoes, headline, repeats, strongest, terms
from agents.thumbnail_designer.rhythm import PICTURED, Choice
from agents.thumbnail_designer.saying import key_phrase, label
from agents.thumbnail_designer.subjects import View, Views, subject_of
from agents.thumbnail_designer.timing import Slot
from agents.thumbnail_designer.wording import data_scene
from memory.artifacts import Brief, Decision, Format, Script, Shot, SourceDocument
from memory.personality import Personality
from tools.drawing.motifs import load_motifs
from tools.make_visual.schema import MakeVisualArgs, MakeVisualResult, Scene, SceneItem

AGENT = "thumbnail_designer"
TRANSITION_S = 0.3
_DATA_ZOOM, _PICTURE_ZOOM = 1.04, 1.075
_CARD_SOURCES = 5
# Fewer words say too little for the first thing seen; the story's title stands there instead.
_OPENING_WORDS = 4
_SAID = frozenset({"hook", "fact", "quote"})
_PARTING = frozenset({"closing", "call_to_action"})
# What one or two lines of the end card hold in the narrowest of the layouts.
_LABEL_CHARS, _LINE_CHARS = 72, 46


def draw_calls(slots: Sequence[Slot], choices: Sequence[Choice], script: Script, brief: Brief, look: tuple[Personality, Format, int]) -> list[MakeVisualArgs]:
    """Return what each shot asks of the drawing tool, in shot order; no illustration appears twice."""
    personality, frame, seed = look
    views = Views(brief.category, seed)
    story = next(iter(plainly_named(f"{script.title} {brief.topic}")), "")
    calls: list[MakeVisualArgs] = []
    for index, (slot, choice) in enumerate(zip(slots, choices, strict=True)):
        motif = choice.motif or (story if _tells_the_story(slot, choice) else "")
        view = views.of(motif) if motif else View(subject_of(script.title, brief.category))
        scene = scene_of(slot, choice, script, brief, personality)
        if choice.kind == "picture" and scene.title in {call.scene.title for call in calls}:
            scene = Scene()
        calls.append(
            MakeVisualArgs(
                kind=choice.kind,
                scene=scene,
                look=personality.look,
                channel=personality.name,
                format=frame,
                picture=choice.picture.digest if choice.picture else None,
                clip=choice.picture.clip if choice.picture else None,
                credit=clipped(_credit(choice), 16),
                subject=view.subject,
                motif=view.motif,
                composition=view.composition,
                bare=not motif and choice.kind not in PICTURED,
                mark=f"fig. {index + 1:02d}",
                seed=seed * 1000 + index,
            )
        )
    return calls


def _tells_the_story(slot: Slot, choice: Choice) -> bool:
    """Say whether a shot stands for the whole story: the opener does, a later chapter card and the parting words, but not the first card, which follows it."""
    chapter = slot.sentences[0].visual.data.get("chapter")
    opens = choice.kind == "title" and isinstance(chapter, int) and chapter > 1
    parts = choice.kind == "title" and slot.sentences[0].role in _PARTING
    return choice.picture is None and (choice.kind == "opener" or opens or parts)


def scene_of(slot: Slot, choice: Choice, script: Script, brief: Brief, personality: Personality) -> Scene:
    """Return what a shot says: its direction's data, terms of the words spoken in it, or a headline cut from them."""
    if choice.kind == "closing":
        return _card(script, brief, personality)
    if choice.kind == "chain":
        return Scene(title=strongest(choice.terms), items=tuple(SceneItem(text=term, own=term == strongest(choice.terms)) for term in choice.terms))
    if choice.kind == "phrase":
        return Scene(title=compact(next(iter(choice.terms), "") or headline(slot.words, 9)))
    for sentence in slot.sentences:
        scene = data_scene(sentence, choice.kind)
        if scene is not None:
            # The opener has shown the story's title already: its first chapter card names what the story is about.
            again = choice.kind == "title" and scene.title == headline(script.title, 10)
            scene = scene.model_copy(update={"title": compact(_subject(script) or script.beats[slot.beat].heading or brief.topic)}) if again else scene
            return _unlike_caption(scene, slot, script, personality)
    first = slot.sentences[0]
    if choice.kind == "opener":
        wished = headline(first.visual.focus or slot.words, 10)
        repeats = first.role == "transition" or echoes(wished, slot.words) or len(wished.split()) < _OPENING_WORDS
        return Scene(title=headline(script.title, 10) if repeats else wished, kicker=clipped(brief.category, 3))
    if choice.kind == "picture":
        return Scene(title=picture_label(slot, choice, script, brief))
    point = key_phrase(slot.words, first.text) or (_subject(script) if slot.part else "") or headline(slot.words, 12)
    plain = Scene(title=compact(point))
    return _unlike_caption(plain, slot, script, personality)


def _unlike_caption(scene: Scene, slot: Slot, script: Script, personality: Personality) -> Scene:
    """Return a headline's scene; one that only repeats the caption becomes a term of the words, at the end of the video the channel's line."""
    first = slot.sentences[0]
    # A figure keeps the words it counts, heard or not: alone it says nothing.
    if scene.items or scene.number and first.visual.kind != "title" or not echoes(scene.title, slot.words):
        return scene
    parting = (headline(script.title, 10), clipped(personality.tagline, 10), personality.name) if first.role in _PARTING else ()
    own = (
        *parting,
        key_phrase(slot.words, first.text) if first.role != "transition" else strongest(terms(slot.words)),
        script.beats[slot.beat].heading if first.role == "transition" else "",
    )
    wished = next((one for one in own if one and (first.role in _SAID or not repeats(one, slot.words) or one in terms(slot.words))), "")
    return scene.model_copy(update={"title": compact(wished)}) if wished else scene


def picture_label(slot: Slot, choice: Choice, script: Script, brief: Brief) -> str:
    """Return the words beside a picture when they name what it shows; a picture of something else than they say goes without."""
    if choice.picture is not None:
        caption = choice.picture.caption.lower()
        return compact(strongest(tuple(term for term in terms(slot.words) if term.lower() in caption)))
    if not choice.motif:
        return ""
    motif = load_motifs()[choice.motif]
    about = f"{script.title} {brief.topic}"
    return label(slot.words, motif.words | motif.cues, about if choice.motif in plainly_named(about) else "")


def _subject(script: Script) -> str:
    """Return what a story's title is about: what stands before its first comma, colon or dash, else its strongest term."""
    name = re.split(r",|: | - ", script.title)[0]
    return name if len(name.split()) <= 3 and name != script.title else strongest(terms(script.title))


def plain_call(call: MakeVisualArgs) -> MakeVisualArgs:
    """Return a simpler shot for a scene that could not be set: its headline alone, shortened."""
    title = headline(call.scene.title or call.scene.number or call.channel, 10)
    kind = call.kind if call.kind in {"picture", "opener"} else "title"
    return call.model_copy(update={"kind": kind, "scene": Scene(title=title), "picture": None, "clip": None, "credit": "", "bare": True})


def shot_of(index: int, slot: Slot, choice: Choice, call: MakeVisualArgs, drawn: MakeVisualResult) -> Shot:
    """Return the shot: calm motion that alternates direction, a short fade where a chapter opens, else a cut."""
    top = _PICTURE_ZOOM if drawn.treatment in {"full", "illustration"} and call.kind in {"picture", "opener", "title"} else _DATA_ZOOM
    grows = index % 2 == 0
    sway = ((0.3, 0.1), (-0.3, 0.15), (0.2, -0.15), (-0.2, -0.1))[index % 4]
    fades = index > 0 and (slot.opens_beat or slot.card)
    return Shot(
        id=f"shot{index + 1:02d}",
        sentence_ids=tuple(sentence.id for sentence in slot.sentences),
        start_s=round(slot.start_s, 3),
        end_s=round(slot.end_s, 3),
        kind=call.kind,
        layers=drawn.layers,
        zoom_from=1.0 if grows else top,
        zoom_to=top if grows else 1.0,
        pan=sway,
        transition="fade" if fades else "cut",
        transition_s=TRANSITION_S if fades else 0.0,
        reason="; ".join(choice.reasons),
        credit=_credit(choice),
        scene={
            "treatment": drawn.treatment,
            "contrast": drawn.contrast,
            "subject": call.subject,
            "motif": call.motif,
            **call.scene.model_dump(mode="json", exclude_defaults=True),
        },
    )


def decision_of(shot: Shot, slot: Slot, choice: Choice) -> Decision:
    """Record why this visual serves these words."""
    return Decision(
        agent=AGENT,
        question=f"What is seen from {shot.start_s:.1f} s while “{clipped(slot.words, 14)}” is heard?",
        choice=f"{shot.kind} ({shot.scene['treatment']})",
        reasons=choice.reasons,
        alternatives=choice.alternatives,
        scores={"seconds": round(slot.seconds, 2), "fit": choice.fit, "contrast": float(shot.scene["contrast"])},
    )


def _credit(choice: Choice) -> str:
    if choice.picture is None:
        return ""
    rights = choice.picture.rights
    # One's own needs no name under it; the code of a licence is no credit to anybody.
    return rights.credit or rights.licence_name or ("" if rights.licence == "OWN" else rights.licence)


def _card(script: Script, brief: Brief, personality: Personality) -> Scene:
    cited = {citation.rpartition("#")[0] for sentence in script.sentences for citation in sentence.citations}
    sources = [document for document in brief.documents if document.id in cited] or list(brief.documents)
    items = [_source(document) for document in sources[:_CARD_SOURCES]]
    credits = [credit for credit in script.credits if not any(_bare(item.label) in credit or item.text in credit for item in items)]
    items += [_credited(credit) for credit in credits[: max(0, _CARD_SOURCES - len(items))]]
    heard = script.sentences[-1].text
    title = next((one for one in (clipped(personality.tagline, 10), personality.name) if not repeats(one, heard)), "Sources and credits")
    return Scene(title=title, kicker="Sources" if title != "Sources and credits" else "", items=tuple(items) or (SceneItem(label=personality.name),))


def _source(document: SourceDocument) -> SceneItem:
    year = f", {document.published.year}" if document.published else ""
    licence = document.rights.licence_name or document.rights.licence
    return SceneItem(
        label=_within(clipped(document.title, 14), _LABEL_CHARS),
        text=_bare(_within(f"{document.publisher}{year}", _LINE_CHARS - len(licence))) + f" · {licence}",
    )


def _credited(credit: str) -> SceneItem:
    """Return a credit as who and what: `facts: Agency, A study of lakes` names the agency, then the study."""
    who, _, what = credit.partition(", ")
    if not what or len(credit) <= _LINE_CHARS:
        return SceneItem(label=_within(credit, _LABEL_CHARS))
    return SceneItem(label=_within(compact(who), _LABEL_CHARS), text=_within(what, _LINE_CHARS))


def _bare(text: str) -> str:
    return text.removesuffix(" …")


def _within(text: str, chars: int) -> str:
    """Return whole words of a text up to so many characters, at least the first; a cut shows."""
    words = text.split()
    while len(words) > 1 and len(" ".join(words)) > chars:
        words.pop()
    kept = clipped(" ".join(words), len(words))
    return kept if len(words) == len(text.split()) else f"{kept} …"

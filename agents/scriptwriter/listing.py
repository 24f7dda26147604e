"""Composes a video's description: what it says, chapters, sources, credits, licence and disclosure, within the platform's bytes."""

import re
from collections.abc import Sequence

from memory.artifacts import Brief, Chapter, Provenance, Script
from memory.personality import Personality

MAX_BYTES = 5000
OFFLINE = "offline"
_CHAPTERS = 3
_DISCLOSURE = "The narration is an AI-generated voice. Words and pictures were assembled automatically from the sources below."
LABELS = {
    Provenance.DEMO: "DEMO: made from a demonstration corpus, not from live reporting.",
    Provenance.REHEARSAL: "REHEARSAL: not meant for publication.",
    Provenance.SIMULATED: "SIMULATED: made in a simulation.",
}


def compose_description(script: Script, brief: Brief, personality: Personality, chapters: Sequence[Chapter], provenance: Provenance) -> str:
    """Return the description, at most 5000 bytes of UTF-8 without angle brackets.

    Label, lead, disclosure, licence and credits are never cut; when space runs out, further sources and tags are, and the text says so.
    """
    lead = _lead(script, told=len(chapters) < _CHAPTERS)
    head = [*([LABELS[provenance]] if provenance in LABELS else []), *lead, f"{personality.name}: {personality.tagline}"]
    marks = [f"{_stamp(chapter.start_s)} {chapter.title}" for chapter in chapters]
    parts = [
        "\n".join(head),
        "\n".join(["Chapters", *marks]) if len(marks) >= _CHAPTERS else "",
        _licence(script),
        _DISCLOSURE,
        "\n".join(["Sources and credits", *script.credits]),
    ]
    further = [
        f"{document.title}, {document.publisher}: {document.url}"
        for document in brief.documents
        if not document.retracted and document.id not in script.withheld and not any(document.url in line for line in script.credits)
    ]
    text = _safe("\n\n".join(part for part in parts if part))
    return _with_rest(text, [_safe(line) for line in further], hashtags(script.tags))


def _lead(script: Script, told: bool) -> list[str]:
    """Return what the viewer reads first: how the video opens and, where no chapters tell it, what it goes on to."""
    opening = [sentence.text for sentence in script.sentences if sentence.citations][:2]
    topics = list(dict.fromkeys(beat.heading for beat in script.beats))
    goes_on = f"In this video: {', '.join(topics[:-1])} and {topics[-1]}." if told and len(topics) > 1 else ""
    return [" ".join(opening), *([goes_on] if goes_on else [])]


def hashtags(tags: Sequence[str]) -> str:
    """Return three hashtags at most: the subject and, before single words, what names something by itself."""
    ranked = [*tags[:1], *(tag for tag in tags[1:] if " " in tag), *(tag for tag in tags[1:] if " " not in tag)]
    return " ".join(f"#{re.sub(r'[^A-Za-z0-9]', '', tag)}" for tag in ranked[:3])


def _with_rest(text: str, further: Sequence[str], hashtags: str) -> str:
    room = MAX_BYTES - len(f"\n\n{hashtags}".encode())
    if len(text.encode()) > room:
        return _cut(text)
    added = 0
    for line in further:
        grown = text + ("\n\nAlso looked at\n" if not added else "\n") + line
        if len(grown.encode()) > room:
            break
        text, added = grown, added + 1
    return f"{text}\n\n{hashtags}" if hashtags else text


def _cut(text: str) -> str:
    note = "\n(The full list of sources is in sources.json beside the video.)"
    kept = text.encode()[: MAX_BYTES - len(note.encode())].decode("utf-8", "ignore")
    return kept[: kept.rfind("\n")] + note


def _licence(script: Script) -> str:
    if script.writer != OFFLINE:
        return f"Written by a language model ({script.writer}) from facts of the sources below; what it quotes keeps the licence named beside it."
    if script.rights.licence == "CC-BY-SA":
        return f"The text of this video is licensed {script.rights.licence_name} ({script.rights.licence_url}); sentences of the sources below were shortened."
    return "Sentences of the sources below were shortened and arranged; each keeps the licence named beside it."


def _stamp(seconds: float) -> str:
    whole = int(seconds)
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02d}:{left:02d}" if hours else f"{minutes}:{left:02d}"


def _safe(text: str) -> str:
    """Remove angle brackets, which the platform refuses."""
    return text.replace("<", "‹").replace(">", "›")

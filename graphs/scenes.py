"""The scenes of a film and what is said in each, from what it was rendered from: when, in which words, and what they stand on."""

from typing import Any, TypeVar

from pydantic import BaseModel

from graphs.bodies import Cited
from graphs.made import Made
from infra.database import UnitOfWork
from infra.errors import StudioError
from memory.artifacts import Frozen, Narration, Passage, Script, Sentence, Storyboard
from memory.media import MediaStore
from memory.repositories.artifacts import ArtifactRepository

# A film was made from one of the newest scripts of its run.
_SCRIPTS = 6
M = TypeVar("M", bound=BaseModel)


class Source(Frozen):
    """What a sentence stands on."""

    title: str
    publisher: str
    url: str
    licence: str
    credit: str


class Spoken(Frozen):
    """A sentence as it is heard from `start_s` to `end_s`, in seconds of the film."""

    id: str
    start_s: float
    end_s: float
    text: str
    role: str
    sources: tuple[Source, ...]


class Scene(Frozen):
    """What is seen from `start_s` to `end_s`: its kind, the words set in it, whose picture it is, why it was chosen, and the sentences heard meanwhile."""

    id: str
    start_s: float
    end_s: float
    visual: str
    title: str
    credit: str
    why: str
    sentences: tuple[str, ...]


class Scenes(Frozen):
    """A film from its first scene to its last; nothing where it is not known what it was made from."""

    scenes: tuple[Scene, ...] = ()
    sentences: tuple[Spoken, ...] = ()


def scenes_of(session: UnitOfWork, store: MediaStore, run_id: str, made: Made) -> Scenes:
    """Return what a film shows and says; one that came finished, or whose storyboard is lost, has no scenes."""
    board = find(store, made.storyboard, Storyboard)
    heard = find(store, made.narration, Narration)
    if board is None or heard is None:
        return Scenes()
    texts = Texts(session, store, run_id, made)
    scenes = [
        Scene(
            id=shot.id,
            start_s=shot.start_s,
            end_s=shot.end_s,
            visual=shot.kind,
            title=str(shot.scene.get("title") or shot.scene.get("number") or ""),
            credit=shot.credit,
            why=shot.reason,
            sentences=shot.sentence_ids,
        )
        for shot in board.shots
    ]
    return Scenes(scenes=tuple(scenes), sentences=tuple(texts.spoken(one.sentence_id, one.start_s, one.end_s, heard) for one in heard.sentences))


class Texts:
    """The sentences of a run's newest scripts, found by id and by what was heard: the script that counts may be newer than the film."""

    def __init__(self, session: UnitOfWork, store: MediaStore, run_id: str, made: Made) -> None:
        kept = ArtifactRepository(session)
        self._scripts = [one for digest in _newest(kept, run_id, "script", made.script) if (one := find(store, digest, Script)) is not None]
        cited = [find(store, digest, Cited) for digest in _newest(kept, run_id, "cited", made.cited)]
        self._passages = {passage.id: passage for body in reversed(cited) if body is not None for passage in body.passages}

    def spoken(self, sentence_id: str, start_s: float, end_s: float, heard: Narration) -> Spoken:
        """Return a sentence with its sources; one that no script holds any more is told in the words that were heard."""
        words = " ".join(word.text for word in heard.words if word.sentence_id == sentence_id)
        sentence = self._find(sentence_id, words)
        sources = [self._passages[one] for one in sentence.citations if one in self._passages] if sentence else []
        told: dict[str, Any] = {"text": sentence.text if sentence else words, "role": sentence.role if sentence else "fact"}
        return Spoken(id=sentence_id, start_s=start_s, end_s=end_s, sources=tuple(source_of(one) for one in sources), **told)

    def _find(self, sentence_id: str, words: str) -> Sentence | None:
        ours = (one for script in self._scripts for one in script.sentences if one.id == sentence_id)
        return next((one for one in ours if not words or _letters(one.text) == _letters(words)), None)


def source_of(passage: Passage) -> Source:
    """Return a passage as a source."""
    rights = passage.rights
    return Source(title=passage.title, publisher=passage.publisher, url=passage.url, licence=rights.licence_name or rights.licence, credit=rights.credit)


def find(store: MediaStore, digest: str | None, model: type[M]) -> M | None:
    """Return a body, or None where there is none or its file is lost."""
    if digest is None:
        return None
    try:
        return model.model_validate_json(store.read(digest))
    except StudioError:
        return None


def _newest(kept: ArtifactRepository, run_id: str, kind: str, counts: str | None) -> list[str]:
    """Return digests of a kind, the one that counts first, then the newest."""
    others = [one.digest for one in reversed(kept.list_(run_id, kind))]
    return list(dict.fromkeys([*([counts] if counts else []), *others]))[:_SCRIPTS]


def _letters(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())

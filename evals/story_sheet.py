"""Draws what viewers would see of whole stories: every shot with the words heard over it, and the thumbnails at both sizes.

`python -m evals.story_sheet OUT --stories field-notes:demo-fossil-colors deep-orbit:demo-mars-ice:short`: the real writer, a steady reading
without a voice, the real illustrator. `--documents FILE` reads stories from JSON lines of source documents instead of the demo corpus.
"""

import argparse
import asyncio
import textwrap
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from agents import scriptwriter, thumbnail_designer
from agents.thumbnail_designer.schemas import DesignInput, IllustrateInput
from evals.contact_sheet import SHEET_DRAWN, flatten
from evals.context import Bench, open_bench
from evals.tasks.scripts import time_script
from infra.log import get_logger
from memory.artifacts import Brief, Format, Picture, Shot, SourceDocument, Thumbnails
from memory.demo_corpus import load_demo_documents
from memory.media import MediaStore
from memory.passages import split_passages
from memory.rights import Rights
from tools.drawing.backdrop import Image
from tools.make_visual.schema import MakeVisualResult

_ACROSS = {Format.LANDSCAPE: 4, Format.SHORT: 8}
_TILE = {Format.LANDSCAPE: (480, 270), Format.SHORT: (225, 400)}
_WORDS_H = 74
_SMALL = (168, 94)


async def tell(bench: Bench, channel: str, documents: Sequence[SourceDocument], frame: Format, pictures: tuple[Picture, ...] = ()) -> tuple[Image, Image]:
    """Write, illustrate and design one story for a channel; return the sheet of its shots and the sheet of its thumbnails."""
    brief = _brief(documents, pictures)
    about = {"seconds": 45, "format": frame}
    script = (await scriptwriter.run(scriptwriter.Input(brief=brief), bench.context("scriptwriter", channel, **about))).script
    context = bench.context("thumbnail_designer", channel, **about)
    told = await thumbnail_designer.illustrate(
        IllustrateInput(script=script, narration=time_script(script), brief=brief, pictures=pictures, format=frame), context
    )
    designed = await thumbnail_designer.design(DesignInput(script=script, brief=brief, pictures=pictures), context)
    words = {sentence.id: sentence.text for sentence in script.sentences}
    return _shots(told.storyboard.shots, words, frame, bench.store), _thumbnails(designed.thumbnails, script.title, bench.store)


def _brief(documents: Sequence[SourceDocument], pictures: tuple[Picture, ...]) -> Brief:
    first = documents[0]
    return Brief(
        topic=first.title,
        angle="what is known about it",
        category=first.category or "science",
        keywords=tuple(word for word in first.title.split() if len(word) > 4)[:6],
        reasons=("drawn for a sheet",),
        scores={},
        documents=tuple(documents),
        passages=tuple(passage for document in documents for passage in split_passages(document)),
        pictures=pictures,
        provenance=first.provenance,
        network=False,
    )


def _shots(shots: Sequence[Shot], words: dict[str, str], frame: Format, store: MediaStore) -> Image:
    width, height = frame.size
    tiles = []
    for shot in shots:
        drawn = MakeVisualResult(layers=shot.layers, width=width, height=height, contrast=0, headline_pt=0, treatment="plain")
        small = cv2.resize(flatten(drawn, store), _TILE[frame], interpolation=cv2.INTER_AREA)
        heard = f"{shot.id[4:]} {shot.kind} {shot.scene.get('motif', '')} | " + " ".join(words[one] for one in shot.sentence_ids)
        tiles.append(_captioned(small, heard))
    return _tiled(tiles, _ACROSS[frame])


def _thumbnails(thumbnails: Thumbnails, title: str, store: MediaStore) -> Image:
    tiles = []
    for variant in thumbnails.variants:
        pixels = cv2.imdecode(np.frombuffer(store.read(variant.image), np.uint8), cv2.IMREAD_COLOR)
        whole = cv2.cvtColor(np.asarray(pixels), cv2.COLOR_BGR2RGB).astype(np.float32)
        tile = cv2.resize(whole, _TILE[Format.LANDSCAPE], interpolation=cv2.INTER_AREA)
        page = np.full((_TILE[Format.LANDSCAPE][1] + _SMALL[1] + 8, _TILE[Format.LANDSCAPE][0], 3), 245, np.float32)
        page[: tile.shape[0]] = tile
        page[tile.shape[0] + 4 : tile.shape[0] + 4 + _SMALL[1], : _SMALL[0]] = cv2.resize(whole, _SMALL, interpolation=cv2.INTER_AREA)
        tiles.append(_captioned(page, f"{variant.score:.2f} {variant.concept}: {variant.text} | {title}"))
    return _tiled(tiles, len(tiles))


def _captioned(image: Image, words: str) -> Image:
    """Set a line of plain text under a tile."""
    page = np.full((image.shape[0] + _WORDS_H, image.shape[1], 3), 250, np.float32)
    page[: image.shape[0]] = image
    for row, line in enumerate(textwrap.wrap(words, max(24, image.shape[1] // 7))[:5]):
        cv2.putText(page, line, (4, image.shape[0] + 13 + 14 * row), cv2.FONT_HERSHEY_SIMPLEX, 0.38, (20, 20, 20), 1, cv2.LINE_AA)
    return page


def _tiled(tiles: Sequence[Image], across: int) -> Image:
    framed = [cv2.copyMakeBorder(tile, 3, 3, 3, 3, cv2.BORDER_CONSTANT, value=(128, 128, 128)) for tile in tiles]
    framed += [np.full_like(framed[0], 128)] * (-len(framed) % across)
    return np.vstack([np.hstack(framed[start : start + across]) for start in range(0, len(framed), across)])


def _save(image: Image, path: Path) -> None:
    cv2.imwrite(str(path), cv2.cvtColor(np.round(image).astype(np.uint8), cv2.COLOR_RGB2BGR))
    get_logger(__name__).info(SHEET_DRAWN, path=str(path))


def _own_pictures(paths: Sequence[Path], store: MediaStore) -> tuple[Picture, ...]:
    """Return picture files as the user's own media, captioned by their names."""
    found = []
    for path in paths:
        pixels = np.asarray(cv2.imread(str(path), cv2.IMREAD_COLOR))
        caption = path.stem.replace("-", " ").replace("_", " ")
        rights = Rights(licence="OWN", credit="own picture")
        found.append(Picture(digest=store.put_bytes(path.read_bytes()), width=pixels.shape[1], height=pixels.shape[0], caption=caption, rights=rights))
    return tuple(found)


def main() -> None:
    """Draw the sheets into the folder named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--stories", nargs="+", required=True, help="CHANNEL:DOCUMENT[+DOCUMENT...][:short]")
    parser.add_argument("--documents", type=Path)
    parser.add_argument("--pictures", nargs="*", type=Path, default=[])
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    lines = options.documents.read_text("utf-8").splitlines() if options.documents else ()
    known = {one.id: one for one in (*load_demo_documents(), *(SourceDocument.model_validate_json(line) for line in lines))}
    with open_bench() as bench:
        pictures = _own_pictures(options.pictures, bench.store)
        for story in options.stories:
            channel, names, *form = story.split(":")
            frame = Format(form[0]) if form else Format.LANDSCAPE
            shots, thumbnails = asyncio.run(tell(bench, channel, [known[name] for name in names.split("+")], frame, pictures))
            _save(shots, options.out / f"{channel}-{names}-{frame.value}.png")
            _save(thumbnails, options.out / f"{channel}-{names}-thumbnails.png")


if __name__ == "__main__":
    main()

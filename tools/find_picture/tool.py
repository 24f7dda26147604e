"""Finding a picture: candidates of keyless open-licence searches and the user's own, ranked against the sentence, fetched and made safe."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import TypeAdapter

from infra.embedding_onnx import shared_embedder
from infra.errors import StudioError
from memory.artifacts import Picture
from memory.rights import Rights
from tools.base import ToolContext, ToolError
from tools.clip_file import MAX_SECONDS, MIN_SECONDS
from tools.fetch import Fetcher, FetchRequest, SourceRefused
from tools.find_picture.fetch_clip import fetch_clip
from tools.find_picture.rank import OWN_BONUS, blend, lexical_scores, meaning_scores, words_of
from tools.find_picture.schema import FindPictureArgs, FindPictureResult, PictureSearch
from tools.gateway_free import open_reader
from tools.lexical import content_terms
from tools.own_pictures import SUFFIXES, Shelf, pictures_in, store_pictures
from tools.picture_bytes import MAX_PICTURE_BYTES, make_safe, picture_size
from tools.picture_search import FoundPicture, PictureVendor
from tools.plain_text import clean_line
from tools.vendors.nasa import client as nasa
from tools.vendors.openverse import client as openverse
from tools.vendors.pexels import client as pexels
from tools.vendors.pexels.clips import PexelsClips
from tools.vendors.pixabay import client as pixabay
from tools.vendors.pixabay.clips import PixabayClips
from tools.vendors.wikimedia import client as wikimedia

_CANDIDATES = 20
_QUERY_TERMS = 6
_TRIES_PER_PICTURE = 4
_STOCK = frozenset({"pexels", "pixabay", "pexels_clips", "pixabay_clips"})
_FOUND = TypeAdapter(tuple[FoundPicture, ...])


@dataclass
class _Place:
    """What one search gave, for ranking and for the report."""

    where: str
    query: str
    found: tuple[FoundPicture, ...] = ()
    failure: str = ""
    reached: bool = False
    off: str = ""


def run(args: FindPictureArgs, ctx: ToolContext) -> FindPictureResult:
    """Return at most `limit` stored pictures that fit the sentence, best first.

    A failing search or download is reported in `looked_at`, never raised. Raises `ToolError` when the sentence holds no word to search for or the
    own folder does not exist.
    """
    started = ctx.clock.monotonic()
    query = search_words(args)
    own, reports = _own(args, ctx)
    with open_reader(ctx) as fetcher:
        places = _search(args, ctx, fetcher, query)
        found = [picture for place in places for picture in place.found]
        rejected: dict[str, list[str]] = {place.where: [] for place in places}
        candidates: list[FoundPicture | Picture] = [*own, *(picture for picture in found if _suits(picture, args, rejected))]
        scores, ranked_by = _scores(args, ctx, candidates)
        ranked = sorted(zip(scores, range(len(candidates)), candidates, strict=True), key=lambda item: (-item[0], item[1]))
        chosen = _fetch_best(args, ctx, fetcher, ranked, (started + args.budget_s, rejected))
    kept = {picture.rights.source_url for picture in chosen}
    reports += [_report(place, rejected[place.where], sum(picture.rights.source_url in kept for picture in place.found)) for place in places]
    ctx.progress(1.0, f"{len(chosen)} pictures")
    return FindPictureResult.model_validate(
        {"pictures": chosen, "looked_at": reports, "ranked_by": ranked_by, "network": any(place.reached for place in places)}
    )


def search_words(args: FindPictureArgs) -> str:
    """Return the words to search for: the keywords, else the sentence's own names and nouns, capitalised words and long words first."""
    words = list(args.keywords) or [word.strip(".,;:!?\"'“”‘’()") for word in args.sentence.split()]
    useful = [word for word in dict.fromkeys(words) if content_terms(word)]
    if not useful:
        raise ToolError(f"find_picture: sentence {args.sentence[:80]!r} holds no word to search for; give keywords")
    if not args.keywords:
        ordered = sorted(useful, key=lambda word: (not (word[0].isupper() and word != useful[0]), -len(word)))[:_QUERY_TERMS]
        useful = [word for word in useful if word in ordered]
    return " ".join(useful[:_QUERY_TERMS])


def _own(args: FindPictureArgs, ctx: ToolContext) -> tuple[list[Picture], list[PictureSearch]]:
    pictures = [picture for picture in args.own if picture.digest not in args.exclude]
    reports: list[PictureSearch] = []
    if args.own_folder is not None:
        folder = Path(args.own_folder).expanduser()
        if not folder.is_dir():
            raise ToolError(f"find_picture: own_folder {args.own_folder}: there is no such folder; give a folder of {', '.join(sorted(SUFFIXES))} files")
        found, refused = store_pictures(pictures_in(folder), Shelf(ctx.store, ctx.scratch, ctx.ensure_live), Rights(licence="OWN"), {})
        pictures += [item.picture for item in found if item.picture.digest not in args.exclude]
        rejected = tuple(f"{name}: {reason}" for name, reason in refused)[:10]
        reports.append(PictureSearch(where="own folder", query="", status="searched", found=len(found) + len(refused), kept=len(found), rejected=rejected))
    return [picture for picture in pictures if picture.rights.commercial_derivatives], reports


def _search(args: FindPictureArgs, ctx: ToolContext, fetcher: Fetcher, query: str) -> list[_Place]:
    vendors = _vendors(ctx, fetcher)

    def ask(name: str) -> _Place:
        place = _Place(name, query)
        if name not in vendors:
            place.off = f"no key; set {_variable(name)}"
            return place
        try:
            place.found = _asked(vendors[name], query, args, ctx)
            place.reached = True
        except StudioError as error:
            hint = f"; check {_variable(name)}" if name in _STOCK and isinstance(error, SourceRefused) else ""
            place.failure = error.message[:300] + hint
        return place

    if not args.vendors:
        return []
    ctx.ensure_live()
    with ThreadPoolExecutor(len(args.vendors), thread_name_prefix="picture-search") as pool:
        return list(pool.map(ask, dict.fromkeys(args.vendors)))


def _asked(vendor: PictureVendor, query: str, args: FindPictureArgs, ctx: ToolContext) -> tuple[FoundPicture, ...]:
    """Search; a stock service's answer is kept for the day, as Pixabay's terms demand and its number of requests suggests."""
    if vendor.name not in _STOCK:
        return vendor.search(query, _CANDIDATES, args.budget_s / 2)
    key = {"vendor": vendor.name, "query": query, "day": ctx.clock.now().date().isoformat()}
    kept = ctx.store.remembered("picture_search", key)
    if kept is not None:
        return _FOUND.validate_json(ctx.store.read(kept))
    found = vendor.search(query, _CANDIDATES, args.budget_s / 2)
    ctx.store.remember("picture_search", key, ctx.store.put_bytes(_FOUND.dump_json(found)))
    return found


def _vendors(ctx: ToolContext, fetcher: Fetcher) -> dict[str, PictureVendor]:
    stand_in = ctx.settings.sources_sandbox_url
    stock = _stock(ctx, fetcher)
    if stand_in is None:
        return {"nasa": nasa.NasaClient(fetcher), "wikimedia": wikimedia.CommonsClient(fetcher), "openverse": openverse.OpenverseClient(fetcher), **stock}
    host = urlsplit(stand_in).netloc
    return {
        **stock,
        "nasa": nasa.NasaClient(fetcher, f"{stand_in}/nasa", host),
        "wikimedia": wikimedia.CommonsClient(fetcher, f"{stand_in}/wikimedia", host),
        "openverse": openverse.OpenverseClient(fetcher, f"{stand_in}/openverse"),
    }


def _stock(ctx: ToolContext, fetcher: Fetcher) -> dict[str, PictureVendor]:
    """Return the stock services that have a key, each for its photographs and its clips."""
    settings, found = ctx.settings, dict[str, PictureVendor]()
    if settings.pexels_api_key:
        key, address = settings.pexels_api_key.get_secret_value(), settings.pexels_base_url or pexels.BASE_URL
        found |= {"pexels": pexels.PexelsClient(fetcher, key, address), "pexels_clips": PexelsClips(fetcher, key, address)}
    if settings.pixabay_api_key:
        key, address = settings.pixabay_api_key.get_secret_value(), settings.pixabay_base_url or pixabay.BASE_URL
        found |= {"pixabay": pixabay.PixabayClient(fetcher, key, address), "pixabay_clips": PixabayClips(fetcher, key, address)}
    return found


def _variable(vendor: str) -> str:
    return f"{vendor.removesuffix('_clips').upper()}_API_KEY"


def _suits(picture: FoundPicture, args: FindPictureArgs, rejected: dict[str, list[str]]) -> bool:
    """Say whether a candidate's licence and stated size will do; note why not."""
    if picture.rights.share_alike and not args.share_alike:
        rejected[picture.vendor].append(f"{picture.title[:60]}: share-alike is not wanted")
        return False
    if picture.seconds and not MIN_SECONDS <= picture.seconds <= MAX_SECONDS:
        rejected[picture.vendor].append(f"{picture.title[:60]}: a clip of {picture.seconds:.0f} s, {MIN_SECONDS:.0f} to {MAX_SECONDS:.0f} s are taken")
        return False
    small = 0 < picture.width < args.min_width or 0 < picture.height < args.min_height
    if small:
        rejected[picture.vendor].append(f"{picture.title[:60]}: {picture.width}x{picture.height} is smaller than {args.min_width}x{args.min_height}")
    return not small


def _scores(args: FindPictureArgs, ctx: ToolContext, candidates: list[FoundPicture | Picture]) -> tuple[list[float], str]:
    texts = [clean_line(words_of(candidate)) for candidate in candidates]
    question = f"{args.sentence} {args.topic}".strip()
    meaning = meaning_scores(question, texts, shared_embedder(ctx.settings.cache_root)) if texts else None
    blended = blend(lexical_scores(question, args.keywords, texts), meaning)
    scores = [min(1.0, score + OWN_BONUS) if isinstance(candidate, Picture) else score for score, candidate in zip(blended, candidates, strict=True)]
    return scores, "lexical" if meaning is None else "meaning"


def _fetch_best(
    args: FindPictureArgs,
    ctx: ToolContext,
    fetcher: Fetcher,
    ranked: list[tuple[float, int, FoundPicture | Picture]],
    limits: tuple[float, dict[str, list[str]]],
) -> list[Picture]:
    """Walk down the ranking until enough pictures are stored; `limits` are the deadline and where to note what was turned down."""
    deadline, rejected = limits
    chosen: list[Picture] = []
    tries = _TRIES_PER_PICTURE * args.limit
    for score, _, candidate in ranked:
        if len(chosen) == args.limit or score < args.min_relevance or tries == 0:
            break
        if isinstance(candidate, Picture):
            chosen.append(candidate.model_copy(update={"relevance": score}))
            continue
        if ctx.clock.monotonic() > deadline:
            rejected[candidate.vendor].append(f"{candidate.title[:60]}: no time left to fetch it")
            continue
        tries -= 1
        try:
            picture = _fetched(candidate, args, ctx, fetcher)
        except StudioError as error:
            rejected[candidate.vendor].append(f"{candidate.title[:60]}: {error.message[:160]}")
            continue
        if picture.digest not in args.exclude and picture.digest not in {kept.digest for kept in chosen}:
            chosen.append(picture.model_copy(update={"relevance": score}))
    return chosen


def _fetched(candidate: FoundPicture, args: FindPictureArgs, ctx: ToolContext, fetcher: Fetcher) -> Picture:
    """Return the stored picture or clip, from the cache where it was fetched before."""
    if candidate.seconds:
        return fetch_clip(candidate, ctx, fetcher)
    key = {"vendor": candidate.vendor, "url": candidate.url}
    digest = ctx.store.remembered("picture", key)
    if digest is None:
        answer = fetcher.get(FetchRequest(candidate.url, accept="image/*", max_bytes=MAX_PICTURE_BYTES), ctx.ensure_live)
        safe = make_safe(answer.body, args.min_width, args.min_height)
        digest = ctx.store.put_bytes(safe.data)
        ctx.store.remember("picture", key, digest)
    width, height = picture_size(ctx.store.read(digest))
    return Picture(digest=digest, width=width, height=height, caption=candidate.caption, rights=candidate.rights)


def _report(place: _Place, rejected: list[str], kept: int) -> PictureSearch:
    return PictureSearch(
        where=place.where,
        query=place.query,
        status="off" if place.off else "failed" if place.failure else "searched",
        found=len(place.found),
        kept=kept,
        reason=place.off or place.failure or ("" if kept else "nothing there fits the sentence"),
        rejected=tuple(rejected[:10]),
    )

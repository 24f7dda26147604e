"""Models of the tools that make pictures, sound and film: small files with the figures of the real ones, sometimes with a flaw."""

import hashlib

from evals.simulation.world_state import Weather
from infra.ids import canonical_json, json_digest, seeded
from memory.artifacts import GateResult, Layer, Narration, Picture, RenderedVideo, SentenceTiming, Thumbnails, ThumbnailVariant, WordTiming
from memory.rights import Rights
from tools.base import Args, ToolContext, ToolError
from tools.compose_thumbnail.schema import ComposeThumbnailArgs, ComposeThumbnailResult
from tools.find_picture.schema import FindPictureArgs, FindPictureResult, PictureSearch
from tools.generate_picture.schema import GeneratePictureArgs, GeneratePictureResult
from tools.inspect_media.schema import Args as InspectArgs
from tools.inspect_media.schema import Result as InspectResult
from tools.make_visual.schema import MakeVisualArgs, MakeVisualResult
from tools.paint_picture.schema import PaintPictureArgs, PaintPictureResult
from tools.render_video.schema import Args as RenderArgs
from tools.render_video.schema import Result as RenderResult
from tools.synthesize_speech.schema import Args as SpeechArgs
from tools.synthesize_speech.schema import Result as SpeechResult

_JPEG, _PNG = b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n"
_RATE_HZ = 22_050
# The fit of `agents.voice_director.policy` over 36 sentences of real articles, 6 % a sentence.
_SECONDS_PER_LETTER, _SECONDS_PER_STOP, _SPREAD = 0.0596, 0.351, 0.06
_FLAWED_FILMS, _UNSET_SHOTS, _PICTURED = 0.04, 0.01, 0.3
_FLAWS = (
    ("silence", "narrate", "1.8 s", "at most 1.5 s", (1.8, 1.5)),
    ("freeze", "illustrate", "3.6 s", "at most 3.0 s", (3.6, 3.0)),
    ("loudness", "render", "-16.1 LUFS", "-14 +-1 LUFS", (-16.1, -14.0)),
)


def _bytes(weather: Weather, size: int, *about: object) -> bytes:
    """Return bytes that only `about` and the seed decide."""
    return hashlib.shake_256(json_digest([weather.seed, *(str(part) for part in about)]).encode()).digest(size)


def synthesize_speech(args: SpeechArgs, ctx: ToolContext, weather: Weather) -> SpeechResult:
    """Time every word by the measured pace; the sound itself is a few bytes."""
    at, words, sentences = args.lead_s, list[WordTiming](), list[SentenceTiming]()
    for sentence in args.sentences:
        spoken = sentence.text.split()
        letters = sum(character.isalnum() for character in sentence.text)
        stops = sum(word[-1] in ".,;:!?" for word in spoken)
        pace = args.length_scale / sentence.pace * (1 + _SPREAD * max(-2.0, min(2.0, seeded("spoken", sentence.text, args.voice).gauss(0, 1))))
        length = max(0.3, (letters * _SECONDS_PER_LETTER + stops * _SECONDS_PER_STOP) * pace)
        each = length / max(1, len(spoken))
        words += [
            WordTiming(text=word, start_s=round(at + number * each, 3), end_s=round(at + (number + 1) * each, 3), sentence_id=sentence.id)
            for number, word in enumerate(spoken)
        ]
        sentences.append(SentenceTiming(sentence_id=sentence.id, start_s=round(at, 3), end_s=round(at + length, 3)))
        at += length + sentence.pause_after_s
    audio = ctx.store.put_bytes(_bytes(weather, 256, "audio", args.model_dump_json()))
    licence = "CC0-1.0 data"
    narration = Narration(
        audio=audio,
        sample_rate_hz=_RATE_HZ,
        duration_s=round(at, 3),
        words=tuple(words),
        sentences=tuple(sentences),
        voice=args.voice,
        voice_licence=licence,
        settings={"length_scale": args.length_scale},
    )
    digest = ctx.store.put_bytes(narration.model_dump_json().encode())
    weather.note_length(digest, at)
    return SpeechResult(
        narration=digest,
        audio=audio,
        duration_s=narration.duration_s,
        words_per_minute=round(len(words) / at * 60, 1),
        loudness_lufs=-19.0,
        longest_silence_s=max((one.pause_after_s for one in args.sentences), default=0.3),
        cached_sentences=0,
        spoken_sentences=len(args.sentences),
        model_s=0.0,
        timings_s={},
        voice=args.voice,
    )


def make_visual(args: MakeVisualArgs, ctx: ToolContext, weather: Weather) -> MakeVisualResult:
    """Return two layers of a few bytes; now and then words that cannot be set as wished."""
    if args.kind != "title" and seeded(weather.seed, "shot", args.model_dump_json()).random() < _UNSET_SHOTS:
        raise ToolError("scene.text: the words do not fit their box; use fewer")
    images = [ctx.store.put_bytes(_PNG + _bytes(weather, 64, part, args.model_dump_json())) for part in ("ground", "words")]
    width, height = args.format.size
    layers = (Layer(image=images[0], moves=True), Layer(image=images[1], enter="fade"))
    treatment = "full" if args.picture else "plain" if args.bare else "illustration"
    return MakeVisualResult(layers=layers, width=width, height=height, contrast=7.5, headline_pt=96.0, treatment=treatment)


def compose_thumbnail(args: ComposeThumbnailArgs, ctx: ToolContext, weather: Weather) -> ComposeThumbnailResult:
    """Return three JPEGs of a few bytes, best first."""
    variants = []
    for number, concept in enumerate(args.concepts):
        score = seeded(weather.seed, "thumbnail", number, args.model_dump_json()).uniform(0.5, 0.9)
        image = ctx.store.put_bytes(_JPEG + _bytes(weather, 128, "thumbnail", number, args.model_dump_json()))
        text = f"{concept.words} / {concept.against}" if concept.against else concept.words
        variants.append(ThumbnailVariant(image=image, concept=concept.concept, text=text, scores={"contrast": 0.9}, score=round(score, 3)))
    ranked = tuple(sorted(variants, key=lambda one: -one.score))
    return ComposeThumbnailResult(thumbnails=Thumbnails(variants=ranked, chosen=0, reasons=(f"highest heuristic score, {ranked[0].score:.2f}",)))


def find_picture(args: FindPictureArgs, ctx: ToolContext, weather: Weather) -> FindPictureResult:
    """Find a picture for some sentences, while the services answer; own pictures come first."""
    if not args.vendors:
        return FindPictureResult(pictures=args.own[: args.limit], looked_at=(), ranked_by="lexical", network=False)
    draw = seeded(weather.seed, "picture", args.sentence)
    if "pictures" in weather.down:
        looked = PictureSearch(where="openverse", query=args.topic, status="failed", reason="503 from api.openverse.org")
        return FindPictureResult(pictures=args.own[: args.limit], looked_at=(looked,), ranked_by="lexical", network=True)
    found: tuple[Picture, ...] = args.own[: args.limit]
    if draw.random() < _PICTURED:
        found = (*found, _picture(args, ctx, weather, draw.uniform(args.min_relevance, 1.0)))
    looked = PictureSearch(where="openverse", query=args.topic, status="searched", found=3, kept=len(found))
    return FindPictureResult(pictures=found, looked_at=(looked,), ranked_by="lexical", network=True)


def _picture(args: Args, ctx: ToolContext, weather: Weather, relevance: float) -> Picture:
    digest = ctx.store.put_bytes(_JPEG + _bytes(weather, 128, "found", args.model_dump_json()))
    rights = Rights(licence="CC0-1.0", licence_name="CC0 1.0", credit="Simulated photographer", source_url="https://example.org/picture")
    caption = str(args.model_dump(include={"sentence", "caption"}).popitem()[1])[:200]
    return Picture(digest=digest, width=1600, height=900, caption=caption, rights=rights, relevance=round(relevance, 3))


def paint_picture(args: PaintPictureArgs, ctx: ToolContext, weather: Weather) -> PaintPictureResult:
    """Paint a few bytes."""
    return PaintPictureResult(picture=_picture(args, ctx, weather, 0.6), model="simulated", safety="checked", cached=False, took_s=1.0)


def generate_picture(args: GeneratePictureArgs, ctx: ToolContext, weather: Weather) -> GeneratePictureResult:
    """Buy a few bytes."""
    return GeneratePictureResult(picture=_picture(args, ctx, weather, 0.6), model="simulated")


def render_video(args: RenderArgs, ctx: ToolContext, weather: Weather) -> RenderResult:
    """Return a film of bytes that only this job decides: most fit one chunk of an upload, some need several."""
    narration = Narration.model_validate_json(ctx.store.read(args.narration))
    draw = seeded(weather.seed, "film", ctx.job_id)
    size = draw.randint(2_000, 20_000) if draw.random() < 0.8 else draw.randint(270_000, 800_000)
    video = ctx.store.put_bytes(_bytes(weather, size, "film", ctx.job_id))
    captions = "".join(f"{number}\n{one.start_s:.3f} --> {one.end_s:.3f}\n-\n\n" for number, one in enumerate(narration.sentences, 1)).encode()
    srt, vtt = ctx.store.put_bytes(captions), ctx.store.put_bytes(b"WEBVTT\n\n" + captions)
    width, height = args.format.size if args.format else (1920, 1080)
    rendered = RenderedVideo(video=video, captions_srt=srt, captions_vtt=vtt, duration_s=narration.duration_s + 0.5, width=width, height=height, fps=args.fps)
    weather.note_length(video, rendered.duration_s)
    return RenderResult(
        rendered=ctx.store.put_bytes(canonical_json(rendered.model_dump(mode="json"))),
        **rendered.model_dump(),
        frames=round(rendered.duration_s * args.fps),
        segments=3,
        segments_encoded=3,
        integrated_lufs=-14.0,
        true_peak_dbtp=-1.5,
    )


def inspect_media(args: InspectArgs, ctx: ToolContext, weather: Weather) -> InspectResult:  # noqa: ARG001 - the shape of a model
    """Pass a film, or turn a few of them down for something that one stage can mend."""
    draw = seeded(weather.seed, "inspected", args.video or args.path)
    gates = [GateResult(name="container", passed=True, measured="mp4, h264, aac", limit="mp4, h264, aac")]
    if draw.random() < _FLAWED_FILMS:
        name, stage, measured, limit, figures = _FLAWS[draw.randrange(len(_FLAWS))]
        gates.append(GateResult(name=name, passed=False, measured=measured, limit=limit, stage=stage).figured(*figures, at_s=1.0))
    return InspectResult(passed=len(gates) == 1, gates=tuple(gates), facts={"duration_s": weather.film_seconds(args)})

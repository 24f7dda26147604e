"""A synthetic film for benchmarks and tests: drawn pictures, a voice-like signal and words in time."""

import io
import wave

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from infra.fonts import font_file
from memory.artifacts import CaptionStyle, Format, Layer, Narration, SentenceTiming, Shot, Storyboard, WordTiming
from memory.media import MediaStore

STYLE = CaptionStyle(family="Manrope", accent="#ffb545")
TEXT = (
    "The lake turns red every summer, and nobody expected the salt to win. Tiny algae love the heat; they bloom for weeks, "
    "then wither when the first rain arrives. Flamingos follow them across three countries."
)

WORDS = TEXT.split()


def png(image: Image.Image) -> bytes:
    """Return an image as PNG bytes."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def photograph(image: Image.Image) -> bytes:
    """Return an image as JPEG bytes, as photographs come."""
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=92)
    return buffer.getvalue()


def texture(seed: int, size: tuple[int, int]) -> Image.Image:
    """Draw a picture with detail at all scales and hard edges."""
    rng = np.random.default_rng(seed)
    total = np.zeros((size[1], size[0], 3), np.float32)
    for octave in range(2, 9):
        cells = rng.random((max(2, size[1] >> (9 - octave)), max(2, size[0] >> (9 - octave)), 3), np.float32)
        total += np.asarray(Image.fromarray((cells * 255).astype(np.uint8)).resize(size, Image.Resampling.BICUBIC), np.float32) / 1.7 ** (octave - 1)
    total = (total - total.min()) / (total.max() - total.min()) * 200
    image = Image.fromarray(total.astype(np.uint8))
    pen = ImageDraw.Draw(image)
    for _ in range(14):
        x, y = int(rng.integers(0, size[0])), int(rng.integers(0, size[1]))
        red, green, blue = (int(value) for value in rng.integers(0, 255, 3))
        pen.rectangle((x, y, x + int(rng.integers(20, 200)), y + int(rng.integers(20, 200))), fill=(red, green, blue))
    return image


def headline(text: str, size: tuple[int, int], at: tuple[float, float] = (0.08, 0.2)) -> Image.Image:
    """Draw a transparent headline layer."""
    image = Image.new("RGBA", size, (0, 0, 0, 0))
    font = ImageFont.truetype(str(font_file("Manrope", "extrabold")), size[1] // 12)
    ImageDraw.Draw(image).text((size[0] * at[0], size[1] * at[1]), text, font=font, fill="#ffffff", stroke_width=4, stroke_fill="#000000")
    return image


def bars(size: tuple[int, int]) -> Image.Image:
    """Draw a transparent layer of chart bars on one ground line."""
    image = Image.new("RGBA", size, (0, 0, 0, 0))
    pen = ImageDraw.Draw(image)
    for index, height in enumerate((0.2, 0.35, 0.28)):
        left = size[0] * (0.6 + 0.1 * index)
        pen.rounded_rectangle((left, size[1] * (0.75 - height), left + size[0] * 0.06, size[1] * 0.75), 12, fill="#ffb545")
    return image


def voice(seconds: float, rate: int = 22_050) -> bytes:
    """Return a WAV whose level and spectrum behave like speech: syllables of band-limited noise and tone."""
    rng = np.random.default_rng(5)
    time = np.arange(round(seconds * rate)) / rate
    carrier = np.cumsum(rng.standard_normal(len(time))) * 0.02
    carrier -= np.convolve(carrier, np.ones(200) / 200, "same")
    tone = sum(np.sin(2 * np.pi * 140 * k * time) / k for k in range(1, 12))
    syllables = np.clip(np.sin(2 * np.pi * 4.1 * time + np.sin(2 * np.pi * 0.7 * time)), 0, 1) ** 0.7
    signal = (0.25 * tone + carrier) * (syllables + 0.02)
    signal = signal / np.abs(signal).max() * 0.6
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((signal * 32767).astype("<i2").tobytes())
    return buffer.getvalue()


def words(seconds: float) -> tuple[WordTiming, ...]:
    """Return words spread over the film, sentence by sentence."""
    found, at, index, sentence = [], 0.1, 0, 0
    while at < seconds - 0.6:
        text = WORDS[index % len(WORDS)]
        length = 0.12 + 0.045 * len(text)
        found.append(WordTiming(text=text, start_s=round(at, 3), end_s=round(at + length, 3), sentence_id=f"s{sentence}"))
        at += length + (0.45 if text.endswith(".") else 0.2 if text[-1] in ",;" else 0.03)
        sentence += text.endswith(".")
        index += 1
    return tuple(found)


def make_narration(store: MediaStore, seconds: float) -> str:
    """Store a narration and return its digest."""
    timed = words(seconds)
    spans: dict[str, list[WordTiming]] = {}
    for word in timed:
        spans.setdefault(word.sentence_id, []).append(word)
    sentences = tuple(SentenceTiming(sentence_id=key, start_s=run[0].start_s, end_s=run[-1].end_s) for key, run in spans.items())
    audio = store.put_bytes(voice(seconds))
    narration = Narration(audio=audio, sample_rate_hz=22_050, duration_s=seconds, words=timed, sentences=sentences, voice="test", voice_licence="OWN")
    return store.put_bytes(narration.model_dump_json().encode())


def make_shots(store: MediaStore, count: int, seconds: float, form: Format, source_scale: float) -> list[Shot]:
    """Store the pictures of a film and return its shots; the grounds are photographs `source_scale` times as large as the frame."""
    size, each = form.size, seconds / count
    source = (round(size[0] * source_scale), round(size[1] * source_scale))
    shots = []
    for index in range(count):
        layers = [
            Layer(image=store.put_bytes(photograph(texture(index, source))), moves=True),
            Layer(image=store.put_bytes(png(headline(f"Shot number {index + 1}", size))), enter="rise", enter_at_s=0.2),
        ]
        if index % 2:
            layers.append(Layer(image=store.put_bytes(png(bars(size))), enter="grow_up", enter_at_s=0.5))
        shots.append(
            Shot(
                id=f"shot-{index}",
                sentence_ids=(f"s{index}",),
                start_s=index * each,
                end_s=(index + 1) * each,
                kind="picture",
                layers=tuple(layers),
                zoom_to=1.07,
                pan=(0.5 * (-1) ** index, 0.2),
                transition="fade" if index else "cut",
                transition_s=0.3 if index else 0.0,
            )
        )
    return shots


def make_film(store: MediaStore, count: int = 3, seconds: float = 6.0, form: Format = Format.LANDSCAPE, source_scale: float = 1.0) -> tuple[str, str]:
    """Store a storyboard and a narration; return their digests."""
    board = Storyboard(shots=tuple(make_shots(store, count, seconds, form, source_scale)), format=form)
    return store.put_bytes(board.model_dump_json().encode()), make_narration(store, seconds)


def make_still_film(store: MediaStore, seconds: float, form: Format = Format.LANDSCAPE) -> str:
    """Store a storyboard of plain still shots of five seconds, cheap to encode at any length, and return its digest."""
    count = max(1, round(seconds / 5))
    shots = []
    for index in range(count):
        ground = Image.new("RGB", form.size, ((index * 37) % 120 + 40, (index * 59) % 120 + 40, (index * 83) % 120 + 40))
        layers = (
            Layer(image=store.put_bytes(png(ground))),
            Layer(image=store.put_bytes(png(headline(f"Chapter {index + 1}", form.size))), enter="fade", enter_at_s=0.2),
        )
        start, end = index * seconds / count, (index + 1) * seconds / count
        shot = Shot(id=f"still-{index}", sentence_ids=(), start_s=start, end_s=end, kind="title", layers=layers, transition="fade", transition_s=0.3)
        shots.append(shot)
    board = Storyboard(shots=tuple(shots), format=form)
    return store.put_bytes(board.model_dump_json().encode())

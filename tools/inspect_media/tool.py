"""The media gate: reads a file once for its headers, once for its picture, once for its sound, and judges."""

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from memory.artifacts import Format, GateResult, Narration, Storyboard
from tools.base import ToolContext, ToolError
from tools.inspect_media.container import Container, read_container
from tools.inspect_media.gates_captions import burned_gates, file_gates, parse_cues
from tools.inspect_media.gates_container import container_gates, decode_gate, duration_gates
from tools.inspect_media.gates_picture import picture_gates, shot_spans
from tools.inspect_media.gates_sound import offset_gate, sound_gates
from tools.inspect_media.picture import Picture, read_picture
from tools.inspect_media.schema import Args, Result
from tools.inspect_media.soundtrack import Soundtrack, narration_offsets, read_soundtrack

M = TypeVar("M", bound=BaseModel)


def run(args: Args, ctx: ToolContext) -> Result:
    """Inspect a film; every check that the given material allows is in the result, failed or not."""
    source = Path(args.path) if args.path is not None else ctx.store.path(str(args.video))
    board = _load(ctx, Storyboard, args.storyboard, "storyboard")
    narration = _load(ctx, Narration, args.narration, "narration")
    facts = read_container(source)
    form = args.format or (board.format if board is not None else None)
    gates = container_gates(facts, form, args.fps)
    gates += duration_gates(facts, board.shots[-1].end_s if board is not None and board.shots else None, args.seconds, args.limits)
    ctx.progress(0.05, "headers read")
    picture = _see(source, facts, form, ctx)
    gates.append(decode_gate(picture.complaints, source))
    gates += picture_gates(picture, board, args.limits)
    ctx.progress(0.75, "picture seen")
    sound = read_soundtrack(source, args.limits.silence_s) if facts.audio_codec is not None else None
    if sound is not None:
        gates += sound_gates(sound, args.limits)
    ctx.progress(0.9, "sound heard")
    gates += _caption_gates(args, ctx, picture, narration, facts)
    gates += _offset_gates(source, narration, ctx, facts, sound)
    ctx.progress(1.0, "inspected")
    passed = all(gate.passed or gate.severity != "block" for gate in gates)
    return Result(passed=passed, gates=tuple(gates), facts=_figures(facts, picture, sound, board))


def _see(source: Path, facts: Container, form: Format | None, ctx: ToolContext) -> Picture:
    guessed = form or (Format.SHORT if facts.height > facts.width else Format.LANDSCAPE)
    total = max(facts.video_s * facts.fps, 1.0)
    picture = read_picture(
        source,
        (facts.width, facts.height, facts.fps),
        guessed.caption_band,
        lambda frames: ctx.progress(0.05 + 0.7 * min(frames / total, 1.0), f"{frames} frames seen"),
    )
    if not picture.mean:
        raise ToolError(f"{source.name} holds no decodable picture; render or copy it again")
    return picture


def _caption_gates(args: Args, ctx: ToolContext, picture: Picture, narration: Narration | None, facts: Container) -> list[GateResult]:
    gates: list[GateResult] = []
    if args.captions is not None:
        text = ctx.store.read(args.captions).decode("utf-8", "replace")
        gates += file_gates(parse_cues(text), narration, facts.video_s)
    if narration is not None:
        gates += burned_gates(picture, narration)
    return gates


def _offset_gates(source: Path, narration: Narration | None, ctx: ToolContext, facts: Container, sound: Soundtrack | None) -> list[GateResult]:
    if narration is None or sound is None:
        return []
    offsets = narration_offsets(source, ctx.store.path(narration.audio), narration.duration_s)
    return [offset_gate(offsets, facts.fps or 30.0)] if offsets is not None else []


def _figures(facts: Container, picture: Picture, sound: Soundtrack | None, board: Storyboard | None) -> dict[str, float | int | str | bool | None]:
    return {
        "duration_s": round(facts.video_s, 3),
        "width": facts.width,
        "height": facts.height,
        "fps": round(facts.fps, 3),
        "video_codec": facts.video_codec,
        "audio_codec": facts.audio_codec,
        "frames": len(picture.mean),
        "shots": len(shot_spans(picture, board)),
        "integrated_lufs": sound.integrated_lufs if sound is not None else None,
        "true_peak_dbtp": sound.true_peak_dbtp if sound is not None else None,
    }


def _load(ctx: ToolContext, kind: type[M], digest: str | None, field: str) -> M | None:
    if digest is None:
        return None
    try:
        return kind.model_validate_json(ctx.store.read(digest))
    except ValidationError as error:
        raise ToolError(f"{field} {digest} is not a {kind.__name__}: {error.errors()[0]['msg']}", digest=digest) from error

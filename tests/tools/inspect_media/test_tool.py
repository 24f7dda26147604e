"""The media gate passes a sound film and names each seeded defect."""

from pathlib import Path

import pytest

from memory.artifacts import Storyboard
from tests.tools.inspect_media.conftest import Film, damage
from tools.base import ToolError
from tools.inspect_media.schema import Args, Result
from tools.inspect_media.tool import run

# The small copies differ from the original in size alone; this gate is expected to fail on all of them.
SMALL = {"frame_size"}

BLACK = "drawbox=c=black:t=fill:enable='between(t,3,3.5)'"
FLAT = "drawbox=c=0x707070:t=fill:enable='between(t,1,1.8)'"
FREEZE = "loop=loop=110:size=1:start=60,trim=end_frame=240"
TWICE = "trim=end_frame=78,setpts=PTS-STARTPTS,loop=loop=1:size=78:start=0"
COVERED = "drawbox=y=ih*0.8:h=ih*0.2:w=iw:c=0x303030:t=fill"
WIDE_TEXT = "crop=iw*0.5:ih:iw*0.25:0,scale=480:270"

DEFECTS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "black": (BLACK, "anull", ()),
    "flat": (FLAT, "anull", ()),
    "frozen": (FREEZE, "anull", ()),
    "repeated_shots": (TWICE, "atrim=end=5.2", ()),
    "captions_burned_in": (COVERED, "anull", ()),
    "captions_in_safe_area": (WIDE_TEXT, "anull", ()),
    "silence": ("null", "volume=0:enable='between(t,2,4.2)'", ()),
    "clipping": ("null", "volume=30dB,alimiter=limit=1:level=0", ()),
    "true_peak": ("null", "volume=4dB", ()),
    "loudness": ("null", "volume=-6dB", ()),
    "drift": ("null", "adelay=150:all=1,atrim=end=8", ()),
    "stream_lengths": ("null", "atrim=end=7.5", ()),
    "duration": ("trim=end=7", "atrim=end=7", ()),
    "frame_rate": ("fps=15", "anull", ()),
    "pixel_format": ("format=yuv444p", "anull", ("-pix_fmt", "yuv444p")),
    "colour_tags": ("null", "anull", ("-vf", "setparams=colorspace=smpte170m:color_primaries=smpte170m:color_trc=smpte170m")),
    "sound_format": ("null", "anull", ("-ar", "44100", "-ac", "1")),
    "codecs": ("null", "anull", ("-c:v", "mpeg4")),
    "index_first": ("null", "anull", ("-movflags", "-faststart")),
}


def failed(result: Result) -> set[str]:
    return {gate.name for gate in result.gates if not gate.passed}


def inspect(film: Film, path: Path, *, board: bool = True) -> Result:
    known = {"narration": film.args.narration, "captions": film.rendered.captions_srt}
    storyboard = film.args.storyboard if board else None
    return run(Args(path=str(path), storyboard=storyboard, **known, fps=30), film.ctx)


def test_a_sound_film_passes_every_gate(film: Film) -> None:
    args = Args(
        video=film.rendered.video, captions=film.rendered.captions_vtt, narration=film.args.narration, storyboard=film.args.storyboard, fps=30, seconds=8.0
    )
    result = run(args, film.ctx)
    assert failed(result) == set()
    assert result.passed
    assert len(result.gates) >= 26
    assert result.facts["frames"] == 240


def test_a_sound_film_passes_with_nothing_known_about_it(film: Film) -> None:
    assert run(Args(video=film.rendered.video), film.ctx).passed


def test_the_small_copy_fails_by_its_size_alone(film: Film) -> None:
    assert failed(inspect(film, film.small)) == SMALL


@pytest.mark.parametrize("gate", sorted(DEFECTS))
def test_each_seeded_defect_is_named_by_its_gate(gate: str, film: Film, tmp_path: Path) -> None:
    video, audio, options = DEFECTS[gate]
    broken = damage(film.small, tmp_path / "broken.mp4", video, audio, *options)
    result = inspect(film, broken, board=gate != "repeated_shots")
    assert gate in failed(result), {each.name: each.measured for each in result.gates}
    assert not result.passed


def test_a_finding_says_what_was_measured_its_limit_and_where_in_figures_too(film: Film, tmp_path: Path) -> None:
    video, audio, options = DEFECTS["silence"]
    broken = damage(film.small, tmp_path / "broken.mp4", video, audio, *options)
    found = {gate.name: gate for gate in inspect(film, broken).gates}
    silence, level = found["silence"], found["loudness"]
    assert (silence.stage, silence.bound) == ("narrate", 1.5)
    assert silence.value == pytest.approx(2.2, abs=0.3)
    assert silence.at_s == pytest.approx(2.0, abs=0.3)
    assert level.bound == -14.0
    assert level.value == pytest.approx(float(level.measured.split()[0]), abs=0.06)


def test_a_film_in_which_nothing_new_happens_is_noticed(film: Film, tmp_path: Path) -> None:
    still = damage(film.small, tmp_path / "still.mp4", "trim=end_frame=1,loop=loop=239:size=1", "anull")
    assert {"visual_change", "frozen"} <= failed(inspect(film, still))


def test_a_broken_packet_is_noticed(film: Film, tmp_path: Path) -> None:
    data = bytearray(film.small.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 4000] = bytes(4000)
    path = tmp_path / "broken.mp4"
    path.write_bytes(data)
    assert "decodes" in failed(inspect(film, path))


def test_a_storyboard_that_uses_a_shot_twice_is_noticed(film: Film) -> None:
    board = Storyboard.model_validate_json(film.ctx.store.read(film.args.storyboard))
    first, second, third = board.shots
    twice = board.model_copy(update={"shots": (first, second, third.model_copy(update={"layers": first.layers}))})
    digest = film.ctx.store.put_bytes(twice.model_dump_json().encode())
    result = run(Args(path=str(film.small), storyboard=digest), film.ctx)
    assert "shots_unique" in failed(result)


def test_low_text_contrast_known_from_the_storyboard_is_noticed(film: Film) -> None:
    board = Storyboard.model_validate_json(film.ctx.store.read(film.args.storyboard))
    shots = (board.shots[0].model_copy(update={"scene": {"contrast": 2.1}}), *board.shots[1:])
    digest = film.ctx.store.put_bytes(board.model_copy(update={"shots": shots}).model_dump_json().encode())
    assert "text_contrast" in failed(run(Args(path=str(film.small), storyboard=digest), film.ctx))


def test_a_caption_file_that_lacks_a_word_or_comes_late_is_noticed(film: Film) -> None:
    text = film.ctx.store.read(film.rendered.captions_srt).decode()
    for changed in (text.replace("lake", ""), text.replace("00:00:0", "00:00:2")):
        args = Args(path=str(film.small), captions=film.ctx.store.put_bytes(changed.encode()), narration=film.args.narration)
        assert "caption_words" in failed(run(args, film.ctx))


def test_a_caption_file_with_three_lines_is_noticed(film: Film) -> None:
    digest = film.ctx.store.put_bytes(b"1\n00:00:01,000 --> 00:00:02,000\none\ntwo\nthree\n")
    assert "caption_lines" in failed(run(Args(path=str(film.small), captions=digest), film.ctx))


@pytest.mark.parametrize("content", [b"", b"this is no film at all", b"\x00\x00\x00\x18ftypmp42" + bytes(200)])
def test_what_is_no_video_is_refused_in_words(content: bytes, film: Film, tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(content)
    with pytest.raises(ToolError, match=r"film\.mp4"):
        run(Args(path=str(path)), film.ctx)


def test_a_sound_file_without_picture_is_refused(film: Film, tmp_path: Path) -> None:
    path = tmp_path / "voice.wav"
    path.write_bytes(film.ctx.store.read(film.rendered.video)[:0] or b"RIFF")
    with pytest.raises(ToolError):
        run(Args(path=str(path)), film.ctx)


def test_one_source_must_be_named() -> None:
    with pytest.raises(ValueError, match="either video"):
        Args()

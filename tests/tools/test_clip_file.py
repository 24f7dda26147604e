"""Clips made safe: every kind of file that is no clip is told apart, and what is kept is the same whatever it came from."""

from pathlib import Path

import av
import pytest

from memory.media import MediaStore
from tests.fixtures.clips import counting_file, luma_of, number_in
from tools.clip_facts import CLIP_SUFFIXES, ClipUnreadable
from tools.clip_file import keep_clip
from tools.clip_frames import read_stills
from tools.picture_bytes import picture_size
from tools.vendors.ffmpeg.client import run as run_ffmpeg


@pytest.fixture
def store(tmp_path: Path) -> MediaStore:
    return MediaStore(tmp_path / "media")


def made(path: Path, source: str, *options: str) -> Path:
    run_ffmpeg(["-f", "lavfi", "-i", source, *options, str(path)])
    return path


def refused(path: Path, store: MediaStore) -> str:
    with pytest.raises(ClipUnreadable) as raised:
        keep_clip(path, store, path.parent)
    return raised.value.message


def test_a_clip_is_kept_silent_in_the_film_s_colours_with_one_of_its_frames(store: MediaStore, tmp_path: Path) -> None:
    kept = keep_clip(counting_file(tmp_path / "own clip.mp4", 90), store, tmp_path)
    assert (kept.clip.width, kept.clip.height, kept.clip.frames, kept.clip.fps) == (640, 360, 90, 30.0)
    assert picture_size(store.read(kept.still)) == (640, 360)
    with av.open(str(store.path(kept.clip.digest))) as media:
        assert [stream.type for stream in media.streams] == ["video"]
        context = media.streams.video[0].codec_context
        assert (context.name, context.pix_fmt, int(context.colorspace), int(context.color_range)) == ("h264", "yuv420p", 1, 1)
    assert [number_in(luma) for luma in luma_of(store.path(kept.clip.digest))] == list(range(90))
    assert [still.shape for still in read_stills(store.path(kept.clip.digest), kept.clip, 3)] == [(360, 640, 3)] * 3


def test_the_same_file_is_encoded_once(store: MediaStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = counting_file(tmp_path / "clip.mp4", 60)
    first = keep_clip(path, store, tmp_path)
    monkeypatch.setattr("tools.clip_file.run_ffmpeg", None)
    assert keep_clip(path.rename(tmp_path / "renamed.mov"), store, tmp_path) == first


def test_a_long_recording_keeps_twelve_seconds_after_its_first_tenth(store: MediaStore, tmp_path: Path) -> None:
    path = counting_file(tmp_path / "long.mp4", 200, fps=10, size=(320, 240))
    kept = keep_clip(path, store, tmp_path)
    assert kept.clip.seconds == 12
    assert number_in(luma_of(store.path(kept.clip.digest))[0]) == 20


def test_webm_turned_and_wide_colour_clips_become_upright_sdr(store: MediaStore, tmp_path: Path) -> None:
    webm = made(tmp_path / "a.webm", "testsrc2=size=640x360:rate=25:duration=1.2", "-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8")
    assert keep_clip(webm, store, tmp_path).clip.frames == 30
    plain = made(tmp_path / "plain.mp4", "testsrc2=size=640x360:rate=25:duration=1.2", "-c:v", "libx264")
    run_ffmpeg(["-display_rotation", "90", "-i", str(plain), "-c", "copy", str(tmp_path / "turned.mp4")])
    turned = keep_clip(tmp_path / "turned.mp4", store, tmp_path).clip
    assert (turned.width, turned.height) == (360, 640)
    hdr = ["-c:v", "libx265", "-pix_fmt", "yuv420p10le", "-x265-params", "log-level=0:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc"]
    colours = ["-color_trc", "smpte2084", "-color_primaries", "bt2020", "-colorspace", "bt2020nc"]
    wide = made(tmp_path / "wide.mp4", "color=white:size=320x240:rate=25:duration=1.2", *hdr, *colours)
    still = next(read_stills(store.path(keep_clip(wide, store, tmp_path).clip.digest), keep_clip(wide, store, tmp_path).clip, 1))
    assert still.mean() > 235


@pytest.mark.parametrize(
    ("name", "source", "options", "said"),
    [
        ("huge.mp4", "color=red:size=7680x4320:rate=10:duration=1.2", ("-c:v", "mpeg4"), "7680x4320 pixels, the limit is 4096 a side; scale it down"),
        ("tiny.mp4", "testsrc2=size=176x144:rate=25:duration=2", ("-c:v", "libx264"), "176x144 pixels, at least 240 a side are needed"),
        ("blink.mp4", "testsrc2=size=320x240:rate=25:duration=0.4", ("-c:v", "libx264"), "it lasts 0.40 s, at least 1 s is needed"),
        ("slides.mp4", "testsrc2=size=320x240:rate=2:duration=4", ("-c:v", "libx264"), "2.0 frames a second, at least 10 are needed"),
        ("old.mov", "testsrc2=size=320x240:rate=25:duration=2", ("-c:v", "qtrle"), "codec qtrle is not read; encode it as H.264"),
        ("sound.mp4", "sine=duration=2", (), "it holds no moving picture"),
    ],
)
def test_a_file_beyond_a_limit_is_refused_with_the_limit_and_what_to_do(
    store: MediaStore, tmp_path: Path, name: str, source: str, options: tuple[str, ...], said: str
) -> None:
    assert said in refused(made(tmp_path / name, source, *options), store)


def test_a_recording_of_ten_hours_is_refused_by_its_headers(store: MediaStore, tmp_path: Path) -> None:
    short = made(tmp_path / "short.mp4", "color=red:size=320x240:rate=10:duration=10", "-c:v", "libx264", "-bf", "0")
    # Stretched by its time stamps: hours of film, written in a moment.
    run_ffmpeg(["-itsscale", "3630", "-i", str(short), "-c", "copy", str(tmp_path / "hours.mp4")])
    assert "minutes, the limit is 10; cut the part you want out of it" in refused(tmp_path / "hours.mp4", store)


def test_what_is_no_clip_or_not_all_of_one_is_refused(store: MediaStore, tmp_path: Path) -> None:
    whole = counting_file(tmp_path / "whole.mp4", 150).read_bytes()
    index_last = tmp_path / "last.mp4"
    run_ffmpeg(["-i", str(tmp_path / "whole.mp4"), "-c", "copy", str(index_last)])
    files = {
        "empty.mp4": (b"", r"the file is empty \(0 bytes\)"),
        "page.mp4": (b"<!doctype html><title>Sign in</title>" * 50, "it is cut short, damaged, or no MP4, MOV or WebM"),
        "list.mp4": (b"#EXTM3U\n#EXTINF:5,\nfile:///etc/hostname\n", "no MP4, MOV or WebM"),
        "picture.mp4": (b"\xff\xd8\xff\xe0" + bytes(4000), "no MP4, MOV or WebM"),
        "cut.mp4": (whole[: len(whole) * 2 // 3], r"its pictures end after \d\.\d s of 5\.0 s, so it was cut short; copy it again"),
        "index gone.mp4": (index_last.read_bytes()[: len(whole) // 2], "it cannot be read"),
    }
    for name, (data, said) in files.items():
        (tmp_path / name).write_bytes(data)
        with pytest.raises(ClipUnreadable, match=said):
            keep_clip(tmp_path / name, store, tmp_path)
    assert ".mp4" in CLIP_SUFFIXES

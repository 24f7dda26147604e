"""What a file of moving pictures says of itself, read in a process with limits; light, so that whoever takes files in may ask."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.errors import Invalid
from infra.settings import CHECKOUT

CLIP_SUFFIXES = frozenset({".mp4", ".mov", ".m4v", ".webm", ".mkv"})
MAX_SIDE = 4096
MIN_SIDE = 240
# Before every input that a stranger made.
BOUNDS = ("-format_whitelist", "mov,matroska", "-max_pixels", str(MAX_SIDE * MAX_SIDE), "-threads", "2")
TAGS_709 = "setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709"
CODECS = frozenset({"h264", "hevc", "vp8", "libvpx", "vp9", "libvpx-vp9", "av1", "libdav1d", "mpeg4", "prores", "mjpeg"})
_PROBE_S = 30.0
_PROBE = "import sys; sys.path.insert(0, sys.argv[1]); from tools.clip_probe import main; main()"
# Code points of ISO/IEC 23091-2: BT.709 and "not stated" matrices; the transfer curves of HDR (PQ, HLG).
_UNSTATED, _HDR = 2, frozenset({16, 18})
_TONE_MAP = "zscale=t=linear:npl=100,format=gbrpf32le,zscale=p=bt709,tonemap=tonemap=hable:desat=0,zscale=t=bt709:m=bt709:r=tv,format=yuv420p"


class ClipUnreadable(Invalid):
    """The file is no clip that may be used."""

    code = "clip_unreadable"


@dataclass(frozen=True)
class Facts:
    """What the probe says of a clip: sizes as shown, the whole length, the rate as a fraction, its colours' code points, and whether it has sound."""

    codec: str
    width: int
    height: int
    seconds: float
    rate: tuple[int, int]
    frames: int
    colour: tuple[int, int, int]
    sound: bool


def probe(path: Path) -> Facts:
    """Return what a clip says of itself, read in a child process with limits on memory and time; raises `ClipUnreadable`."""
    try:
        done = subprocess.run([sys.executable, "-c", _PROBE, str(CHECKOUT), str(path)], capture_output=True, timeout=_PROBE_S, check=False)
    except subprocess.TimeoutExpired as error:
        raise ClipUnreadable(f"clip: its headers could not be read within {_PROBE_S:.0f} s; encode it again as MP4 (H.264)") from error
    if done.returncode != 0:
        raise ClipUnreadable("clip: reading its headers took more memory or time than a clip may; encode it again as MP4 (H.264)")
    said: dict[str, Any] = json.loads(done.stdout)
    if "error" in said:
        raise ClipUnreadable(f"clip: {said['error']}; copy it again, or encode it as MP4 (H.264)")
    facts = said["facts"]
    return Facts(**{**facts, "rate": tuple(facts["rate"]), "colour": tuple(facts["colour"])})


def colour_filters(facts: Facts) -> list[str]:
    """Return the filters before scaling to BT.709 that make its colours what they are seen as: HDR toned, an unstated matrix stated."""
    matrix, transfer, _ = facts.colour
    # What states no matrix is taken as players take it: HD as BT.709, smaller pictures as BT.601.
    assumed = ["setparams=colorspace=bt709" if facts.height >= 720 else "setparams=colorspace=smpte170m"] if matrix == _UNSTATED else []
    return [_TONE_MAP] if transfer in _HDR else assumed

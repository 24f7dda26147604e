"""The voice process and the voice files: death, idleness, orphans, damage."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.settings import CHECKOUT, Settings
from tools.vendors.piper import voices
from tools.vendors.piper.client import PiperClient, Request, VoiceProcessLost, VoiceRefused
from tools.vendors.piper.voices import PreparedVoice, VoiceBroken, VoiceMissing, get_voice, list_voices, prepare_voice

ONE = Request("The long road ends here.", ("The", "long", "road", "ends", "here"))
TWO = Request("And it begins again.", ("And", "it", "begins", "again"))


def wait_until(condition: Callable[[], bool], limit_s: float = 10.0) -> None:
    deadline = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def is_alive(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rsplit(")", 1)[1].split()[0] != "Z"


def test_a_process_killed_between_two_sentences_loses_none(speaker: PiperClient) -> None:
    whole = [utterance.samples.tobytes() for utterance in speaker.say_all([ONE, TWO, ONE])]
    answers = speaker.say_all([ONE, TWO, ONE])
    first = next(answers)
    pid = speaker.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    rest = list(answers)
    assert [utterance.samples.tobytes() for utterance in (first, *rest)] == whole
    assert speaker.pid not in {None, pid}


def test_an_abandoned_reading_does_not_leak_into_the_next(speaker: PiperClient) -> None:
    answers = speaker.say_all([ONE, ONE, ONE])
    next(answers)
    del answers
    (utterance,) = speaker.say_all([TWO])
    assert len(utterance.alone) == len(TWO.words)


def test_an_idle_process_ends_by_itself_and_the_next_call_starts_one(prepared_voice: PreparedVoice) -> None:
    client = PiperClient(prepared_voice.model, prepared_voice.voice.config, idle_s=0.3)
    try:
        assert len(list(client.say_all([ONE]))) == 1
        wait_until(lambda: client.pid is None)
        # Its exit is taken and its pipes are closed without waiting for a next call, which may never come.
        wait_until(lambda: client._running is None)
        assert len(list(client.say_all([TWO]))) == 1
    finally:
        client.close()


def test_a_process_that_cannot_load_its_voice_is_reported(tmp_path: Path) -> None:
    client = PiperClient(tmp_path / "none.onnx", tmp_path / "none.json")
    with pytest.raises(VoiceProcessLost, match="none.onnx"):
        list(client.say_all([ONE]))


def test_a_request_that_the_model_refuses_leaves_the_process_well(speaker: PiperClient) -> None:
    broken = Request("Hello.", ("Hello",), offset=10**30)
    with pytest.raises(VoiceRefused):
        list(speaker.say_all([broken]))
    assert len(list(speaker.say_all([ONE]))) == 1


def test_the_process_dies_with_its_parent_even_when_a_thread_started_it(prepared_voice: PreparedVoice) -> None:
    program = (
        "import sys, threading; from pathlib import Path; from tools.vendors.piper.client import PiperClient, Request\n"
        "client = PiperClient(Path(sys.argv[1]), Path(sys.argv[2]))\n"
        "worker = threading.Thread(target=lambda: list(client.say_all([Request('Hello.', ('Hello',))])))\n"
        "worker.start(); worker.join(); list(client.say_all([Request('Hello.', ('Hello',))]))\n"
        "sys.stdout.write(f'{client.pid}\\n'); sys.stdout.flush(); sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", program, str(prepared_voice.model), str(prepared_voice.voice.config)]
    with subprocess.Popen(command, cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert is_alive(child)
        parent.kill()
    wait_until(lambda: not is_alive(child))


def test_a_damaged_prepared_voice_is_made_again(prepared_voice: PreparedVoice, voice_settings: Settings) -> None:
    good = prepared_voice.model.read_bytes()
    prepared_voice.model.write_bytes(good[: len(good) // 2])
    voices._prepared.cache_clear()
    again = prepare_voice(voice_settings, "joe-medium")
    assert again.model.read_bytes() == good


def test_a_voice_file_with_other_bytes_than_its_release_is_refused(tmp_path: Path) -> None:
    model = tmp_path / "joe.onnx"
    model.write_bytes(b"not the voice")
    (tmp_path / "joe.onnx.json").write_text("{}")
    voice = voices.Voice("joe-medium", model, tmp_path / "joe.onnx.json", "", None, monetisable=False, sha256="0" * 64)
    with pytest.raises(VoiceBroken, match="install it again"):
        voices._prepared(tmp_path / "models", voice)


def test_a_file_that_is_no_voice_is_refused_and_leaves_nothing_behind(tmp_path: Path) -> None:
    folder = tmp_path / "voices"
    folder.mkdir()
    (folder / "mine.onnx").write_bytes(b"not a model")
    (folder / "mine.onnx.json").write_text("{}")
    settings = Settings(home=tmp_path)
    assert "mine" in {voice.name for voice in list_voices(settings)}
    with pytest.raises(VoiceBroken, match="could not be made ready"):
        prepare_voice(settings, "mine")
    assert list((settings.cache_root / "models").glob("*.onnx*")) == []


def test_a_missing_wheel_says_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wheel = voices._WHEELS["joe-medium"]
    absent = voices._Wheel("no-such-voice-wheel", wheel.stem, wheel.licence, wheel.words_per_minute, wheel.sha256)
    monkeypatch.setitem(voices._WHEELS, "joe-medium", absent)
    with pytest.raises(VoiceMissing, match="pip install no-such-voice-wheel"):
        get_voice(Settings(home=tmp_path), "joe-medium")

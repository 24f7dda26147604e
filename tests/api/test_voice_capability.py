"""What `doctor` says of the voice: who reads, under which terms, and what to set for a better one."""

from pathlib import Path

from api.capabilities import Capability, capabilities
from infra.settings import Settings


def voice_of(home: Path, **settings: object) -> Capability:
    found = capabilities(Settings.model_validate({"home": home, "network": "off", **settings}))
    return next(one for one in found if one.name == "voice")


def test_without_a_key_the_installed_voice_reads_and_its_licence_is_told(tmp_path: Path) -> None:
    found = voice_of(tmp_path)
    assert found.status == "limited"
    assert "joe-medium" in found.served_by
    assert "research corpus" in found.limits
    assert "ELEVENLABS_API_KEY" in found.better


def test_a_key_puts_its_voice_first_and_tells_the_budget(tmp_path: Path) -> None:
    found = voice_of(tmp_path, elevenlabs_api_key="k", google_tts_api_key="k", voice="google_tts")
    assert found.status == "ok"
    assert found.served_by.startswith("Google (en-US-Neural2-D) then ElevenLabs")
    assert "$0.05 a video" in found.limits
    assert "k" not in found.served_by.split()


def test_an_operator_who_wants_no_paid_voice_is_not_told_of_one(tmp_path: Path) -> None:
    assert voice_of(tmp_path, elevenlabs_api_key="k", voice="piper").served_by == "Piper (joe-medium)"

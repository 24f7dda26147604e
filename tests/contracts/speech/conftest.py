"""The warm voice for the port's suite."""

from tests.fixtures.speech import prepared_voice, speaker, speech_context, voice_settings

__all__ = ["prepared_voice", "speaker", "speech_context", "voice_settings"]

"""The warm voice for the tests of this tool."""

from tests.fixtures.speech import prepared_voice, speaker, speech_context, voice_settings

__all__ = ["prepared_voice", "speaker", "speech_context", "voice_settings"]

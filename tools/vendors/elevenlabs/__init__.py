"""ElevenLabs voices: the SDK's only door, and a stand-in of the API."""

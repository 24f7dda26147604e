"""The Piper neural voice, run as a process of its own because its code is GPL."""

"""The watchdog: reads how the studio fares, judges each reading by a stated limit, heals what it can, and says the rest aloud."""

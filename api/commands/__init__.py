"""The verbs of the `ytempire` command: one module each, with a function `register(app)` that adds it."""

"""The language port: composes text offline from quotable passages, or through a language model."""

"""The faces of the studio: the `ytempire` command and, later, the HTTP API."""

"""Makes the stills of one shot: an opaque backdrop and transparent layers that enter one after another."""

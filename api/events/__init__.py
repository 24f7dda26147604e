"""Live events: what happens, told to sockets and streams as it happens, by number and without a gap."""

"""The service's place in a stack: the socket that it answers at, held by the stack itself, and the process that serves it."""

import socket
from dataclasses import replace

from api.stack_host import SERVER, StackUrls, lasting, python_unit
from infra.errors import Conflict, Invalid
from infra.settings import Settings
from infra.units import ProcessSpec, Unit

NAME = SERVER
_BACKLOG = 512


class PortTaken(Conflict):
    """Another program answers at the port."""

    code = "port_taken"


class Front:
    """Opens the address once the home is the stack's own, and adds the serving process to what the stack runs.

    The stack holds the socket and each server gets it: who connects while the server is started anew waits instead of being refused.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._socket: socket.socket | None = None

    def open(self) -> None:
        """Take the address; raises PortTaken or Invalid, which name the setting."""
        self._socket = listen_at(self._settings.host, self._settings.port)

    @property
    def address(self) -> str:
        """Where the service answers."""
        if self._socket is None:
            raise Conflict("the service's address is not open")
        host, port = self._socket.getsockname()[:2]
        return f"http://{f'[{host}]' if ':' in host else host}:{port}"

    def plan(self, settings: Settings, urls: StackUrls) -> list[Unit]:
        """Return what a stack that stays up runs, the service with it."""
        return [*lasting(settings, urls), self._server(settings, urls)]

    def close(self) -> None:
        """Give the address back."""
        if self._socket is not None:
            self._socket.close()

    def _server(self, settings: Settings, urls: StackUrls) -> ProcessSpec:
        if self._socket is None:
            raise Conflict("the service's address is not open")
        descriptor = self._socket.fileno()
        return replace(python_unit(NAME, "control", ["api.server", str(descriptor)], settings, urls), pass_fds=(descriptor,))


def listen_at(host: str, port: int) -> socket.socket:
    """Return a listening socket; raises PortTaken for a port that is in use and Invalid for an address that this machine does not have."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    except socket.gaierror as error:
        raise Invalid(f"YTEMPIRE_HOST: {host!r} is no address ({error.strerror}); give one of this machine, 127.0.0.1 for this machine only") from error
    taken = socket.socket(family, kind)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind(address)
    except PermissionError as error:
        taken.close()
        raise Invalid(f"YTEMPIRE_PORT: {port} is only for the system's administrator; give --port or YTEMPIRE_PORT above 1023") from error
    except OSError as error:
        taken.close()
        raise PortTaken(
            f"YTEMPIRE_PORT: port {port} at {host} cannot be had ({error.strerror}); stop what uses it, or give another with --port or YTEMPIRE_PORT (0: any)",
            port=port,
        ) from error
    taken.listen(_BACKLOG)
    taken.set_inheritable(True)
    return taken

"""`ytempire mcp`: let an AI assistant ask the running studio, with the permissions of a program's token."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from infra.errors import Invalid
from infra.processes import environment
from infra.settings import CHECKOUT, Settings, load_settings

_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command(name="mcp")(mcp)


def mcp(
    url: Annotated[str | None, typer.Option(help="Where the studio's service answers; default: YTEMPIRE_HOST and YTEMPIRE_PORT.")] = None,
    token_file: Annotated[Path | None, typer.Option(help="A file that holds the program's token; default: YTEMPIRE_MCP_TOKEN.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Render an error as one JSON object; the protocol itself is JSON already.")] = False,  # noqa: ARG001 - read by the command
) -> None:
    """Serve the Model Context Protocol over standard input and output: inject topics, see how the studio stands, search, propose decisions (never decide)."""
    settings = load_settings()
    token = _token(settings, token_file)
    # The protocol's process takes this one's place: the assistant's pipes reach it directly, and nothing else writes to them.
    os.chdir(CHECKOUT)
    os.execve(sys.executable, [sys.executable, "-m", "api.assistant", url or _address(settings)], environment(YTEMPIRE_MCP_TOKEN=token))  # noqa: S606 - our own module  # nosec B606


def _token(settings: Settings, file: Path | None) -> str:
    if file is not None:
        try:
            return file.read_text("ascii", "replace").strip()
        except OSError as error:
            raise Invalid(f"--token-file: {file} cannot be read ({error.strerror}); give the file that holds the token") from error
    if settings.mcp_token is None:
        raise Invalid("YTEMPIRE_MCP_TOKEN, --token-file: neither is given; make a program's token with POST /v1/me/tokens and give it in one of them")
    return settings.mcp_token.get_secret_value()


def _address(settings: Settings) -> str:
    if settings.port == 0:
        raise Invalid("--url: YTEMPIRE_PORT is 0, so the port is not known; give the address that `ytempire up` told")
    host = _EVERYWHERE.get(settings.host, settings.host)
    return f"http://{f'[{host}]' if ':' in host and not host.startswith('[') else host}:{settings.port}"

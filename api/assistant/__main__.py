"""The process that speaks the protocol over its standard input and output; whoever started it ends it by closing them."""

import asyncio
import sys

from mcp.server.stdio import stdio_server

from api.assistant.serving import server_of
from api.assistant.studio import Studio, studio_at
from api.cli import render
from infra.errors import Invalid, StudioError
from infra.log import configure_logging
from infra.settings import load_settings


async def serve(url: str, token: str) -> None:
    """Serve one assistant until it goes; raises TokenRefused or StudioAway when it could do nothing."""
    async with studio_at(url, token) as client:
        studio = Studio(client)
        await studio.offers()
        server = server_of(studio)
        async with stdio_server() as (incoming, outgoing):
            await server.run(incoming, outgoing, server.create_initialization_options())


def main() -> int:
    """Serve with the token of the environment; the address is the only argument."""
    settings = load_settings()
    configure_logging(settings.log_level)
    try:
        if settings.mcp_token is None:
            raise Invalid("YTEMPIRE_MCP_TOKEN: no token is set; `ytempire mcp --help` says how to give one")
        asyncio.run(serve(sys.argv[1], settings.mcp_token.get_secret_value().strip()))
    except StudioError as error:
        render(error, as_json=False)
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

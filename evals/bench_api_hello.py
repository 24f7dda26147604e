"""The floor of the API bench: an endpoint of the same framework that only says hello, served by the same server."""

import asyncio
import socket
import sys
from typing import Any

import uvicorn

from tools.registry import load_constant

app: Any = load_constant("fastapi:FastAPI")()


async def hello() -> dict[str, str]:
    """Say hello."""
    return {"hello": "world"}


app.get("/hello")(hello)


def main() -> None:
    """Serve at the socket whose descriptor is the only argument."""
    config = uvicorn.Config(app, log_config=None, access_log=False, server_header=False, proxy_headers=False, lifespan="off")
    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        runner.run(uvicorn.Server(config).serve([socket.socket(fileno=int(sys.argv[1]))]))


if __name__ == "__main__":
    main()

"""The `evals` verb. It starts `evals.run` as a process, since every command imports this module and none should pay for the harness."""

import subprocess
import sys
from collections.abc import Callable
from typing import Protocol

from infra.settings import CHECKOUT


class App(Protocol):
    """The part of the command's application that a verb needs: commands are registered by a decorator."""

    def command(self, name: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
        """Return a decorator that registers a command of that name."""
        ...


def register(app: App) -> None:
    """Add the verb to the command."""

    @app.command("evals")
    def evals(agent: str = "", json: bool = False) -> None:
        """Run every agent (or one) on its stored cases; exits with 1 when one is below its gate."""
        arguments = [*(["--agent", agent] if agent else []), *(["--json"] if json else [])]
        code = subprocess.run([sys.executable, "-m", "evals.run", *arguments], cwd=CHECKOUT, check=False).returncode
        if code:
            raise SystemExit(code)

"""Every tool there is. A worker runs what is listed here and nothing else."""

import importlib
from typing import Any

from infra.errors import Invalid, NotFound
from tools.base import ToolSpec

Tools = tuple[ToolSpec[Any, Any], ...]

TOOLS: Tools = ()


class UnknownTool(NotFound):
    """No tool of that name is registered."""

    code = "unknown_tool"


class Registry:
    """Tools by name."""

    def __init__(self, tools: Tools = TOOLS) -> None:
        self._tools = {spec.name: spec for spec in tools}
        if len(self._tools) != len(tools):
            raise Invalid("two tools share a name", names=[spec.name for spec in tools])

    def get(self, name: str) -> ToolSpec[Any, Any]:
        """Return a tool's specification; raises UnknownTool."""
        if name not in self._tools:
            raise UnknownTool(f"there is no tool {name!r}", tool=name)
        return self._tools[name]


def load_constant(reference: str) -> Any:
    """Return the object that `package.module:NAME` names; for a command line that swaps the registry or the allow-list."""
    module, _, name = reference.partition(":")
    if not name:
        raise Invalid(f"{reference!r} is not of the form package.module:NAME")
    return getattr(importlib.import_module(module), name)

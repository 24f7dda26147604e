"""What `langgraph.json` names is the production graph, loaded as LangGraph's server loads it: by file, apart from our package."""

import importlib.util
import inspect
import json
import sys
from collections.abc import Iterator
from types import ModuleType

import pytest
from langgraph.graph.state import CompiledStateGraph

from graphs.context import Studio
from graphs.production import Production, build_production
from graphs.state import ProductionState
from infra.settings import CHECKOUT

DESCRIBED = json.loads((CHECKOUT / "langgraph.json").read_text("utf-8"))
STRAIGHT = {
    ("narrate", "illustrate"),
    ("illustrate", "render"),
    ("render", "inspect"),
    ("end_published", "__end__"),
    ("end_refused", "__end__"),
    ("end_rejected", "__end__"),
}
CHOSEN = {
    "__start__": {"scout", "take_in"},
    "take_in": {"design_thumbnail", "end_refused"},
    "design_thumbnail": {"render", "inspect"},
    "scout": {"write", "end_refused"},
    "write": {"review", "end_refused"},
    "review": {"write", "approve_script", "end_refused"},
    "approve_script": {"narrate", "design_thumbnail", "write", "end_rejected"},
    "inspect": {"screen", "narrate", "illustrate", "render", "end_refused"},
    "screen": {"prepare", "end_refused"},
    "prepare": {"approve_video", "end_refused"},
    "publish": {"prepare", "end_published"},
    "approve_video": {"publish", "prepare", "write", "end_rejected"},
}


@pytest.fixture
def loaded() -> Iterator[ModuleType]:
    """Load the named file as a module of its own."""
    path, _, _ = DESCRIBED["graphs"]["production"].partition(":")
    spec = importlib.util.spec_from_file_location("studio__production", CHECKOUT / path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


def test_the_named_factory_takes_nothing_and_gives_a_compiled_graph_without_a_saver_of_its_own(loaded: ModuleType) -> None:
    factory = getattr(loaded, DESCRIBED["graphs"]["production"].partition(":")[2])
    assert not inspect.signature(factory).parameters
    graph = factory()
    assert isinstance(graph, CompiledStateGraph)
    assert (graph.name, graph.checkpointer) == ("production", None)
    assert graph.get_input_jsonschema()["properties"].keys() == ProductionState.__annotations__.keys()
    assert graph.context_schema is Studio


def wiring(graph: Production) -> tuple[set[tuple[str, str]], dict[str, set[str]]]:
    """Return the declared wiring. LangGraph's drawing is no witness: it simulates, and guesses wrong about a deferred node."""
    chosen = {name: {end for branch in branches.values() for end in (branch.ends or {}).values()} for name, branches in graph.builder.branches.items()}
    return set(graph.builder.edges), chosen


def test_its_nodes_and_edges_are_those_of_the_production(loaded: ModuleType) -> None:
    graph: Production = loaded.production()
    assert wiring(graph) == (STRAIGHT, CHOSEN) == wiring(build_production())
    named = {end for edge in STRAIGHT for end in edge} | {end for targets in CHOSEN.values() for end in targets} | set(CHOSEN)
    assert set(graph.builder.nodes) == named - {"__start__", "__end__"}
    assert [name for name, node in graph.builder.nodes.items() if node.defer] == ["render"]


def test_the_installed_package_and_the_environment_file_are_the_projects_own() -> None:
    assert DESCRIBED["dependencies"] == ["."]
    assert DESCRIBED["env"] == ".env"

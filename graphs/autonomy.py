"""The autonomy graph: one wake-up of an autonomous run, as one short thread. Assembly only."""

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph

from graphs import autonomy_nodes as nodes
from graphs.autonomy_nodes import AutonomyState
from graphs.fleet_flight import Flight

Autonomy = CompiledStateGraph[AutonomyState, Flight, AutonomyState, AutonomyState]


def build_autonomy(saver: BaseCheckpointSaver[str] | None = None) -> Autonomy:
    """Return the compiled graph; `saver` makes it durable."""
    graph = StateGraph(AutonomyState, context_schema=Flight)
    for name, node in {
        "plan": nodes.plan,
        "launch": nodes.launch,
        "watch": nodes.watch,
        "adapt": nodes.adapt,
        "report": nodes.report,
        "rest": nodes.rest,
        "end": nodes.end,
    }.items():
        graph.add_node(name, node)
    graph.add_edge(START, "plan")
    graph.add_edge("plan", "launch")
    graph.add_edge("launch", "watch")
    graph.add_edge("watch", "adapt")
    graph.add_edge("adapt", "report")
    graph.add_conditional_edges("report", lambda state: "end" if state["over"] else "rest", ["end", "rest"])
    graph.add_edge("rest", END)
    graph.add_edge("end", END)
    return graph.compile(checkpointer=saver, name="autonomy")


def autonomy() -> Autonomy:
    """Return the graph as LangGraph Studio opens it: a factory without parameters, since the server brings its own saver."""
    return build_autonomy()

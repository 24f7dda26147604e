"""The production graph: one video from trend to publication. Assembly only."""

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph

from graphs import endings, films, gates, nodes, routes
from graphs.context import Studio
from graphs.state import ProductionState

Production = CompiledStateGraph[ProductionState, Studio, ProductionState, ProductionState]


def build_production(saver: BaseCheckpointSaver[str] | None = None) -> Production:
    """Return the compiled graph; `saver` makes it durable."""
    graph = StateGraph(ProductionState, context_schema=Studio)
    for name, node in {
        "scout": nodes.scout,
        "take_in": films.take_in,
        "write": nodes.write,
        "review": nodes.review,
        "approve_script": gates.approve_script,
        "narrate": nodes.narrate,
        "design_thumbnail": nodes.design_thumbnail,
        "illustrate": nodes.illustrate,
        "inspect": nodes.inspect,
        "screen": nodes.screen,
        "prepare": nodes.prepare,
        "approve_video": gates.approve_video,
        "publish": nodes.publish,
        "end_published": endings.published,
        "end_refused": endings.refused,
        "end_rejected": endings.rejected,
    }.items():
        graph.add_node(name, node)
    # Deferred: render waits for both branches, and runs alone when the media gate sent only one stage back.
    graph.add_node("render", nodes.render, defer=True)

    graph.add_conditional_edges(START, films.begin)
    graph.add_conditional_edges("take_in", routes.after_take_in)
    graph.add_conditional_edges("scout", routes.after_scout)
    graph.add_conditional_edges("write", routes.after_write)
    graph.add_conditional_edges("review", routes.after_review)
    graph.add_conditional_edges("approve_script", routes.after_script_gate, ["narrate", "design_thumbnail", "write", "end_rejected"])
    graph.add_edge("narrate", "illustrate")
    graph.add_edge("illustrate", "render")
    graph.add_conditional_edges("design_thumbnail", routes.after_thumbnail)
    graph.add_edge("render", "inspect")
    graph.add_conditional_edges("inspect", routes.after_inspect)
    graph.add_conditional_edges("screen", routes.after_screen)
    graph.add_conditional_edges("prepare", routes.after_prepare)
    graph.add_conditional_edges("approve_video", routes.after_video_gate)
    graph.add_conditional_edges("publish", routes.after_publish)
    for ending in ("end_published", "end_refused", "end_rejected"):
        graph.add_edge(ending, END)
    return graph.compile(checkpointer=saver, name="production")


def production() -> Production:
    """Return the graph as LangGraph Studio opens it: a factory without parameters, since the server brings its own saver."""
    return build_production()

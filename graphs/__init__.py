"""How agents are coordinated: state, nodes, routes, gates, the production graph, the orchestrator."""

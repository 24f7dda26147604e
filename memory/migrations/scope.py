"""Which tables of a database are ours: LangGraph's checkpoint tables belong to LangGraph."""


def is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """Say whether a comparison of records with a database should look at this table (or anything else)."""
    return kind != "table" or not (name or "").startswith("checkpoint")

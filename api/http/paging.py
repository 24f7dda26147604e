"""Pages of lists: newest first, by an opaque cursor."""

from typing import Annotated

from fastapi import Depends, Query

from memory.reads.pages import PageAsk
from memory.repositories.keyset import MAX_PAGE


async def _ask(
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE, description="How many at most.")] = 50,
    cursor: Annotated[str | None, Query(max_length=300, description="`next` of the page before.")] = None,
) -> PageAsk:
    return PageAsk.of(limit, cursor)


Paging = Annotated[PageAsk, Depends(_ask)]

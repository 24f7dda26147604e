"""The publisher: prepares the listing an approval is bound to, publishes once, reads back and verifies."""

from agents.publisher.agent import prepare, publish
from agents.publisher.policy import Place, chapters_of, choose_place
from agents.publisher.schemas import ListingEdits, Prepared, PrepareInput, Published, PublishInput

__all__ = ["ListingEdits", "Place", "PrepareInput", "Prepared", "PublishInput", "Published", "chapters_of", "choose_place", "prepare", "publish"]

"""The publisher: prepares the listing an approval is bound to, publishes once, reads back and verifies."""

from agents.publisher.agent import prepare, publish
from agents.publisher.policy import chapters_of
from agents.publisher.schemas import ListingEdits, Prepared, PrepareInput, Published, PublishInput

__all__ = ["ListingEdits", "PrepareInput", "Prepared", "PublishInput", "Published", "chapters_of", "prepare", "publish"]

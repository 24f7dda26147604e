"""The publisher: prepares the listing an approval is bound to, publishes once, reads back and verifies."""

from agents.publisher.agent import prepare, publish
from agents.publisher.schemas import Prepared, PrepareInput, Published, PublishInput

__all__ = ["PrepareInput", "Prepared", "PublishInput", "Published", "prepare", "publish"]

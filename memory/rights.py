"""Rights travel with content: licence, credit and what they allow."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

LicenceId = Literal["PD", "CC0-1.0", "CC-BY", "CC-BY-SA", "CC-BY-NC", "CC-BY-ND", "CC-BY-NC-SA", "CC-BY-NC-ND", "OWN", "STOCK", "SIGNAL-ONLY"]

QUOTABLE: frozenset[str] = frozenset({"PD", "CC0-1.0", "CC-BY", "CC-BY-SA", "OWN"})


class Rights(BaseModel):
    """The licence of a text or picture and the credit it asks for.

    `SIGNAL-ONLY` marks content whose words may not be taken over: only facts are used. `OWN` is the user's own. `STOCK` is a stock
    service's own licence for pictures: commercial use and changes are allowed, selling the picture as it is is not.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    licence: LicenceId
    licence_name: str = ""
    licence_url: str = ""
    credit: str = ""
    source_url: str = ""

    @property
    def quotable(self) -> bool:
        """Whether sentences may be taken over, with credit."""
        return self.licence in QUOTABLE

    @property
    def share_alike(self) -> bool:
        """Whether what is made from it must carry the same licence."""
        return self.licence in {"CC-BY-SA", "CC-BY-NC-SA"}

    @property
    def commercial_derivatives(self) -> bool:
        """Whether commercial use and modification are both allowed."""
        return self.quotable or self.licence == "STOCK"

    @property
    def needs_credit(self) -> bool:
        """Whether the licence obliges us to name the author."""
        return self.licence not in {"PD", "CC0-1.0", "OWN"}

"""What finding a picture takes and gives."""

from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from memory.artifacts import Picture
from tools.base import Args, Result, ToolSpec

PictureVendor = Literal["nasa", "wikimedia", "openverse", "pexels", "pixabay", "pexels_clips", "pixabay_clips"]


class FindPictureArgs(Args):
    """A sentence to picture.

    `keywords` are the search terms (the sentence's own nouns when empty). `own` are pictures already at hand (a user's media
    folder, a document's figures): they compete and win ties. `exclude` are digests already used. `share_alike` allows CC BY-SA.
    Stock services without a key are left out and reported as off; their clips compete with the stills. Sizes are in pixels.
    """

    sentence: str = Field(min_length=2, max_length=1000)
    keywords: tuple[str, ...] = ()
    topic: str = ""
    own: tuple[Picture, ...] = ()
    own_folder: str | None = None
    exclude: tuple[str, ...] = ()
    vendors: tuple[PictureVendor, ...] = get_args(PictureVendor)
    share_alike: bool = True
    min_width: int = Field(default=800, ge=100)
    min_height: int = Field(default=500, ge=100)
    limit: int = Field(default=3, ge=1, le=10)
    min_relevance: float = Field(default=0.25, ge=0, le=1)
    budget_s: float = Field(default=30.0, gt=0, le=300)


class PictureSearch(BaseModel):
    """One place that was searched for pictures, and what was turned down there."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    where: str
    query: str
    status: Literal["searched", "failed", "off"]
    found: int = 0
    kept: int = 0
    reason: str = ""
    rejected: tuple[str, ...] = ()


class FindPictureResult(Result):
    """Pictures with `relevance` set (0..1), best first; empty when none fits. `ranked_by` names the method."""

    pictures: tuple[Picture, ...]
    looked_at: tuple[PictureSearch, ...]
    ranked_by: Literal["lexical", "meaning"]
    network: bool


SPEC = ToolSpec(
    name="find_picture",
    queue="io",
    args=FindPictureArgs,
    result=FindPictureResult,
    implementation="tools.find_picture.tool:run",
    timeout_s=120.0,
    max_attempts=2,
    why_not_alone="",
)

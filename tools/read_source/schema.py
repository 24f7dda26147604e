"""What reading a source takes and gives."""

from pydantic import BaseModel, ConfigDict, Field, model_validator

from memory.artifacts import Picture
from memory.rights import Rights
from tools.base import Args, Result, ToolSpec

MAX_FILE_BYTES = 20_000_000
MAX_FOLDER_FILES = 200
# How a source names a stored file: `upload:<digest>/<name>`.
UPLOADED = "upload:"


class ReadSourceArgs(Args):
    """One `path` (file or folder), one `url`, or one `artifact` (the digest of a stored file) with the `name` that tells its type.

    `rights` declares the licence when the source does not state one.
    """

    path: str | None = None
    url: str | None = None
    artifact: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")
    name: str = Field(default="", max_length=200, pattern=r"^[^/\\\x00]*$")
    rights: Rights | None = None
    category: str = ""

    @model_validator(mode="after")
    def _one_place(self) -> "ReadSourceArgs":
        if sum(one is not None for one in (self.path, self.url, self.artifact)) != 1:
            raise ValueError("read_source: give exactly one of path, url and artifact")
        if (self.artifact is None) != (not self.name):
            raise ValueError("read_source: name goes with artifact, and only with it; give both, such as name='notes.md'")
        return self


class ReadDocument(BaseModel):
    """A document that was read: `digest` names its SourceDocument; `language` is an ISO 639-1 code or `und`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    digest: str
    id: str
    title: str
    words: int
    language: str
    licence: str
    retracted: bool = False
    notes: tuple[str, ...] = ()


class SkippedFile(BaseModel):
    """A file of a folder that was not read, and why."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    reason: str


class ReadSourceResult(Result):
    """Every document read, in order of file name, and the pictures found next to them."""

    documents: tuple[ReadDocument, ...]
    pictures: tuple[Picture, ...] = ()
    skipped: tuple[SkippedFile, ...] = ()
    network: bool = Field(default=False, description="whether the source came over the network")


SPEC = ToolSpec(
    name="read_source",
    queue="cpu",
    args=ReadSourceArgs,
    result=ReadSourceResult,
    implementation="tools.read_source.tool:run",
    timeout_s=600.0,
    max_attempts=2,
    why_not_alone="",
)

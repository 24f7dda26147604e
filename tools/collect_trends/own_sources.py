"""The operator's own feeds beside the shipped catalogue: kept as an OPML file in the home, so that any feed reader can read and write it."""

from pathlib import Path

from infra.errors import Invalid, NotFound
from infra.files import write_private
from tools.collect_trends.catalogue import export_opml, import_opml, shipped_sources
from tools.collect_trends.schema import Source

# Feeds whose folder is none of the catalogue's categories are looked at for every channel.
FOR_EVERY_CHANNEL = "general"
MOST_OWN = 500


class OwnSources:
    """The feeds of `sources.opml` in a home; all are signals only, since nobody has said that their words may be quoted."""

    def __init__(self, home: Path) -> None:
        self.path = home / "sources.opml"

    def list_(self) -> tuple[Source, ...]:
        """Return the operator's feeds that the catalogue does not have; raises OpmlUnreadable when the file was spoiled."""
        if not self.path.is_file():
            return ()
        known = {source.url for source in shipped_sources()}
        return tuple(source for source in import_opml(self.path.read_bytes(), FOR_EVERY_CHANNEL) if source.url not in known)

    def add(self, data: bytes, category: str | None = None) -> tuple[Source, ...]:
        """Add the feeds of an OPML file, under `category` or that of their folder, and return those that are new.

        Raises OpmlUnreadable, or Invalid for a category that there is not or more feeds than are looked at in one collection's time.
        """
        categories = {source.category for source in shipped_sources()} | {FOR_EVERY_CHANNEL}
        if category is not None and category not in categories:
            raise Invalid(f"--category: {category!r} is unknown; there are {', '.join(sorted(categories))}")
        kept = self.list_()
        known = {source.url for source in (*shipped_sources(), *kept)}
        new = tuple(_placed(source, category, categories) for source in import_opml(data, FOR_EVERY_CHANNEL) if source.url not in known)
        if len(kept) + len(new) > MOST_OWN:
            raise Invalid(f"opml: {len(new)} new feeds beside {len(kept)}; at most {MOST_OWN} can be looked at: remove some from {self.path}")
        self._write((*kept, *new))
        return new

    def remove(self, source_id: str) -> Source:
        """Remove one of the operator's feeds and return it; raises NotFound."""
        kept = self.list_()
        found = next((source for source in kept if source.id == source_id), None)
        if found is None:
            raise NotFound(f"source: {source_id!r} is none of your own; `ytempire sources list` names them")
        self._write(tuple(source for source in kept if source.id != source_id))
        return found

    def _write(self, sources: tuple[Source, ...]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        write_private(self.path, export_opml(sources).decode())


def known_sources(home: Path) -> tuple[Source, ...]:
    """Return the shipped catalogue and the operator's own feeds."""
    return (*shipped_sources(), *OwnSources(home).list_())


def _placed(source: Source, category: str | None, categories: set[str]) -> Source:
    named = category or (source.category if source.category in categories else FOR_EVERY_CHANNEL)
    return source.model_copy(update={"category": named})

import { EmptyView } from "./empty-view";

/** In the place of a film whose file cannot be read: what is lost, what is kept, and what to do. */
export function FilmGone() {
  return (
    <EmptyView icon="film" title="The film's file cannot be read">
      It is gone from the media store, or damaged. Kept are its script with every source, the decisions, costs and figures; what was published stays where it was published. Bring it back from a backup
      (docs/backups.md). While a decision about it waits, change a sentence or respond in words, and it is made again.
    </EmptyView>
  );
}

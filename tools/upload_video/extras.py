"""Captions and playlist: added while units remain that nobody has set aside, each once, and never a reason to hold a video back.

The platform keeps captions apart by itself. A playlist takes a video twice; only a request that a stale worker had on its way already could do that.
"""

from dataclasses import dataclass
from pathlib import Path

from memory.records.publications import PublicationRecord
from tools.upload_video.journal import Journal
from tools.vendors.youtube.errors import LimitReached, Refused
from tools.vendors.youtube.port import YouTube
from tools.youtube_door import Door

# captions.insert, and captions.list before it when an earlier attempt may have gone through.
_CAPTION_UNITS = 450
_PLAYLIST_UNITS = 51
_NO_UNITS = "left out: no units to spare today"
_NONE = "none: the film came without"


@dataclass(frozen=True)
class Extras:
    """What comes on top for one video: the caption file, its language, and the playlist."""

    youtube: YouTube
    journal: Journal
    door: Door
    captions: Path
    language: str
    playlist: str | None

    def add(self, row: PublicationRecord) -> PublicationRecord:
        """Add what is missing, and return the record with what became of each."""
        if "captions" not in row.details or row.details["captions"] == "begun":
            row = self._captions(row)
        if self.playlist is not None and row.details.get("playlist", "begun") == "begun":
            row = self._playlist(row, self.playlist)
        return row

    def _captions(self, row: PublicationRecord) -> PublicationRecord:
        video_id, again = str(row.external_id), "captions" in row.details
        if not self.captions.stat().st_size:
            return self.journal.note(row, captions=_NONE)
        if self.door.free_units() < _CAPTION_UNITS:
            return self.journal.note(row, captions=_NO_UNITS)
        row = self.journal.note(row, captions="begun")
        try:
            if not again or (self.language, "") not in self.door.call("captions.list", lambda: self.youtube.list_captions(video_id)):
                self.door.call("captions.insert", lambda: self.youtube.add_captions(video_id, self.language, "", self.captions))
        except Refused as error:
            return self.journal.note(row, captions="added" if error.reason == "captionExists" else f"left out: {error.message}")
        except LimitReached:
            return self.journal.note(row, captions=_NO_UNITS)
        return self.journal.note(row, captions="added")

    def _playlist(self, row: PublicationRecord, playlist: str) -> PublicationRecord:
        video_id = str(row.external_id)
        if self.door.free_units() < _PLAYLIST_UNITS:
            return self.journal.note(row, playlist=_NO_UNITS)
        row = self.journal.note(row, playlist="begun")
        try:
            # The platform itself would add it twice, so it is asked first, always.
            if not self.door.call("playlistItems.list", lambda: self.youtube.in_playlist(playlist, video_id)):
                self.door.call("playlistItems.insert", lambda: self.youtube.add_to_playlist(playlist, video_id))
        except Refused as error:
            return self.journal.note(row, playlist="added" if error.reason == "videoAlreadyInPlaylist" else f"left out: {error.message}")
        except LimitReached:
            return self.journal.note(row, playlist=_NO_UNITS)
        return self.journal.note(row, playlist="added")

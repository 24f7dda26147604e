"""When words are heard, told by an acoustic model that has nothing to do with the voice: forced alignment by pocketsphinx."""

import re
from collections.abc import Sequence

import numpy as np
import pocketsphinx
from numpy.typing import NDArray

from infra.errors import Invalid

RATE_HZ = 16_000
# A frame's features are those of a 25.6 ms window that starts with it: what a frame shows lies at the middle of the window.
_FRAME_S = 0.01
_WINDOW_MIDDLE_S = 0.0128
# The default beams lose the one path that is allowed; wide ones cost a second for half a minute of speech.
_BEAMS = {"beam": 1e-80, "wbeam": 1e-60, "pbeam": 1e-80}
_FULL_SCALE = 20_000
_VARIANT = re.compile(r"\(\d+\)$")

Samples = NDArray[np.float32]


class Unalignable(Invalid):
    """The text cannot be aligned: words outside the dictionary, or no path through the sound."""

    code = "unalignable"


class WordAligner:
    """Aligns English speech with the words known to have been said (CMU dictionary, the `en-us` acoustic model of the wheel)."""

    def __init__(self) -> None:
        self._decoder = pocketsphinx.Decoder(lm=None, loglevel="FATAL", **_BEAMS)

    def unknown(self, words: Sequence[str]) -> list[str]:
        """Return the words that the dictionary does not hold."""
        return [word for word in words if self._decoder.lookup_word(word) is None]

    def onsets(self, samples: Samples, words: Sequence[str]) -> list[float]:
        """Return when each word starts, in seconds. `samples` has shape (n,) at 16 kHz, full scale 1.0; words are lower case.

        Raises `Unalignable` for words outside the dictionary and for sound that does not hold these words.
        """
        missing = self.unknown(words)
        if missing:
            raise Unalignable(f"words: {', '.join(sorted(set(missing)))} not in the pronouncing dictionary")
        pcm = np.clip(samples / max(1e-6, float(np.abs(samples).max())) * _FULL_SCALE, -32768, 32767).astype("<i2")
        self._decoder.set_align_text(" ".join(words))
        self._decoder.start_utt()
        self._decoder.process_raw(pcm.tobytes(), full_utt=True)
        self._decoder.end_utt()
        found = [(_VARIANT.sub("", one.word), one.start_frame) for one in self._decoder.seg() or () if not one.word.startswith(("<", "["))]
        if [word for word, _ in found] != list(words):
            raise Unalignable(f"the sound holds {len(found)} of the {len(words)} words")
        return [frame * _FRAME_S + _WINDOW_MIDDLE_S for _, frame in found]

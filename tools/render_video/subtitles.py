"""Cues of the caption side files, from the same pages that are burned in."""

from itertools import pairwise

from tools.render_video.pages import Page

_MOST_CHARACTERS = 74
_LINE = 42


def make_cues(pages: tuple[Page, ...], end_s: float) -> tuple[tuple[float, float, str], ...]:
    """Join pages of one sentence into cues of at most two lines of 42 characters: (start, end, text)."""
    if not pages:
        return ()
    joined: list[list[Page]] = []
    for page in pages:
        if joined and _joins(joined[-1], page):
            joined[-1].append(page)
        else:
            joined.append([page])
    cues = [(group[0].start_s, group[-1].end_s, _two_lines(" ".join(page.text for page in group))) for group in joined]
    limits = [after[0] for _, after in pairwise(cues)] + [end_s]
    return tuple((start, max(min(end, limit), start + 0.05), text) for (start, end, text), limit in zip(cues, limits, strict=True))


def _joins(group: list[Page], page: Page) -> bool:
    length = sum(len(each.text) + 1 for each in group) + len(page.text)
    same = group[-1].words[-1].sentence_id == page.words[0].sentence_id
    return same and length <= _MOST_CHARACTERS and page.start_s - group[-1].end_s < 0.05


def _two_lines(text: str) -> str:
    if len(text) <= _LINE:
        return text
    spaces = [index for index, sign in enumerate(text) if sign == " "]
    if not spaces:
        return text
    middle = min(spaces, key=lambda index: abs(index - len(text) / 2))
    return f"{text[:middle]}\n{text[middle + 1 :]}"

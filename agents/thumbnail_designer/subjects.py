"""Which subject illustrates a sentence, when no picture does: by its words, else by the story's category."""

import re

from tools.drawing.subject import Subject

_WORDS: dict[Subject, str] = {
    "space": "space planet planets star stars orbit moon lunar mars sun solar galaxy telescope asteroid comet rocket spacecraft astronaut cosmic universe",
    "weather": "weather storm storms rain rainfall wind winds cloud clouds hurricane cyclone snow temperature drought flood forecast atmosphere climate heat",
    "nature": "forest forests mountain mountains river rivers lake ocean sea coast valley desert glacier ice plants tree trees landscape soil volcano reef",
    "health": "health disease patients patient hospital medicine medical cell cells virus vaccine blood brain cancer doctor doctors sleep treatment body",
    "technology": "computer computers software chip chips data network internet digital robot robots machine ai algorithm phone device code sensor sensors",
    "history": "history century centuries ancient war empire king queen medieval archaeologists built founded historian ruins past museum dates",
    "countries": "country countries city cities border borders capital island islands population region north south east west territory map government",
    "science": "science scientists researchers study experiment physics chemistry particle particles light energy wave waves theory measured laboratory atoms",
    "animals": "animal animals bird birds fish whale whales species wildlife mammal insect insects bees elephant horse dog cat sharks dolphins",
    "food": "food eat eating fruit vegetables cook cooking crop crops farm farmers wheat rice sugar kitchen taste coffee bread meal harvest",
    "economy": "economy market markets price prices trade money bank banks jobs workers inflation dollars cost costs industry company companies growth budget",
    "culture": "art artist artists music film book books language painting dance festival theatre culture writers song songs poem design",
    "energy": "energy power electricity grid solar wind nuclear battery batteries oil gas fuel coal turbine turbines emissions watts",
    "security": "security attack attacks police crime military defence cyber hackers missile weapons safety warning threat rescue",
}
_LOOKUP: dict[Subject, frozenset[str]] = {subject: frozenset(words.split()) for subject, words in _WORDS.items()}
NEIGHBOUR: dict[Subject, Subject] = {
    "space": "science",
    "weather": "nature",
    "nature": "countries",
    "health": "science",
    "technology": "security",
    "history": "culture",
    "countries": "nature",
    "science": "technology",
    "animals": "nature",
    "food": "nature",
    "economy": "countries",
    "culture": "history",
    "energy": "weather",
    "security": "technology",
}


def subject_of(text: str, category: str, recent: tuple[Subject, ...] = ()) -> Subject:
    """Return the subject that most of the words name, passing over the one shown just before.

    Ties and silence go to the story's `category`; an unknown category counts as science.
    """
    home: Subject = next((subject for subject in _LOOKUP if subject == category), "science")
    words = re.findall(r"[a-z]+", text.lower())
    counts = {subject: sum(word in known for word in words) + (0.5 if subject == home else 0) for subject, known in _LOOKUP.items()}
    ranked = sorted((subject for subject, count in counts.items() if count > 0), key=lambda one: -counts[one])
    fresh = [subject for subject in ranked if subject not in recent[-1:]]
    return fresh[0] if fresh else NEIGHBOUR[home]

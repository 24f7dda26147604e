"""What lessons teach, as data: one sentence for each kind of sign, which later agents recognise in what they recall."""

TEACHES: dict[str, str] = {
    "factual_challenge": "Viewers doubted a fact: say where each number comes from, and prefer a second source.",
    "source_retracted": "One of its sources was retracted: rest no video on a single study.",
    "negative_spike": "Viewers turned against it: change the angle before this topic is told again.",
    "pile_on": "Many viewers spoke against it at once: hold this topic until it has cooled.",
    "harmful_comments": "It drew harmful comments: have a person moderate this topic.",
}
# What no viewer told: the studio compared its own sources.
OWN_SIGNS = frozenset({"source_retracted"})
# A lesson this near in meaning (cosine) is about the story at hand; the threshold is that of a repeated topic, less the title around it.
APPLIES = 0.45
# What speaks against telling such a story soon again, and what asks for a second source.
WARNINGS = frozenset({"negative_spike", "pile_on", "harmful_comments"})
WANT_SOURCES = frozenset({"factual_challenge", "source_retracted"})


def taught_by(text: str) -> frozenset[str]:
    """Return the signs whose teaching a lesson's text holds."""
    return frozenset(sign for sign, sentence in TEACHES.items() if sentence in text)

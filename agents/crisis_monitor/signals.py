"""The signal behind each sign: where it was really seen."""

from agents.crisis_monitor.schemas import SignKind

SIGNALS: dict[SignKind, str] = {
    "publication_missing": "the publication was looked for and is not there",
    "publication_rejected": "upload status and reason read back from the platform",
    "file_missing": "files of the published entry, by SHA-256",
    "file_changed": "files of the published entry, by SHA-256",
    "visibility_changed": "privacy read back",
    "source_retracted": "retraction lists, and the sources read again",
    "source_changed": "the sources read again",
    "bad_news": "headlines of the feeds that the scout reads",
    "factual_challenge": "comments",
    "negative_spike": "comments",
    "pile_on": "comments",
    "harmful_comments": "comments",
    "impersonation": "comments",
    "injection_attempt": "comments",
    "dislike_spike": "counts of votes over time",
    "report_spike": "counts of reports over time",
    "views_collapse": "counts of views over time",
    "comments_unreadable": "the file of comments",
    "copyright_claim": "an inbound notice",
    "copyright_strike": "an inbound notice",
    "takedown": "an inbound notice",
    "policy_notice": "an inbound notice",
    "correction_request": "an inbound notice",
    "consent_lost": "the platform's answer to the channel owner's consent, or an inbound notice",
}

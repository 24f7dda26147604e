"""The content screen: rules are data, matching is ours, and every finding says why it matters."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from memory.repositories.readings import ReadingRepository
from tools.base import ToolContext
from tools.job_database import job_database
from tools.screen_content.readings import readings
from tools.screen_content.schema import Finding, ScreenContentArgs, ScreenContentResult, ScreenedText, Severity

_ORDER: dict[str, int] = {"block": 0, "warn": 1, "note": 2}
_AROUND = 40


@dataclass(frozen=True)
class Rule:
    """One rule, compiled; a severity of None leaves text of that origin alone."""

    id: str
    category: str
    reason: str
    severity: dict[str, Severity | None]
    patterns: tuple[re.Pattern[str], ...]


def run(args: ScreenContentArgs, ctx: ToolContext) -> ScreenContentResult:
    """Screen every text; findings come gravest first, then in the order of the texts."""
    rules = (*load_rules(), *(_taboo(taboo) for taboo in args.taboos))
    findings = [finding for text in args.texts for finding in _screen(text, rules)]
    findings += [finding.model_copy(update={"excerpt": ""}) for text in _said(args.readings, ctx) for finding in _screen(text, rules)]
    ctx.progress(1.0, f"{len(args.texts)} texts, {len(findings)} findings")
    return ScreenContentResult(findings=tuple(sorted(findings, key=lambda finding: _ORDER[finding.severity])), rules=len(rules))


def _said(readings: tuple[str, ...], ctx: ToolContext) -> list[ScreenedText]:
    """Return the texts of the readings that still live."""
    if not readings:
        return []
    with job_database(ctx, "screen_content") as database, database.unit_of_work() as session:
        found = ReadingRepository(session, ctx.clock.now()).find(readings)
    return [ScreenedText(id=one.id, text=str(one.body["text"]), origin="outside") for one in found if one.kind == "comment"]


@cache
def load_rules() -> tuple[Rule, ...]:
    """Read the shipped rules."""
    loaded = tomllib.loads((files("tools.screen_content") / "rules.toml").read_text("utf-8"))
    return tuple(
        Rule(
            id=rule["id"],
            category=rule["category"],
            reason=rule["reason"],
            severity={origin: None if rule[origin] == "off" else rule[origin] for origin in ("ours", "outside")},
            patterns=tuple(re.compile(pattern, re.IGNORECASE | re.MULTILINE) for pattern in rule["patterns"]),
        )
        for rule in loaded["rules"]
    )


def _taboo(taboo: str) -> Rule:
    words = r"\s+".join(re.escape(word) for word in taboo.split())
    # A channel that says what it does not give ("not medical advice") does not speak about it.
    pattern = re.compile(rf"(?<!\bnot )\b{words}\b", re.IGNORECASE)
    return Rule(f"taboo: {taboo}", "brand", f"the channel does not speak about {taboo}", {"ours": "block", "outside": None}, (pattern,))


def _screen(text: ScreenedText, rules: tuple[Rule, ...]) -> Iterator[Finding]:
    # A rule cannot be dodged by spelling: it is matched against every way a machine may read the text.
    read = tuple(readings(text.text))
    for rule in rules:
        severity = rule.severity[text.origin]
        if severity is None:
            continue
        found = next(((one, match) for one in read for pattern in rule.patterns if (match := pattern.search(one))), None)
        if found is not None:
            one, match = found
            excerpt = one[max(match.start() - _AROUND, 0) : match.end() + _AROUND].strip()
            yield Finding(text_id=text.id, rule=rule.id, category=rule.category, severity=severity, excerpt=excerpt, reason=rule.reason)

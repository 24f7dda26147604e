"""Reading what publishers write about rights: names and addresses of licences."""

import re

from memory.rights import LicenceId, Rights

_CC_URL = re.compile(r"creativecommons\.org/(licenses|publicdomain)/([a-z0-9-]+)(?:/(\d\.\d))?", re.IGNORECASE)
_CC_NAME = re.compile(r"\bcc[\s-]*by((?:[\s-]*(?:nc|nd|sa))*)\b(?:[\s-]*v?(\d\.\d))?", re.IGNORECASE)
_CC_LONG = re.compile(r"\battribution((?:[\s-]*(?:non[\s-]?commercial|no[\s-]?deriv(?:ative)?s?(?:[\s-]*works)?|share[\s-]?alike))*)\b", re.IGNORECASE)
_VERSION = re.compile(r"\b([1-4]\.\d)\b")
_CC0 = re.compile(r"\bcc[\s-]*0\b|\bcc[\s-]*zero\b", re.IGNORECASE)
_PUBLIC_DOMAIN = re.compile(
    r"\bpublic[\s-]domain\b|\bpdm\b|^pd(?:[\s-]|$)|\bus government work\b|\bu\.s\. government work\b|\bno known copyright", re.IGNORECASE
)
_RESERVED = re.compile(r"all rights reserved|©|\(c\)\s*\d{4}|\bcopyright\b", re.IGNORECASE)
_NOT_OPEN = re.compile(r"\bnot\b[^.]{0,20}\bpublic domain|fair use|non-free", re.IGNORECASE)

_BY_FLAGS: dict[frozenset[str], LicenceId] = {
    frozenset(): "CC-BY",
    frozenset({"sa"}): "CC-BY-SA",
    frozenset({"nc"}): "CC-BY-NC",
    frozenset({"nd"}): "CC-BY-ND",
    frozenset({"nc", "sa"}): "CC-BY-NC-SA",
    frozenset({"nc", "nd"}): "CC-BY-NC-ND",
}


def read_licence(text: str, credit: str = "", source_url: str = "") -> Rights | None:
    """Return the rights that a statement of a publisher grants, or None when it says nothing known.

    `text` is a licence name, a Creative Commons address, a rights line or any mix of them. Where a statement names several licences the
    strictest reading wins, except that a public-domain dedication named beside another licence of the same text is still free.
    """
    found = _by_url(text) or _by_name(text)
    if found is None:
        return None
    licence, name, url = found
    return Rights(licence=licence, licence_name=name, licence_url=url, credit=credit, source_url=source_url)


def _by_url(text: str) -> tuple[LicenceId, str, str] | None:
    match = _CC_URL.search(text)
    if match is None:
        return None
    family, code, version = match.group(1).lower(), match.group(2).lower(), match.group(3) or ""
    if family == "publicdomain":
        return ("CC0-1.0", "CC0 1.0", "https://creativecommons.org/publicdomain/zero/1.0/") if code == "zero" else ("PD", "Public Domain Mark 1.0", "")
    parts = code.split("-")
    if parts[0] != "by":
        return None
    return _creative_commons(frozenset(parts[1:]), version)


def _by_name(text: str) -> tuple[LicenceId, str, str] | None:
    if _NOT_OPEN.search(text):
        return "SIGNAL-ONLY", "", ""
    short = _CC_NAME.search(text)
    if short is not None:
        version = short.group(2) or _first_version(text[short.end() :])
        return _creative_commons(frozenset(re.findall("nc|nd|sa", short.group(1).lower())), version)
    named_cc = "creative commons" in text.lower()
    long = _CC_LONG.search(text) if named_cc or _VERSION.search(text) else None
    if long is not None:
        words = long.group(1).lower()
        flags = {flag for flag, sign in (("nc", "commercial"), ("nd", "deriv"), ("sa", "share")) if sign in words}
        return _creative_commons(frozenset(flags), _first_version(text[long.end() :]))
    if _CC0.search(text):
        return "CC0-1.0", "CC0 1.0", "https://creativecommons.org/publicdomain/zero/1.0/"
    if _PUBLIC_DOMAIN.search(text):
        return "PD", "Public domain", ""
    return ("SIGNAL-ONLY", "", "") if _RESERVED.search(text) else None


def _first_version(text: str) -> str:
    match = _VERSION.search(text[:40])
    return match.group(1) if match else ""


def _creative_commons(flags: frozenset[str], version: str) -> tuple[LicenceId, str, str] | None:
    licence = _BY_FLAGS.get(flags)
    if licence is None:
        return None
    code = licence.removeprefix("CC-").lower()
    name = f"{licence.replace('CC-', 'CC ')} {version}".strip()
    return licence, name, f"https://creativecommons.org/licenses/{code}/{version}/" if version else ""

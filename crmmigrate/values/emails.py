"""E-mail addresses: syntax as `email-validator` judges it, and what stands around them in a cell."""

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from email_validator import EmailNotValidError, validate_email
from rapidfuzz.distance import DamerauLevenshtein

from crmmigrate.values.knowledge import load_knowledge, word_table
from crmmigrate.values.placeholders import is_placeholder

__all__ = ["EmailReading", "normalize_email", "read_email", "remark_domain"]


@dataclass(frozen=True, slots=True)
class EmailReading:
    """What was read in a cell; `value` is None when there is no valid address."""

    value: str | None
    status: str
    codes: tuple[str, ...] = ()
    message: str | None = None
    confidence: float = 1.0
    alternatives: tuple[str, ...] = ()


def normalize_email(text: str) -> str | None:
    """Return the address in canonical spelling (domain in lower case); None if not valid."""
    try:
        return validate_email(text, check_deliverability=False).normalized
    except EmailNotValidError:
        return None


def read_email(text: str) -> EmailReading:
    """Read the content of an e-mail cell.

    Args:
        text: The cell, already repaired as text.
    """
    cell = text.strip()
    if is_placeholder(cell, tests=True) or cell.lower() in _words("dummies"):
        return EmailReading(None, "invalid", ("STD155",), "a placeholder, not an address")
    value = normalize_email(cell)
    if value is not None:
        code = () if value == text else ("STD151",)
        return _remarked(EmailReading(value, "normalised" if code else "unchanged", code))
    bare = _unwrapped(cell)
    value = normalize_email(bare)
    if value is not None:
        return _remarked(EmailReading(value, "repaired", ("STD153",), None, 0.95))
    return _read_several(cell)


_LABEL = re.compile(
    r"^\s*(?:(?:e-?mail|mail|courriel|correo|e-?post|อีเมล|メール|邮箱)\s*[:：])?\s*(?:mailto:\s*)?",
    re.IGNORECASE,
)
_EDGES = " \t<>()[]{}\"'`´’‘“”«».,;:|/\\"
_AROUND_AT = re.compile(r"\s*(?:@|＠|\(at\)|\[at\]|\{at\})\s*", re.IGNORECASE)
_WRITTEN_DOT = re.compile(r"\s*(?:\(dot\)|\[dot\]|\{dot\}|\(punkt\))\s*", re.IGNORECASE)
_QUERY = re.compile(r"\?(?:subject|body|cc|bcc)=.*$", re.IGNORECASE)


def _unwrapped(text: str) -> str:
    """Strip labels, mailto:, brackets and blanks around the @ from what should be one address."""
    bare = _AROUND_AT.sub("@", _LABEL.sub("", text, count=1))
    bare = _WRITTEN_DOT.sub(".", _QUERY.sub("", bare))
    return bare.lstrip(_EDGES.replace(".", "")).rstrip(_EDGES)


_BRACKETS = re.compile(
    r"[<(\[]\s*(?:mailto:)?([^<>()\[\]\s]+@[^<>()\[\]\s]+?)\s*[>)\]]", re.IGNORECASE
)
_SEPARATORS = re.compile(r"[;,|\s]+|(?<=\w)/(?=[\w.+-]+@)")


def _read_several(cell: str) -> EmailReading:
    """Find addresses within brackets or between separators."""
    spaced = _AROUND_AT.sub("@", cell)
    pieces = _BRACKETS.findall(spaced) or _SEPARATORS.split(spaced)
    read = [normalize_email(_unwrapped(piece)) for piece in pieces if "@" in piece]
    found = list(dict.fromkeys(value for value in read if value))
    if not found:
        return _invalid(cell)
    if len(found) == 1 and None not in read:
        return _remarked(EmailReading(found[0], "repaired", ("STD153",), None, 0.95))
    codes = ("STD152",) if len(found) > 1 else ("STD153",)
    status = "split" if len(found) > 1 else "repaired"
    if None not in read:
        return _remarked(EmailReading(found[0], status, codes, None, 1.0, tuple(found[1:])))
    message = "part of the cell is no address"
    return _remarked(EmailReading(found[0], status, codes, message, 0.7, tuple(found[1:])))


_SLIPS = ((",", "."), ("..", "."), (" ", ""), (";", "."), (".@", "@"), ("@.", "@"))


def _invalid(cell: str) -> EmailReading:
    """Refuse, with the address that may be meant as an alternative."""
    bare = _unwrapped(cell)
    for wrong, right in _SLIPS:
        suggestion = normalize_email(bare.replace(wrong, right)) if wrong in bare else None
        if suggestion:
            return EmailReading(
                None, "invalid", ("STD154",), f"perhaps {suggestion}", 1.0, (suggestion,)
            )
    try:
        validate_email(bare or cell, check_deliverability=False)
    except EmailNotValidError as exc:
        reason = str(exc).rstrip(".")
        return EmailReading(None, "invalid", ("STD154",), reason[:1].lower() + reason[1:])
    return EmailReading(None, "invalid", ("STD154",), "not an e-mail address")


def _remarked(reading: EmailReading) -> EmailReading:
    local, _, domain = (reading.value or "").rpartition("@")
    codes, meant = remark_domain(domain)
    suggestion = (f"{local}@{meant}",) if meant else ()
    if local.lower() in _words("roles"):
        codes = (*codes, "STD157")
    if not codes:
        return reading
    remark = f"perhaps {suggestion[0]}" if suggestion else None
    return EmailReading(
        reading.value,
        reading.status,
        (*reading.codes, *codes),
        "; ".join(filter(None, (reading.message, remark))) or None,
        min(reading.confidence, 0.8) if meant else reading.confidence,
        (*reading.alternatives, *suggestion),
    )


@lru_cache(maxsize=65536)
def remark_domain(domain: str) -> tuple[tuple[str, ...], str | None]:
    """Tell what is odd about a domain.

    Returns:
        Rule codes (typing error of a big provider, throw-away service), and the domain meant.
    """
    if domain in _words("disposable"):
        return ("STD158",), None
    if domain in _words("big") or domain in _words("real"):
        return (), None
    head, _, ending = domain.rpartition(".")
    meant = word_table(load_knowledge("mail_domains")["endings"]).get(ending)
    if meant:
        return ("STD156",), f"{head}.{meant}"
    for big in load_knowledge("mail_domains")["big"]:
        if len(big) > 6 and DamerauLevenshtein.distance(domain, big, score_cutoff=1) == 1:
            return ("STD156",), big
    return (), None


@cache
def _words(section: str) -> frozenset[str]:
    return frozenset(load_knowledge("mail_domains")[section])

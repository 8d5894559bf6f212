"""Syntax of e-mail addresses, exactly as `email-validator` judges it without DNS.

For text in ASCII its rules come down to one pattern and three lengths, which are tried first; the
library itself is asked for everything else, and for the reason of a refusal.
Sources of the rules: RFC 5321, 5322 and 6531, RFC 952 and 1123 for hosts, RFC 5890 for labels.
"""

import re
from functools import cache

__all__ = [
    "ATOM",
    "LONGEST_ADDRESS",
    "LONGEST_LABEL",
    "PLAIN_ADDRESS",
    "lower_mailboxes",
    "normalize_email",
    "refusal_of",
    "reserved_pattern",
]

ATOM = r"[a-zA-Z0-9_!#$%&'*+/=?^`{|}~-]+"
"""Characters between the dots of a mailbox (RFC 5322 atext)."""

_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?"
PLAIN_ADDRESS = rf"^{ATOM}(?:\.{ATOM})*@(?:{_LABEL}\.)+(?:[a-zA-Z0-9][a-zA-Z0-9-]*)?[a-zA-Z]$"
"""Addresses in ASCII; what is written so and keeps to the lengths is valid, nothing else in ASCII is."""

LONGEST_ADDRESS, LONGEST_DOMAIN, LONGEST_LABEL = 254, 253, 63
"""Bytes of a whole address, of its domain and of one label (RFC 5321 with errata, RFC 1035)."""

_ADDRESS = re.compile(PLAIN_ADDRESS.removesuffix("$") + r"\Z")
_LONG_LABEL = re.compile(rf"[^.@]{{{LONGEST_LABEL + 1}}}")
_ODD_LABEL = re.compile(r"(?:\.|\A)[^.]{2}--")


@cache
def lower_mailboxes() -> frozenset[str]:
    """Return the mailboxes that mean the same in any case (RFC 2142), and are written in lower."""
    from email_validator.rfc_constants import CASE_INSENSITIVE_MAILBOX_NAMES

    return frozenset(CASE_INSENSITIVE_MAILBOX_NAMES)


@cache
def reserved_pattern() -> str:
    """Return the pattern of domains that can never have mail (RFC 6761 and its like)."""
    import email_validator

    names = "|".join(map(re.escape, email_validator.SPECIAL_USE_DOMAIN_NAMES))
    return rf"(?i)[.@](?:{names})$"


def normalize_email(text: str) -> str | None:
    """Return the address in canonical spelling (domain in lower case); None if not valid."""
    if not text.isascii():
        return _asked(text)
    if len(text) > LONGEST_ADDRESS or not _ADDRESS.match(text):
        return None
    local, _, domain = text.partition("@")
    domain = domain.lower()
    if _ODD_LABEL.search(domain):
        return _asked(text)
    if len(domain) > LONGEST_DOMAIN or (len(domain) > LONGEST_LABEL and _LONG_LABEL.search(domain)):
        return None
    if re.search(reserved_pattern(), text):
        return None
    folded = local.lower()
    return f"{folded if folded in lower_mailboxes() else local}@{domain}"


def _asked(text: str) -> str | None:
    from email_validator import EmailNotValidError, validate_email

    if len(text) > 4 * LONGEST_ADDRESS:
        return None
    try:
        return validate_email(text, check_deliverability=False).normalized
    except (EmailNotValidError, ValueError):
        return None


def refusal_of(text: str) -> str:
    """Return in a clause why a text is no address, as the library words it."""
    from email_validator import EmailNotValidError, validate_email

    if len(text) > 4 * LONGEST_ADDRESS:
        return "the text is far longer than an address may be"
    common = _common_refusal(text)
    if common:
        return common
    try:
        validate_email(text, check_deliverability=False)
    except (EmailNotValidError, ValueError) as exc:
        reason = str(exc).rstrip(".")
        return reason[:1].lower() + reason[1:]
    return "not an e-mail address"


_SHORT = 60
_MAILBOX = re.compile(rf"{ATOM}(?:\.{ATOM})*\Z")
_HOST = re.compile(r"[a-zA-Z0-9.-]+\Z")


def _common_refusal(text: str) -> str | None:
    """Return the library's words for the commonest mistakes in ASCII, without asking it."""
    if len(text) > _SHORT or not text.isascii() or '"' in text or "<" in text:
        return None
    local, at, domain = text.partition("@")
    if not at:
        return "an email address must have an @-sign"
    if not local:
        return "there must be something before the @-sign"
    if not _MAILBOX.match(local):
        return _TWO_DOTS if _DOUBLED.match(local) else None
    if not domain:
        return "there must be something after the @-sign"
    return _common_refusal_of_host(domain)


_DOUBLED = re.compile(r"(?=.*\.\.)[\w+'-](?:[\w.+'-]*[\w+'-])?\Z")
_TWO_DOTS = "an email address cannot have two periods in a row"


def _common_refusal_of_host(domain: str) -> str | None:
    if not _HOST.match(domain) or "--" in domain or domain[0] in ".-" or domain[-1] in ".-":
        return None
    if ".." in domain:
        return _TWO_DOTS
    if ".-" in domain or "-." in domain:
        return "an email address cannot have a period and a hyphen next to each other"
    if "." not in domain:
        return "the part after the @-sign is not valid. It should have a period"
    return None

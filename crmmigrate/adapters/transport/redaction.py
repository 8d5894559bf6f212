"""Keep secrets out of messages: known ones by value, others by what stands before them."""

import re
from collections.abc import Iterable
from urllib.parse import quote, urlsplit

__all__ = ["bare_path", "redact"]

_HIDDEN = "***"
_SHORTEST = 4
"""Shorter secrets are no secrets, and hiding them would mangle every message."""
_NAMED = re.compile(
    r"""(?ix)
    (\b(?:authorization|bearer|basic|session|password|passwd|pwd|secret|client_secret
       |api[-_]?key|x-api-key|access[-_]?token|refresh[-_]?token|token)\b
     ["']?\s*(?:[:=]\s*|\s)["']?(?:bearer\s+|basic\s+|session\s+)?)
    ([^\s"',;&}]{6,})
    """
)
_IN_URL = re.compile(r"(?i)([a-z][a-z0-9+.-]*://)[^/?#@\s]+@")


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """Return a text in which no secret can be read.

    Args:
        text: What is to be shown.
        secrets: Secrets that are known, in any order.
    """
    for secret in sorted({s for s in secrets if len(s) >= _SHORTEST}, key=len, reverse=True):
        text = text.replace(secret, _HIDDEN).replace(quote(secret, safe=""), _HIDDEN)
    text = _IN_URL.sub(rf"\1{_HIDDEN}@", text)
    return _NAMED.sub(_hide_named, text)


def _hide_named(found: re.Match[str]) -> str:
    """Hide what looks like a token; leave words such as 'token expired' alone."""
    told = found[2]
    assigned = any(sign in found[1] for sign in ":=")
    return f"{found[1]}{_HIDDEN}" if assigned or _looks_random(told) else found[0]


def _looks_random(word: str) -> bool:
    return len(word) > 15 and any(c.isdigit() for c in word)


def bare_path(url: str) -> str:
    """Return the path of a URL with the names of its parameters, without their values."""
    parts = urlsplit(url)
    names = [piece.partition("=")[0] for piece in parts.query.split("&") if piece]
    return f"{parts.path}?{'&'.join(names)}" if names else parts.path

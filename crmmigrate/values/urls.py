"""Web addresses in canonical spelling."""

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit, urlunsplit

from crmmigrate.values.placeholders import is_placeholder

__all__ = ["TRACKED", "UrlReading", "normalize_url", "read_url"]


@dataclass(frozen=True, slots=True)
class UrlReading:
    """What was read in a cell; `value` is None when there is no web address."""

    value: str | None
    status: str
    codes: tuple[str, ...] = ()
    message: str | None = None
    alternatives: tuple[str, ...] = ()


_PARAMETERS = (
    r"(?:utm_\w+|gclid|gclsrc|dclid|fbclid|msclkid|yclid|twclid|ttclid|igshid|igsh|mc_cid|mc_eid|_hsenc|_hsmi|mkt_tok|vero_id|"
    r"wickedid|oly_enc_id|oly_anon_id|s_cid|ref_src|_ga|_gl|srsltid|li_fat_id|wbraid|gbraid)"
)
_TRACKING = re.compile(rf"^{_PARAMETERS}$", re.IGNORECASE)
TRACKED = rf"(?i)[?&]{_PARAMETERS}(?:[=&]|$)"
"""Pattern of addresses with a parameter that only tells who came from where."""

_SCHEME = re.compile(
    r"^\s*(?:(https?|ftp)\s*[:;]?\s*[/\\]{1,3}\s*|(https?|ftp)\s*:\s*(?=www\.)|h?tt?ps?\s*:[/\\]{1,3})",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"^\s*(?:web(?:site|seite)?|site|url|homepage|www|internet)\s*[:：]\s*", re.IGNORECASE
)
_HOST = re.compile(r"^(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_][\w-]{0,61}[^\W_]\.?$")
_ADDRESS = re.compile(r"^(?:\d{1,3}\.){3}\d{1,3}$")
_PORTS = {"http": 80, "https": 443, "ftp": 21}


def normalize_url(text: str) -> str | None:
    """Return the address in canonical spelling; None if it is none.

    Scheme and host are in lower case, the default port, tracking parameters, an empty fragment and
    the slash of a bare host are gone. An address without scheme gets `https`.
    """
    cell = _LABEL.sub("", text.strip()).strip(" <>\"'`,;").rstrip(".")
    if not cell or re.search(r"\s", _SCHEME.sub("", cell)):
        return None
    match = _SCHEME.match(cell)
    if match is None and re.match(r"^[a-z][a-z0-9+.-]*:(?!\d)", cell, re.IGNORECASE):
        return None
    scheme = _scheme(match)
    rest = cell[match.end() :] if match else cell.lstrip("/")
    try:
        parts = urlsplit(f"{scheme}://{rest}")
        port = parts.port
    except ValueError:
        return None
    host = (parts.hostname or "").rstrip(".")
    if not (_HOST.match(host) or _ADDRESS.match(host)) or (parts.username and not parts.password):
        return None
    return _joined(parts, scheme, host, port)


def _scheme(match: re.Match[str] | None) -> str:
    if match is None:
        return "https"
    told = match[1] or match[2]
    return told.lower() if told else "https" if "s" in match[0].lower() else "http"


def _joined(parts: SplitResult, scheme: str, host: str, port: int | None) -> str:
    shown = host.lower() if port in {None, _PORTS[scheme]} else f"{host.lower()}:{port}"
    if parts.username and parts.password:
        shown = f"{parts.username}:{parts.password}@{shown}"
    query = "&".join(
        piece
        for piece in parts.query.split("&")
        if piece and not _TRACKING.match(piece.split("=")[0])
    )
    path = parts.path.replace("\\", "/")
    bare = path == "/" and not query and not parts.fragment
    return urlunsplit((scheme, shown, "" if bare else path, query, parts.fragment))


def read_url(text: str) -> UrlReading:
    """Read the content of a cell of web addresses.

    Args:
        text: The cell, already repaired as text.
    """
    if is_placeholder(text, tests=True):
        return UrlReading(None, "invalid", ("STD553",), "a placeholder, not a web address")
    value = normalize_url(text)
    if value is not None:
        return _changed(text, value)
    pieces = [piece for piece in re.split(r"[\s,;|]+", text.strip()) if "." in piece]
    found = [url for url in map(normalize_url, pieces) if url]
    unique = list(dict.fromkeys(found))
    if len(unique) > 1:
        return UrlReading(unique[0], "split", ("STD554",), None, tuple(unique[1:]))
    if unique:
        return UrlReading(unique[0], "repaired", ("STD551",), "found in the text")
    why = "an e-mail address" if re.search(r"\w@\w", text) else "not a web address"
    return UrlReading(None, "invalid", ("STD552",), why)


def _changed(text: str, value: str) -> UrlReading:
    if value == text:
        return UrlReading(value, "unchanged")
    tracked = any(_TRACKING.match(p.split("=")[0]) for p in re.split(r"[?&]", text)[1:])
    return UrlReading(value, "normalised", ("STD551", "STD555") if tracked else ("STD551",))

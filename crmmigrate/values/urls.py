"""Web addresses in canonical spelling."""

import re
from dataclasses import dataclass
from functools import lru_cache
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
_SCHEME_TWICE = re.compile(r"^(?:https?:/{1,3})+(?=https?:/)", re.IGNORECASE)
FILES = r"(?i)\.(?:pdf|docx?|xlsx?|pptx?|jpe?g|png|gif|txt|csv|html?|xml|json|rar|exe)$"
"""Endings of files that are no top-level domains: `brochure.pdf` is no web address."""
_FILE = re.compile(FILES)
_LABEL = re.compile(
    r"^\s*(?:web(?:site|seite)?|site|url|homepage|www|internet)\s*[:：]\s*", re.IGNORECASE
)
_HOST = re.compile(r"^(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_][\w-]{0,61}[^\W_]\.?$")
NO_DOMAIN = r"(?i)^(?:https?://)?www\.[^./?#:]+(?:[/?#:]|$)"
"""One word behind `www.` is no domain: `www.firma` says where somebody stopped to type."""
_NO_DOMAIN = re.compile(NO_DOMAIN)
_ADDRESS = re.compile(r"^(?:\d{1,3}\.){3}\d{1,3}$")
_PORTS = {"http": 80, "https": 443, "ftp": 21}


def normalize_url(text: str) -> str | None:
    """Return the address in canonical spelling; None if it is none.

    Scheme and host are in lower case, letters of hosts are written out (not as Punycode), escapes
    and dots in paths are written as RFC 3986 has them; the default port, tracking parameters, a
    fragment that is empty or only tracks, and the slash of a bare host are gone. An address without
    scheme gets `https`.
    """
    cell = _LABEL.sub("", text.strip()).strip(" <>\"'`,;").rstrip(".")
    if not cell or re.search(r"\s", _SCHEME.sub("", cell)):
        return None
    cell = _SCHEME_TWICE.sub("", cell)
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
    host = _written_out((parts.hostname or "").rstrip("."))
    if match is None and not parts.path and _FILE.search(host):
        return None
    known = _ADDRESS.match(host) or (_HOST.match(host) and not _NO_DOMAIN.match(host))
    if not known or (parts.username and not parts.password):
        return None
    url = _joined(parts, scheme, host, port)
    return normalize_url(url) if url[-1] in " <>\"'`,;." else url


def _scheme(match: re.Match[str] | None) -> str:
    if match is None:
        return "https"
    told = match[1] or match[2]
    return told.lower() if told else "https" if "s" in match[0].lower() else "http"


@lru_cache(maxsize=65536)
def _written_out(host: str) -> str:
    """Return a host in lower case with its letters written out, where it is well-formed IDNA."""
    lower = host.lower()
    if lower.isascii() and "xn--" not in lower:
        return lower
    import idna

    try:
        return idna.decode(lower, uts46=True)
    except (idna.IDNAError, UnicodeError, IndexError, ValueError):
        return lower


def _joined(parts: SplitResult, scheme: str, host: str, port: int | None) -> str:
    shown = host if port in {None, _PORTS[scheme]} else f"{host}:{port}"
    if parts.username and parts.password:
        shown = f"{parts.username}:{parts.password}@{shown}"
    query = _without_tracking(parts.query)
    fragment = parts.fragment
    if fragment.startswith(":~:") or ("=" in fragment and not _without_tracking(fragment)):
        fragment = ""
    path = _plain_path(parts.path.replace("\\", "/"))
    bare = path == "/" and not query and not fragment
    return urlunsplit((scheme, shown, "" if bare else path, query, fragment))


def _without_tracking(query: str) -> str:
    pieces = (piece for piece in query.split("&") if piece)
    return "&".join(piece for piece in pieces if not _TRACKING.match(piece.split("=")[0]))


_ESCAPE = re.compile("%[0-9a-fA-F]{2}")
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]")


def _plain_path(path: str) -> str:
    """Write a path as RFC 3986 (6.2.2) has it: escapes in capitals or undone, no `..`."""

    def rewritten(match: re.Match[str]) -> str:
        sign = chr(int(match[0][1:], 16))
        return sign if _UNRESERVED.fullmatch(sign) else match[0].upper()

    path = _ESCAPE.sub(rewritten, path)
    if "/." not in path:
        return path
    kept: list[str] = []
    pieces = path.split("/")
    for piece in pieces[1:]:
        if piece == "..":
            del kept[-1:]
        elif piece != ".":
            kept.append(piece)
    slash = "/" if pieces[-1] in {".", ".."} and kept else ""
    return f"/{'/'.join(kept)}{slash}"


def read_url(text: str) -> UrlReading:
    """Read the content of a cell of web addresses.

    Args:
        text: The cell, already repaired as text.
    """
    if is_placeholder(text, tests=True) or _ONLY_SCHEME.match(text.strip()):
        return UrlReading(None, "invalid", ("STD553",), "a placeholder, not a web address")
    value = normalize_url(text)
    if value is not None:
        return _changed(text, value)
    slip = _slip(text.strip())
    if slip:
        return UrlReading(None, "invalid", ("STD552",), f"perhaps {slip}", (slip,))
    blank = _with_blanks(text.strip())
    if blank:
        return UrlReading(blank, "repaired", ("STD551",), "blanks in the path were escaped")
    return _found_in(text) or _none(text)


def _found_in(text: str) -> UrlReading | None:
    """Return the addresses among other text; None if there is none."""
    if _HANDLE.match(text.strip()):
        return None
    pieces = [piece for piece in re.split(r"[\s,;|]+", text.strip()) if "." in piece]
    found = [url for url in map(normalize_url, pieces) if url]
    unique = list(dict.fromkeys(found))
    if len(unique) > 1:
        return UrlReading(unique[0], "split", ("STD554",), None, tuple(unique[1:]))
    if unique:
        rest = " ".join(piece for piece in text.split() if not normalize_url(piece))
        why = f"found in the text; '{rest[:60]}' is left out" if rest else "found in the text"
        return UrlReading(unique[0], "repaired", ("STD551",), why)
    return None


def _none(text: str) -> UrlReading:
    if _HANDLE.match(text.strip()):
        return UrlReading(None, "left_alone", ("STD556",), "a name in a social network")
    why = "an e-mail address" if re.search(r"\w@\w", text) else "not a web address"
    return UrlReading(None, "invalid", ("STD552",), why)


_ONLY_SCHEME = re.compile(r"(?:https?:?/*)?(?:www\.?)?(?:n/?a|none|null)?$", re.IGNORECASE)
_HANDLE = re.compile(
    r"(?:(?:facebook|fb|instagram|insta|ig|twitter|x|linkedin|tiktok|youtube|line|telegram|skype|whatsapp)\s*[:：]\s*@?|@)"
    r"[\w][\w.-]{0,58}$",
    re.IGNORECASE,
)
_COMMA = re.compile(r"(?:https?://)?[\w.-]+,[a-z]{2,}$", re.IGNORECASE)


def _slip(text: str) -> str | None:
    """Return the address that is meant where a comma stands for one of its dots."""
    return normalize_url(text.replace(",", ".")) if _COMMA.match(text) else None


_BLANK_PATH = re.compile(
    r"https?://[^\s/,;|]+/[^\s,;|]*(?: (?!(?:https?:|www\.))[^\s,;|]+)+$", re.IGNORECASE
)


def _with_blanks(text: str) -> str | None:
    """Return an address with the blanks of its path escaped; None if it is none."""
    return normalize_url(text.replace(" ", "%20")) if _BLANK_PATH.match(text) else None


def _changed(text: str, value: str) -> UrlReading:
    if value == text:
        return UrlReading(value, "unchanged")
    tracked = any(_TRACKING.match(p.split("=")[0]) for p in re.split(r"[?&]", text)[1:])
    return UrlReading(value, "normalised", ("STD551", "STD555") if tracked else ("STD551",))

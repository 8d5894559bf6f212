"""What stands around an address in a cell: labels, display names, blanks, other addresses.

The patterns are those of `re` and of polars alike (no look-around), so that the vectorised lane
cuts exactly what the scalar one cuts.
"""

import re
from dataclasses import dataclass

__all__ = [
    "EDGES",
    "NAMED",
    "UNWRAPPED",
    "Pieces",
    "cut_pieces",
    "is_joining",
    "named_address",
    "spoken_address",
    "unwrap",
]

UNWRAPPED = (
    (r"(?i)#mailto:[^#]*#?$", ""),
    (
        (
            r"(?i)^[ \t]*(?:(?:business|work|office|home|private|personal)?[ \t]*"
            r"(?:e-?mails?|e-?mail address|mail|courriel|correo(?: electr[oó]nico)?|e-?post|epost|adresse e-?mail|"
            r"e-?mail-?adresse|адрес|почта|อีเมล|อีเมล์|メール|邮箱|電郵|电邮)[ \t]*[:：=][ \t]*)?"
            r"(?:mailto:[ \t]*)?"
        ),
        "",
    ),
    (r"(?i)\?(?:subject|body|cc|bcc)=.*$", ""),
    (r"(?i)[ \t]*(?:@|＠|﹫|\(at\)|\[at\]|\{at\}|<at>|\(@\)|\[@\])[ \t]*", "@"),
    (r"(?i)[ \t]*(?:\(dot\)|\[dot\]|\{dot\}|\(punkt\)|\[punkt\]|\(\.\)|\[\.\])[ \t]*", "."),
)
"""Pattern → what is written instead, in this order, wherever it stands."""

_FRONT = " \t<>()[]{}\"'`´’‘“”«»„,:;|/\\"
EDGES = (_FRONT, _FRONT + ".")
"""Characters cut from the front and from the end."""

NAMED = (
    r"(?i)^[ \t]*[\"'“”„]?([^\"<>@“”„]*?)[\"'“”]?[ \t]*[<\[][ \t]*(?:mailto:)?([^<>@ \t\[\]]+@[^<>@ \t\[\]]+?)"
    r"[ \t]*[>\]][ \t,;.]*$"
)
"""`Name <address>`: the name and the address."""

_TRIGGER = re.compile(r"[#:：=?(\[{<＠﹫\t]| @|@ ")
"""Signs without which no pattern of `UNWRAPPED` can match."""

_UNWRAPPED = tuple((re.compile(pattern), instead) for pattern, instead in UNWRAPPED)
_NAMED = re.compile(NAMED)


def unwrap(text: str) -> str:
    """Strip labels, mailto:, brackets and blanks around the @ from what should be one address."""
    if _TRIGGER.search(text):
        for pattern, instead in _UNWRAPPED:
            text = pattern.sub(instead, text)
    return text.lstrip(EDGES[0]).rstrip(EDGES[1])


def named_address(text: str) -> tuple[str, str] | None:
    """Return display name and address of `Name <address>`; None for anything else."""
    if "<" not in text and "[" not in text:
        return None
    match = _NAMED.match(text)
    return (match[1].strip(" \t'"), match[2]) if match else None


_SPOKEN = re.compile(
    r"(?i)^([^\s@]+)\s+(?:at|\(at\)|\[at\]|@|arroba|chez|klammeraffe)\s+([^\s@]+(?:(?:\s+dot\s+|\s+punkt\s+|\s+punct\s+|\s+point\s+)[^\s@.]+)*)$"
)
_SPOKEN_DOT = re.compile(r"(?i)\s+(?:dot|punkt|punct|point)\s+")


def spoken_address(text: str) -> tuple[str, bool] | None:
    """Return the address of `a at b dot com`, and whether its dots are written as words, too.

    With dots as words nothing else can be meant; `a at b.com` alone may be a sentence.
    """
    match = _SPOKEN.match(text.strip())
    if not match:
        return None
    local, domain = _SPOKEN_DOT.sub(".", match[1]), _SPOKEN_DOT.sub(".", match[2])
    return f"{local}@{domain}", domain != match[2]


@dataclass(frozen=True, slots=True)
class Pieces:
    """What a cell falls into.

    Attributes:
        addresses: What has an @ and may be an address, in order.
        rest: The other words of the cell, labels and joining words left out.
        glued: The word that stands directly before the first address, with only a blank between, or a
            comma or semicolon without a blank.
        sign: What stands between them.
    """

    addresses: tuple[str, ...]
    rest: str
    glued: str
    sign: str = " "


_BRACKETED = re.compile(
    r"[<(\[]\s*(?:mailto:)?\s*([^<>()\[\]\s]+@[^<>()\[\]\s]+?)\s*[>)\]]", re.IGNORECASE
)
_QUOTED_NAME = re.compile(r"\"[^\"@]*\"")
_TOKEN = re.compile(r"[^\s;,|]+")
_SLASH = re.compile(r"/(?=[\w.+'-]+@)|(?<=[a-z])\\(?=[\w.+-]+@)", re.IGNORECASE)
_JOINING = re.compile(
    r"^(?:or|and|oder|und|ou|et|sau|si|și|eller|og|och|o|y|e|หรือ|и|или|lub|i|&|/|\+|-|e-?mails?:?|mail:?|to:?|cc:?"
    r"|work:?|home:?|office:?|private:?|personal:?|privat:?|new:?|old:?|\d[.):])$",
    re.IGNORECASE,
)


def is_joining(word: str) -> bool:
    """Tell whether a word between addresses says nothing of them: `or`, `und`, `work`."""
    return bool(_JOINING.match(word))


def cut_pieces(text: str) -> Pieces:
    """Find what may be addresses within brackets or between separators."""
    if _TRIGGER.search(text):
        for pattern, instead in _UNWRAPPED[3:]:
            text = pattern.sub(instead, text)
    spread = _SLASH.sub(" ", _BRACKETED.sub(r" ; \1 ; ", _QUOTED_NAME.sub(" ", text)))
    addresses: list[str] = []
    words: list[str] = []
    glued, sign, end = "", " ", -1
    for token in _TOKEN.finditer(spread):
        if "@" in token[0]:
            before = spread[end : token.start()] if words and end >= 0 else "|"
            if not addresses and (not before.strip() or before in {",", ";"}):
                glued, sign = words[-1], before
            addresses.append(token[0])
            end = -1
        elif not is_joining(token[0]):
            words.append(token[0])
            end = token.end()
        else:
            end = -1
    return Pieces(tuple(addresses), " ".join(words), glued, sign)

"""Part a town from the street that is written before it without a comma."""

import re
from functools import lru_cache

from crmmigrate.model.regions import RegionRules
from crmmigrate.values.address_grammar import grammar_of
from crmmigrate.values.address_streets import cut_number

__all__ = ["ROUTES", "SURE_TYPES", "is_route", "is_surely_typed", "is_typed", "split_town"]

_TOWN_STARTS = frozenset(
    [
        "san",
        "santa",
        "santo",
        "los",
        "las",
        "la",
        "le",
        "el",
        "new",
        "fort",
        "st",
        "st.",
        "saint",
        "ste",
        "north",
        "south",
        "east",
        "west",
        "mount",
        "port",
        "lake",
        "palm",
        "long",
        "grand",
        "little",
        "great",
        "upper",
        "lower",
        "old",
        "royal",
        "van",
        "des",
        "cedar",
        "oak",
        "glen",
        "green",
        "white",
        "black",
        "big",
    ]
)
"""First words of towns of two words."""


SURE_TYPES = frozenset(
    [
        "st",
        "street",
        "str",
        "ave",
        "avenue",
        "av",
        "rd",
        "road",
        "dr",
        "drive",
        "blvd",
        "boulevard",
        "ln",
        "lane",
        "ct",
        "court",
        "cir",
        "circle",
        "hwy",
        "highway",
        "pkwy",
        "parkway",
        "ter",
        "terrace",
        "way",
        "pl",
        "place",
        "trl",
        "trail",
        "sq",
        "square",
        "expy",
        "expressway",
        "fwy",
        "freeway",
        "loop",
        "pike",
        "tpke",
        "turnpike",
        "alley",
        "aly",
        "close",
        "crescent",
        "cres",
        "row",
        "mews",
        "walk",
        "quay",
    ]
)
"""Street types that hardly ever end the name of a town, as Park, Hills and Springs do."""

_SAINTS = frozenset(
    [
        "louis",
        "paul",
        "petersburg",
        "charles",
        "joseph",
        "george",
        "augustine",
        "cloud",
        "albans",
        "helens",
        "helena",
        "johns",
        "john",
        "marys",
        "mary",
        "clair",
        "lucie",
        "simons",
        "catharines",
        "thomas",
        "andrews",
        "peters",
        "ives",
        "austell",
        "neots",
        "asaph",
    ]
)

_BEFORE = frozenset(
    [
        "rue",
        "avenue",
        "boulevard",
        "calle",
        "avenida",
        "via",
        "viale",
        "piazza",
        "rua",
        "jalan",
        "strada",
        "ulica",
        "ulitsa",
        "улица",
        "شارع",
        "طريق",
        "plaza",
        "place",
        "quai",
        "chemin",
        "route",
        "carrera",
        "paseo",
        "camino",
        "travessa",
        "largo",
        "rr",
    ]
)
_BEHIND = frozenset(
    [
        "street",
        "road",
        "avenue",
        "lane",
        "drive",
        "boulevard",
        "square",
        "highway",
        "st",
        "rd",
        "ave",
        "blvd",
        "straße",
        "strasse",
    ]
)
"""Street types that are understood in every region: foreigners and maps use them."""


@lru_cache(maxsize=16384)
def is_typed(text: str, rules: RegionRules) -> bool:
    """Tell whether a text holds a street type where the region writes it."""
    words = [w.casefold().rstrip(".,") for w in text.split()]
    types = rules.address.street_types
    if not words:
        return False
    pattern = grammar_of(rules).street_before
    last_typed = len(words) > 1 and (words[-1] in types or (len(words) > 2 and words[-2] in types))
    if words[0] in _BEFORE or words[-1] in _BEHIND or _is_route(words, rules):
        return len(words) > 1
    if rules.address.street_position == "before":
        long_word = any(w in types and len(w) > 3 for w in words[-2:])
        return bool(pattern and pattern.match(text)) or (last_typed and long_word)
    if last_typed:
        return True
    if rules.address.street_position == "attached":
        return any(
            words[-1].endswith(t.casefold()) and len(words[-1]) > len(t) + 2
            for t in types
            if len(t) > 2
        )
    return False


@lru_cache(maxsize=16384)
def split_town(text: str, rules: RegionRules, *, anchored: bool) -> tuple[str, str]:
    """Split `123 Main St Oakland` and `Storgata 5 Oslo` in street and town.

    Args:
        text: One segment.
        rules: Its region.
        anchored: A postcode or province follows, so that a town must be near.
    """
    words = text.split()
    if rules.address.street_position == "after":
        return _after_type(text, words, rules, anchored=anchored)
    street, number, rest = cut_number(text, rules)
    if number and rest and any(c.isalpha() for c in rest):
        return text[: text.rfind(rest)].strip(" ,"), rest
    if number:
        return text, ""
    del street
    return (text, "") if is_typed(text, rules) else ("", text)


def _after_type(
    text: str, words: list[str], rules: RegionRules, *, anchored: bool
) -> tuple[str, str]:
    at = _last_type(words, rules, anchored=anchored)
    if at is None and words and _bare(words[0]) in ROUTES and _is_numbered(words, 0):
        at = _extended(words, 0, rules)
    if at is not None:
        town = " ".join(words[at + 1 :])
        return (" ".join(words[: at + 1]), town) if not town.isdigit() else (text, "")
    if anchored and len(words) > 2 and any(w.casefold() in _BEFORE for w in words[:2]):
        return _last_words(words)
    numbered = bool(cut_number(text, rules)[1])
    if not numbered:
        return ("", text)
    if anchored and len(words) > 2 and words[-1].isalpha():
        return _last_words(words)
    return text, ""


def _last_words(words: list[str]) -> tuple[str, str]:
    """Part the last word, or the last two of `San Diego`, as the town."""
    size = 2 if len(words) > 3 and words[-2].casefold() in _TOWN_STARTS else 1
    if words[-1].casefold() == "city" and len(words) > 4:
        size = 3 if words[-3].casefold() in {"salt", "long", "new"} else 2
    return " ".join(words[:-size]), " ".join(words[-size:])


def _last_type(words: list[str], rules: RegionRules, *, anchored: bool = False) -> int | None:
    """Return the index of the last word of the street: its type, direction or route number."""
    types = rules.address.street_types
    found = [i for i in range(1, len(words)) if _bare(words[i]) in types]
    found = [i for i in found if not _is_saint(words, i, found) and not _goes_on(words, i)]
    found = [i for i in found if [_bare(w) for w in words[i + 1 : i + 2]] != ["city"]]
    route = next((i for i in found if _bare(words[i]) in ROUTES and _is_numbered(words, i)), None)
    if route is not None:
        return _extended(words, route, rules)
    sure = [i for i in found if _bare(words[i]) in SURE_TYPES]
    if anchored and not sure and len(found) > 1 and found[-1] == len(words) - 1:
        found.pop()
    if sure and sure[0] == 1 and words[0][:1].isdigit() and len(words) > 2:
        number = words[2][:1].isdigit()
        sure = sure[1:] if not number or len(sure) > 1 else sure
        if number and not sure[1:]:
            return 2
    index = next(reversed(sure or found), None)
    if index is None or (index == 1 and words[0][:1].isdigit() and len(words) > 2 and not sure):
        return None
    return _extended(words, index, rules)


def _extended(words: list[str], index: int, rules: RegionRules) -> int:
    """Count a route number or a direction behind the type to the street."""
    directions = rules.address.directions
    following = words[index + 1] if index + 1 < len(words) else ""
    if _is_numbered(words, index):
        index += 1 + (_bare(following) in {"no", "#", "number"})
        following = words[index + 1] if index + 1 < len(words) else ""
        while _bare(following) in _ROUTE_ENDS:
            index += 1
            following = words[index + 1] if index + 1 < len(words) else ""
        if _bare(following) in directions:
            index += 1
        return index
    behind = _bare(words[index + 2]) if index + 2 < len(words) else ""
    if _bare(following) in {"n", "s"} and behind in {"e", "w"}:
        return index + 2
    if _bare(following) in {"no", "so"} and not behind:
        return index + 1
    known = following.casefold() in directions or _bare(following) in directions
    saint = words[index + 2 : index + 3] and _bare(words[index + 2]) in {"st", "saint"}
    known = known or bool(saint and _bare(following) in {"no", "so"})
    if _bare(following) in {"ext", "extension"}:
        return index + 1
    if known and (len(following) <= 2 or index + 2 == len(words) or saint):
        return index + 1
    return index


def _goes_on(words: list[str], index: int) -> bool:
    """Tell `Via de Ventura`, a type that a name follows as in Spanish."""
    following = _bare(words[index + 1]) if index + 2 < len(words) else ""
    return following in {"de", "del"} and _bare(words[index]) not in SURE_TYPES


ROUTES = frozenset(
    [
        "highway",
        "hwy",
        "route",
        "rte",
        "rt",
        "road",
        "rd",
        "fm",
        "cr",
        "sr",
        "interstate",
        "loop",
        "spur",
        "business",
    ]
)
_LETTERED = frozenset(["avenue", "ave", "av", "road", "rd", "highway", "hwy", "route", "rte", "cr"])
_ROUTE_ENDS = frozenset(["alt", "bus", "business", "byp", "bypass", "spur", "loop", "bsnss"])


def _is_numbered(words: list[str], index: int) -> bool:
    """Tell whether a route's number or letter follows: `Highway 59`, `Avenue H`, `County Road DB`."""
    following = words[index + 1 : index + 3]
    if not following:
        return False
    if _bare(following[0]) in {"no", "#", "number"} and len(following) > 1:
        hashed = following[0] == "#" and _bare(words[index]) not in {"route", "rte", "rt"}
        return following[1][:1].isdigit() and _bare(words[index]) in ROUTES and not hashed
    word = following[0].strip(".,#")
    if word[:1].isdigit() or re.fullmatch(r"[A-Za-z]\d+[A-Za-z]?", word):
        return not word.endswith(("st", "nd", "rd", "th"))
    lettered = _bare(words[index]) in _LETTERED and index + 2 >= len(words)
    doubled = len(word) == 2 and word.isupper() and _bare(words[index]) in ROUTES
    pointing = word.casefold() in {"n", "s", "e", "w", "ne", "nw", "se", "sw"}
    return lettered and word.isalpha() and not pointing and (len(word) == 1 or doubled)


def is_route(text: str, rules: RegionRules) -> bool:
    """Tell whether a text is a numbered route."""
    return _is_route([w.casefold() for w in text.split()], rules)


@lru_cache(maxsize=16384)
def is_surely_typed(text: str, rules: RegionRules) -> bool:
    """Tell whether a text ends with a type that hardly ever ends the name of a town or building."""
    if rules.address.street_position != "after":
        return is_typed(text, rules)
    words = text.split()
    return is_typed(text, rules) and (
        any(_bare(w) in SURE_TYPES for w in words[-2:])
        or is_route(text, rules)
        or _bare(words[0]) in _BEFORE
    )


def _is_route(words: list[str], rules: RegionRules) -> bool:
    """Tell `Highway 59 North` and `State Highway No 33` from other texts without a type at the end."""
    if rules.address.street_position != "after":
        return False
    return any(w in ROUTES and _is_numbered(words, i) for i, w in enumerate(words[:4]))


def _bare(word: str) -> str:
    return word.casefold().rstrip(".,")


def _is_saint(words: list[str], index: int, found: list[int]) -> bool:
    """Tell `St. Louis` from a street."""
    if _bare(words[index]) != "st" or index + 1 >= len(words):
        return False
    return _bare(words[index + 1]) in _SAINTS or (found[0] < index and words[index].endswith("."))

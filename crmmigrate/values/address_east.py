"""Addresses in Chinese, Japanese and Korean, written from the large to the small.

Sources: Japan Post and the residence indication system (住居表示), Chunghwa Post, the Korean road
name address system (도로명주소), China Post.
"""

import re
from collections.abc import Mapping
from functools import lru_cache

from crmmigrate.model.regions import RegionRules
from crmmigrate.values.folding import to_ascii_digits
from crmmigrate.values.outcome import tidy
from crmmigrate.values.postcodes import find_postcodes, read_postcode

__all__ = ["UNIT_SIGNS", "has_han", "is_eastern", "read_eastern", "signs_of", "town_signs"]

_NATIVE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_HAN = r"[\u3005\u3040-\u30ff\u3400-\u9fff々ヶケ]"
_LEVELS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "JP": (
        ("locality", rf"{_HAN}{{1,6}}?郡{_HAN}{{1,5}}?[町村]|{_HAN}{{1,6}}?市(?:{_HAN}{{1,4}}区)?|{_HAN}{{1,5}}?区|{_HAN}{{1,6}}?[町村]"),
        ("street", rf"{_HAN}+?(?:\d+丁目|[一二三四五六七八九十]+丁目)?(?=\s?\d|$|\s)"),
        ("house_number", r"\d+(?:番地?)?(?:[-ー−の]\d+)*号?(?:\d+号)?"),
    ),
    "TW": (
        ("locality", rf"{_HAN}{{1,3}}?[市縣縣](?:{_HAN}{{1,3}}?[區鄉鎮市])?|{_HAN}{{1,3}}?[區鄉鎮]"),
        ("dependent_locality", rf"{_HAN}{{1,4}}?[里村]"),
        ("street", rf"{_HAN}{{1,8}}?(?:大道|路|街|巷)(?:[一二三四五六七八九十\d]+段)?(?:\d+巷)?(?:\d+弄)?"),
        ("house_number", r"\d+(?:[-之]\d+)?號?(?:之\d+)?"),
    ),
    "CN": (
        ("locality", rf"{_HAN}{{1,8}}?(?:市|地区|自治州|盟)(?:{_HAN}{{1,6}}?[区县市旗])?|{_HAN}{{1,6}}?[区县]"),
        ("dependent_locality", rf"{_HAN}{{1,6}}?(?:街道|镇|乡|村)"),
        ("street", rf"{_HAN}{{1,10}}?(?:大道|路|街|巷|胡同|弄)(?:[东西南北]?段)?"),
        ("house_number", r"\d+(?:-\d+)?(?:号|弄\d+号)?"),
    ),
    "KR": (
        ("locality", r"[가-힣]{1,6}[시군](?:\s+[가-힣]{1,4}구)?|[가-힣]{1,5}구"),
        ("dependent_locality", r"[가-힣]{1,6}[읍면](?=\s)"),
        ("street", r"[가-힣\d]+(?:대로|로|길|거리)(?:\d+[가-힣]?길)?|[가-힣\d]+[동리가](?=\s)"),
        ("house_number", r"(?:지하\s?)?\d+(?:-\d+)?"),
    ),
}  # fmt: skip


_WITH_HAN = re.compile(_HAN)
_SAMPLES = {"HK": "TW", "MO": "TW"}
"""Regions that write addresses as another one does."""
_TOWN_SIGNS = {
    "JP": "[市区町村郡]",
    "TW": "[市縣縣區鄉鎮]",
    "CN": "[市区县旗盟]|自治州",
    "KR": "[시군구]",
}
"""What a text has that names a town."""
UNIT_SIGNS = frozenset("樓楼层層階室호층館棟") | {"号室", "ビル", "マンション", "ハイツ", "コーポ"}
"""Words that tell a unit, wherever they stand behind the house number."""
_NUMERALS = "一二三四五六七八九十"
_SECTIONS = {f"{tens}{digit}段" for tens in ("", "十", "二十") for digit in ("", *_NUMERALS)}
_SIGNS: Mapping[str, frozenset[str]] = {
    "JP": frozenset("郡市区町村地番号のー") | {"丁目", "番地", "日本", "日本国"},
    "TW": frozenset("市縣縣區鄉鎮里村路街巷段弄號之") | {"大道", "中華民國", "台灣", "臺灣"} | _SECTIONS,
    "CN": frozenset("市盟区县旗镇乡村路街巷弄号之东西南北段地") | {"地区", "自治州", "街道", "大道", "胡同", "中国"},
    "KR": frozenset("시군구읍면로길동리가도") | {"대로", "거리", "특별자치도", "특별자치시", "광역시", "특별시", "지하", "대한민국"},
}  # fmt: skip
"""Letters and words that the patterns of a region name."""


def signs_of(rules: RegionRules) -> frozenset[str]:
    """Return the letters and words that the patterns of a region name; none for other regions."""
    own = _SIGNS.get(_SAMPLES.get(rules.code, rules.code))
    return own | UNIT_SIGNS if own else frozenset()


def has_han(text: str) -> bool:
    """Tell whether a text has a Chinese letter or a kana."""
    return _WITH_HAN.search(text) is not None


def is_eastern(rules: RegionRules) -> bool:
    """Tell whether addresses of a region are read here if they are in its own script."""
    return _SAMPLES.get(rules.code, rules.code) in _LEVELS


def town_signs(rules: RegionRules) -> str | None:
    """Return the pattern of what a text must have to name a town; None for other regions."""
    return _TOWN_SIGNS.get(_SAMPLES.get(rules.code, rules.code))


def read_eastern(
    text: str, rules: RegionRules, town: str = ""
) -> tuple[dict[str, str], tuple[str, ...]] | None:
    """Read an address in the region's own script.

    Args:
        text: The address, from the large to the small.
        rules: Its region.
        town: The town, where another column names it.

    Returns:
        Parts and rules that fired; None for other scripts and regions.
    """
    levels = _LEVELS.get(_SAMPLES.get(rules.code, rules.code))
    if levels is None or not _NATIVE.search(text):
        return None
    rest = tidy(to_ascii_digits(text).replace("，", " ").replace(",", " "))
    parts: dict[str, str] = {}
    bracket = re.search(r"\s*[(（]([^)）]*)[)）]", rest)
    if bracket:
        parts["dependent_locality"] = bracket[1].split(",")[0].strip()
        rest = rest[: bracket.start()] + rest[bracket.end() :]
    rest = _cut_postcode(rest, rules, parts)
    rest = re.sub(r"^(?:日本国?|中華民國|台灣|臺灣(?!.?[市縣])|中国|대한민국)\s*", "", rest.strip())
    rest = _cut_province(rest, rules, parts)
    for part, pattern in levels:
        match = _level(pattern).match(rest)
        if match and part == "locality" and not _is_town(match, rest, town, rules):
            continue
        if match and not (part == "street" and not match["v"]):
            parts.setdefault(part, " ".join(match["v"].split()))
            rest = rest[match.end() :]
    _name_rest(rest.strip(), parts)
    guessed = _split_town(parts, rules)
    if rules.code in {"KR", "TW", "CN"} and "locality" not in parts and parts.get("region"):
        parts["locality"] = parts.pop("region")
    return parts, ("STD310",) if guessed else ()


@lru_cache(maxsize=64)
def _level(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"\s*(?P<v>{pattern})")


def _is_town(match: re.Match[str], rest: str, town: str, rules: RegionRules) -> bool:
    """Tell a town from a quarter of the known town, and from one that its block follows."""
    name = "".join(match["v"].split())
    if town:
        plain = "".join(town.split())
        return name in plain or plain in name
    block = rules.code == "JP" and name[-1] in "町村" and "郡" not in name
    return not (block and rest[match.end() :][:1].isdigit())


def _split_town(parts: dict[str, str], rules: RegionRules) -> bool:
    """Part `褒忠民權路`: names of towns and of roads mostly have two signs each in Taiwan."""
    street = parts.get("street", "")
    if rules.code == "TW" and "locality" not in parts and "region" not in parts:
        match = re.match(rf"({_HAN}{{2}})({_HAN}{{2,}}(?:大道|路|街|巷).*)$", street)
        if match:
            parts["locality"], parts["street"] = match[1], match[2]
            return True
    return False


def _cut_postcode(rest: str, rules: RegionRules, parts: dict[str, str]) -> str:
    plain = re.sub(r"^(〒?\s?\d{3}[\d-]*)(?=[\u3400-\u9fff])", r"\1 ", rest)
    for match in find_postcodes(plain, rules.address, rules.code):
        postcode = read_postcode(match["code"], rules.address, rules.code)
        alone = match.start() == 0 or match.end() == len(plain) or plain[match.start()] == "〒"
        if postcode and alone:
            parts["postal_code"] = postcode.value
            return f"{plain[: match.start()]} {plain[match.end() :]}".strip()
    return rest


def _cut_province(rest: str, rules: RegionRules, parts: dict[str, str]) -> str:
    korean = re.match(r"([가-힣]+(?:특별자치도|광역시|특별시|특별자치시|도))\s+", rest)
    if korean:
        parts["region"] = korean[1]
        return rest[korean.end() :]
    provinces = rules.address.provinces
    for name in _native_provinces(rules):
        if rest.startswith(name):
            after = rest[len(name) :]
            if name == provinces[name].casefold() or not after.startswith(("市", "區", "区")):
                parts["region"] = provinces[name]
                return after.strip()
    return rest


@lru_cache(maxsize=64)
def _native_provinces(rules: RegionRules) -> tuple[str, ...]:
    """Return the names of provinces in the region's script, the longest first."""
    names = sorted(rules.address.provinces, key=len, reverse=True)
    return tuple(name for name in names if len(name) > 1 and not name.isascii())


def _name_rest(rest: str, parts: dict[str, str]) -> None:
    if not rest:
        return
    unit = re.fullmatch(
        r"[-ー−]?(?:.*(?:樓|楼|层|階|号室|室|호|층|館|棟|ビル|マンション|ハイツ|コーポ).*|之\d+|\d+[FＦ])",
        rest,
    )
    parts["unit" if unit or "house_number" in parts else "unparsed"] = rest

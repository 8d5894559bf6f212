"""The words that a region's rules know, as tables for compiled loops.

A word that means something of its own stands in the signature of an address as it is written. Words
that only count by what lists they are in (types of streets, provinces, towns with another name) are
classes: whatever word of the class stands there, an address is cut alike.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import ModuleType

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crmmigrate.compiled.columns import text_column
from crmmigrate.model.regions import RegionRules
from crmmigrate.standardize.address_hashes import fill_table, hash_phrases
from crmmigrate.standardize.address_marks import EASTERN, SPACED, THAI_WORDS
from crmmigrate.standardize.address_runs import FOREIGN, LITERAL
from crmmigrate.standardize.address_shapes import number_kinds, postcode_shapes
from crmmigrate.standardize.address_templates import FORMS
from crmmigrate.values import (
    address_case,
    address_codes,
    address_cuts,
    address_elsewhere,
    address_recipients,
    address_streets,
    address_towns,
    address_units,
)
from crmmigrate.values.address_east import UNIT_SIGNS, is_eastern, signs_of
from crmmigrate.values.address_grammar import grammar_of
from crmmigrate.values.countries import country_code, names_of_countries, plain_names
from crmmigrate.values.folding import fold
from crmmigrate.values.placeholders import placeholder_words

__all__ = ["DOTTED", "LITERAL", "MOST_WORDS", "Vocabulary", "vocabulary_of"]

MOST_WORDS = 4
MOST_KINDS = 64
SMALL, START = 8, 16
"""Flags of words that may stand within a name, and at the beginning of a town's name."""
_BY_LIST = frozenset({"_TOWN_STARTS", "SURE_TYPES"})
"""Lists that are only asked whether they hold a word."""
_SAID = """
    one two three four five six seven eight nine ten province county governorate region canton oblast prefecture
    bldg building twr tower lvl level tel phone telephone mobile km box nr no flat unit psc cmr gir
    bis ter quater hs th st nd rd er ext extension number city salt long new same as above before see
    idem ditto la fel samme siehe oben wie unknown address moved do basement sal tv mf tf mh the of and
    parter mansarda mansardă demisol hinterhaus vorderhaus seitenflügel erdgeschoss dachgeschoss hh vh eg dg
    bsmt penthouse ph rear frnt lobby uppr lowr upper lower front fondo bajo cave fundos izq dcha dta esq dto
    republic republik republica republique repubblica kingdom state eu ue
    langa lângă vis vizavi spatele near next to opposite behind beside neben gegenüber côté cote face ved siden rett
    ใกล้ ตรงข้าม ติดกับ หลังวัด รหัส รหัสไปรษณีย์ พระราม สาย rama
    besøksadresse postadresse adresse adresa adres address anschrift dirección direccion indirizzo endereço adress
    cui cif vat tva iva ust ustidnr idnr org orgnr nip siret siren cnpj gstin abn cvr
    cep plz cap cp zip code pin pincode postcode cod codul poștal postal postnr sir lok
"""
"""Words that patterns of the parser name."""
_MODULES = (
    address_case, address_codes, address_cuts, address_elsewhere, address_recipients, address_streets, address_towns,
    address_units,
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Vocabulary:
    """Tables of one region.

    Attributes:
        keys: Hashes of words and phrases.
        values: `class << 5 | START | SMALL | most`: class 0 for words that only begin phrases,
            LITERAL, or 2 and the number of the word; `most` is the number of words of the longest
            phrase that the word begins.
        countries: The same for names of countries, keys and values.
        groups: What lists each word that has a number is looked up in, as a bit set.
        kinds: Number of the class of each of these words, below MOST_KINDS.
        words: Those words, in small letters.
        forms: What a word is written as: `type`, `region`, `locality` → one text a word, '' for none.
        kin: Number of a class → numbers of its words.
        postcodes: Shapes of postcodes with letters: (shapes, signs, 128), which sign may stand where.
        numbers: What a run of digits may be, by length and first two digits.
        tails: Endings of compound streets: keys and values as above.
        tail_lengths: Numbers of letters that endings have, longest first.
        script: SPACED, or how words are told that have no blank between: THAI_WORDS, EASTERN.
    """

    keys: NDArray[np.uint64]
    values: NDArray[np.int32]
    countries: tuple[NDArray[np.uint64], NDArray[np.int32]]
    groups: NDArray[np.int64]
    kinds: NDArray[np.int64]
    words: tuple[str, ...]
    forms: Mapping[str, tuple[str, ...]]
    kin: Mapping[int, tuple[int, ...]]
    postcodes: NDArray[np.uint8]
    numbers: NDArray[np.uint8]
    tails: tuple[NDArray[np.uint64], NDArray[np.int32]]
    tail_lengths: NDArray[np.int64]
    script: int


@lru_cache(maxsize=512)
def vocabulary_of(rules: RegionRules, american: RegionRules) -> Vocabulary:
    """Return the tables of a region, made once.

    Args:
        rules: The region.
        american: Rules of the United States, whose states are known everywhere.
    """
    roles = _roles(rules, american)
    words = tuple(key for key, told in roles.items() if "literal" not in told)
    forms = _forms(words, rules)
    alike = zip(*(forms[form] for form in FORMS), strict=True)
    signs = signs_of(rules)
    told_kinds = [
        _kind_of(key, roles[key], told, signs) for key, told in zip(words, alike, strict=True)
    ]
    order = {kind: at for at, kind in enumerate(dict.fromkeys(told_kinds))}
    kinds = [min(order[kind], MOST_KINDS - 1) for kind in told_kinds]
    numbers = {key: at + 2 for at, key in enumerate(words)}
    kin: dict[int, list[int]] = {}
    for at, kind in enumerate(kinds):
        kin.setdefault(kind, []).append(at)
    values = {
        key: (numbers.get(key, LITERAL) << _BITS) | _flags(told) for key, told in roles.items()
    }
    keys, told_values = _table(values)
    tails = _tails(rules)
    return Vocabulary(
        keys, told_values, _countries(),
        np.array([_group_of(roles[key]) for key in words] or [0], np.int64), np.array(kinds or [0], np.int64),
        words, forms, {kind: tuple(members) for kind, members in kin.items()},
        postcode_shapes(rules.address), number_kinds(rules),
        _table({key: value << _BITS for key, value in tails.items()}), _lengths(tails), _script_of(rules),
    )  # fmt: skip


_BITS = 5


def _flags(told: set[str]) -> int:
    return (SMALL if "inner" in told else 0) | (START if "start" in told else 0)


def _group_of(told: set[str]) -> int:
    """Return which lists decide how a word is written."""
    return sum(
        1 << at
        for at, role in enumerate(("type", "type..", "region", "locality", "town"))
        if role in told
    )


def _script_of(rules: RegionRules) -> int:
    if is_eastern(rules):
        return EASTERN
    return THAI_WORDS if rules.languages[:1] == ("th",) else SPACED


_HANGUL = "\uac00"


def _kind_of(key: str, roles: set[str], forms: Sequence[str], signs: frozenset[str]) -> str:
    """Return what counts of a word: its lists, how long it is, and which of its forms are alike."""
    length: int | str = min(len(key), 4) if " " not in key else 10 + key.count(" ")
    if signs and key >= _HANGUL:
        length = f"{min(len(key), 8)} {key[-1] if key[-1] in signs else ''}"
    elif not signs.isdisjoint(key):
        length = "".join(letter if letter in signs else "." for letter in key)
    alike = [forms.index(form) for form in forms]
    return f"{sorted(roles)} {length} {key.isascii()} {alike}"


def _roles(rules: RegionRules, american: RegionRules) -> dict[str, set[str]]:
    """Return every known word or phrase in small letters → the lists it is in."""
    roles: dict[str, set[str]] = {}

    def enter(words: Iterable[str], role: str) -> None:
        for word in words:
            for key in _keys(word, names=role in _NAMES):
                roles.setdefault(key, set()).add(role)

    address, grammar = rules.address, grammar_of(rules)
    enter(_SAID.split(), "literal")
    enter(address_streets.MONTHS.split(), "literal")
    for module in _MODULES:
        for name, found in _lists(module):
            enter(found, name if name in _BY_LIST else "literal")
    for words in (
        address.unit_words, address.building_words, address.number_words, address.no_number,
        address.dependent_words, address.locality_words, address.province_words, address.directions,
        address.po_box_words, address.care_of_words, grammar.quarters, rules.phone.labels,
        (w for w in american.address.provinces if len(w) == 2 and w not in grammar.provinces),
    ):  # fmt: skip
        enter(words, "literal")
    enter(names_of_countries().get(rules.code, ()), "literal")
    if is_eastern(rules):
        enter(signs_of(rules), "literal")
        enter(UNIT_SIGNS, "inner")
    enter(address.provinces, "region")
    enter(grammar.provinces, "region")
    enter(address.cities, "locality")
    enter(grammar.cities, "locality")
    enter(address.cities.values(), "town")
    enter(grammar.towns, "town")
    for word in address.street_types:
        enter([word], "type.." if word.endswith(".") else "type")
    for key, told in roles.items():
        _settle(key, told, rules)
    return roles


def _settle(key: str, told: set[str], rules: RegionRules) -> None:
    """Add what counts of a word's own; words of one letter, and countries, stand for themselves."""
    address, types = rules.address, rules.address.street_types
    if told & {"type", "type.."}:
        ways = {types[w] for w in (key, f"{key}.") if w in types}
        told.add("same" if {fold(w) for w in ways} == {fold(key)} else "other")
        if len(ways) != 1 or " " in key or not ways:
            told.add("literal")
    grammar = grammar_of(rules)
    provinces = grammar.provinces
    spelled = {
        types.get(key),
        types.get(f"{key}."),
        provinces.get(fold(key)),
        grammar.cities.get(fold(key)),
    }
    alike = [text for text in spelled if text and _APART.sub(" ", text.casefold()) == key]
    if alike:
        told.add("small" if any(text.islower() for text in alike) else "great")
    country = country_code(key, rules.languages) or country_code(key.upper(), rules.languages)
    if country is not None and (fold(key) not in provinces or country == rules.code):
        told.add("literal")
    if len(key) < 2 or key in placeholder_words() or not told & _SPELLED:
        told.add("literal")
    if key in address_case.SMALL:
        told.add("inner")
    if key in _STARTS or "_TOWN_STARTS" in told:
        told.add("start")
    if "region" in told and address.province_style == "code":
        told.add("code" if len(key) <= 3 else "name")


_APART = re.compile(r"[\W\d_]+")
_SPELLED = frozenset({"type", "type..", "region", "locality", "town"})
"""Lists of words that are written in a way of their own."""
_STARTS = frozenset({"north", "south", "east", "west", "new", "port", "lake"})


_NAMES = frozenset({"region", "locality", "town"})


def _keys(word: str, *, names: bool) -> Iterable[str]:
    """Return what to look a spelling up by; other phrases with signs than names are told by word."""
    plain = word.casefold().strip(" .:")
    if not plain:
        return
    if not plain.isascii() and "฀" <= plain[0] <= "\u0eff":
        yield from {*plain.split(), *word.casefold().strip().split()}
        return
    pieces = re.findall(r"[^\W\d_]+", plain)
    if len(pieces) == 1 and pieces[0] == plain:
        yield plain
    elif len(pieces) <= MOST_WORDS and (names or " ".join(pieces) == plain):
        yield " ".join(pieces)
    else:
        yield from pieces


def _lists(module: ModuleType) -> Iterable[tuple[str, frozenset[str]]]:
    for name, found in vars(module).items():
        if isinstance(found, frozenset) and all(isinstance(word, str) for word in found):
            yield name, found


def _table(told: Mapping[str, int]) -> tuple[NDArray[np.uint64], NDArray[np.int32]]:
    """Make the table of words and phrases; other accents than the known ones are literal."""
    keys = list(told)
    small, folded, firsts = hash_phrases(text_column(pl.Series(keys, dtype=pl.String)))
    counts = np.array([key.count(" ") + 1 for key in keys], np.int64)
    many = counts > 1
    new = np.concatenate([firsts[many], folded, small])
    values = np.array([told[key] for key in keys], np.int32)
    literal = [
        max(told[key] >> _BITS, LITERAL) if told[key] >> _BITS <= DOTTED else LITERAL
        for key in keys
    ]
    others = np.array([value << _BITS for value in literal], np.int32)
    nothing = np.zeros(int(many.sum()), np.int32)
    meant = np.concatenate([nothing, others, values])
    order = dict(zip(new.tolist(), meant.tolist(), strict=True))
    for key, count in zip(firsts[many].tolist(), counts[many].tolist(), strict=True):
        order[key] = (order[key] & ~7) | max(order[key] & 7, count)
    return fill_table(np.array(list(order), np.uint64), np.array(list(order.values()), np.int32))


@lru_cache(maxsize=1)
def _countries() -> tuple[NDArray[np.uint64], NDArray[np.int32]]:
    """Return the names of countries in all languages; codes and placeholders stand for themselves."""
    names = {name for name in plain_names() if name.count(" ") < MOST_WORDS}
    letters = [chr(97 + at) for at in range(26)]
    codes = {a + b + c for a in letters for b in letters for c in ("", *letters)}
    literal = {code for code in codes if country_code(code.upper())}
    literal |= {w for w in placeholder_words() if w.isalpha()}
    return _table(dict.fromkeys(names, FOREIGN << _BITS) | dict.fromkeys(literal, LITERAL << _BITS))


def _forms(words: tuple[str, ...], rules: RegionRules) -> dict[str, tuple[str, ...]]:
    address, grammar = rules.address, grammar_of(rules)
    types = address.street_types
    return {
        "type": tuple(types.get(w) or types.get(f"{w}.") or "" for w in words),
        "region": tuple(grammar.provinces.get(fold(w), "") for w in words),
        "locality": tuple(grammar.cities.get(fold(w), "") for w in words),
    }


DOTTED = 2
"""Value of endings that only count with a stop behind them."""


def _tails(rules: RegionRules) -> dict[str, int]:
    """Return the endings that tell a compound street: LITERAL, or DOTTED."""
    address = rules.address
    if address.street_position != "attached":
        return {}
    found: dict[str, int] = {}
    for tail in {*(t for t in address.street_types if len(t) > 2), *address.street_tails}:
        bare = tail.casefold().strip(" .")
        if bare.isalpha():
            dotted = DOTTED if tail.endswith(".") else LITERAL
            found[bare] = min(found.get(bare, DOTTED), dotted)
    return found


def _lengths(tails: Iterable[str]) -> NDArray[np.int64]:
    lengths = {n for t in tails for n in (len(t), len(t) - t.count("ss"))}
    return np.array(sorted((n for n in lengths if n), reverse=True), np.int64)

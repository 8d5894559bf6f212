"""Plain names, without the scalar reading.

A name is plain if it has two to four words that are written alike (Title, CAPITALS or lower case),
and none is known as anything else than a name: no title, suffix, placeholder or legal form. In
title case an initial, `McDonald` and `O'Neill` and particles before the last word are plain, too.
"""

import re
from functools import cache

import polars as pl

from crmmigrate.values.knowledge import load_knowledge
from crmmigrate.values.name_tokens import LEGAL_WORDS
from crmmigrate.values.name_words import NameWords
from crmmigrate.values.names import has_middle_names, second_given_names
from crmmigrate.values.placeholders import placeholder_words

__all__ = ["read_plain_names"]

_PIECE = r"(?:Mc|Mac|O['’]|D['’])?\p{Lu}\p{Ll}+"
_NAME = rf"{_PIECE}(?:-{_PIECE})*"
_INITIAL = r"\p{Lu}\."
_MIXED = rf"^{_NAME}(?: (?:{_NAME}|{_INITIAL})){{0,2}}(?: \p{{Ll}}{{2,4}}){{0,2}} {_NAME}$"
_MIXED_COMMA = rf"^{_NAME}(?: {_NAME})?, {_NAME}(?: (?:{_NAME}|{_INITIAL}))?$"
_NO_INITIAL = r"\. (?:.\.|..$|..[ -])"
"""What stands behind a dot may make it a legal form: `S. A.`, `S. Rl`."""
_WORD = r"(?:O['’]\p{Lu})?\p{Lu}{2,}(?:-\p{Lu}{2,})*"
_CAPITALS = rf"^{_WORD}(?: (?:{_WORD}|\p{{Lu}}\.)){{0,3}} {_WORD}$|^{_WORD}(?: {_WORD})?,(?: {_WORD}){{1,2}}$"
_LOWER = _CAPITALS.replace("Lu", "Ll").replace("O[", "o[")
_THAI = r"^[\x{0e01}-\x{0e4e}]{2,}(?: [\x{0e01}-\x{0e4e}]{2,})?,? [\x{0e01}-\x{0e4e}]{2,}(?:-[\x{0e01}-\x{0e4e}]{2,})?$"
_OWN_CASING = r"(?i:\bma?c)|[İıſßŉǰẞ]|[^\p{Latin}\p{Cyrillic}, .'’-]"
"""Words whose capitals are not made from the first letter of each part alone."""
_OWN_LETTERS = {"TR": r"I|\bi", "AZ": r"I|\bi", "NL": r"(?i:\bij)"}
"""The same in some regions."""


def read_plain_names(group: pl.DataFrame, words: NameWords) -> pl.DataFrame:
    """Read the plain names of one region.

    Args:
        group: Columns `_at` and `text`.
        words: What is known about names of the region.

    Returns:
        `_at`, `value`, `prefix`, `given`, `middle`, `family`, `status` and `codes`, only of the names that
        were read.
    """
    group = _without_title(group, words)
    plain = pl.concat([_mixed(group, words), _recased(group, words)])
    plain = plain.with_columns(_family(words), count=pl.col("cut").list.len())
    given = _between("cut", pl.col("start"), pl.col("length"))
    head = pl.col("comma") | words.family_first
    parts = plain.with_columns(
        start=pl.when(head).then("families").otherwise(0),
        length=pl.col("count") - pl.col("families"),
        family=pl.when(head)
        .then(_between("cut", 0, pl.col("families")))
        .otherwise(_between("cut", pl.col("count") - pl.col("families"), pl.col("families"))),
    ).with_columns(given=given)
    order = ("family", "given") if words.family_first else ("given", "family")
    loud = pl.col("recased") & pl.col("prefix").str.contains(r"\p{L}.*\p{L}")
    titles = pl.when(loud).then(pl.col("prefix").str.to_titlecase()).otherwise("prefix")
    return parts.with_columns(prefix=titles).select(
        "_at",
        "prefix",
        *_given_and_middle(words),
        "family",
        value=pl.concat_str("prefix", *order, separator=" ", ignore_nulls=True),
        status=pl.when(pl.col("recased") | pl.col("comma"))
        .then(pl.lit("normalised"))
        .otherwise(pl.lit("unchanged")),
        codes=_codes(),
    )


def _without_title(group: pl.DataFrame, words: NameWords) -> pl.DataFrame:
    """Cut one title off the names that have no comma."""
    text = pl.col("text")
    head = text.str.extract(r"^(\p{L}+\.?) [^,]+$", 1)
    known = sorted(word for word in words.titles - _everywhere() if word.isalpha())
    title = head.str.to_lowercase().str.strip_chars_end(".").is_in(known)
    return group.select(
        "_at",
        prefix=pl.when(title).then(head),
        text=pl.when(title).then(text.str.extract(r"^\S+ (.+)$", 1)).otherwise(text),
        whole=text.str.to_lowercase(),
    )


def _between(column: str, start: pl.Expr | int, length: pl.Expr) -> pl.Expr:
    return pl.col(column).list.slice(start, length).list.join(" ")


def _mixed(group: pl.DataFrame, words: NameWords) -> pl.DataFrame:
    """Keep the plain names in title case, or without case, cut into words."""
    text = pl.col("text")
    shaped = text.str.contains(_MIXED) | text.str.contains(_MIXED_COMMA)
    shaped |= text.str.contains(_THAI) & ~text.str.contains(_attached())
    names = _cut(group.filter(shaped & ~text.str.contains(_NO_INITIAL)))
    small = pl.element().str.contains(r"^\p{Ll}")
    particle = pl.element().is_in(sorted(_joints(words)))
    initial = pl.element().str.ends_with(".")
    odd = (small & ~particle) | (~small & ~initial & _is_special(words))
    return names.with_columns(
        odd=pl.col("cut").list.eval(odd).list.any(),
        particles=pl.col("cut").list.eval(small).list.sum().cast(pl.Int64),
        recased=pl.lit(value=False),
    ).filter(
        ~pl.col("odd"),
        ~_is_known_phrase(),
        ~pl.col("comma") | ~pl.col("whole").str.contains(_ending(words)),
    )


def _ending(words: NameWords) -> str:
    """Return a pattern of initials that may be something else at the end of a text."""
    letters = words.suffixes | words.doubtful_suffixes | words.particles
    return rf" [{''.join(sorted(w for w in letters if len(w) == 1 and w.isalpha())) or '-'}]\.$"


def _recased(group: pl.DataFrame, words: NameWords) -> pl.DataFrame:
    """Keep the plain names in one case, cut into words in title case."""
    text = pl.col("text")
    own = (_OWN_LETTERS.get(words.region or "", "^$"), _OWN_CASING, _NO_INITIAL)
    loud = text.str.contains(_CAPITALS) | text.str.contains(_LOWER)
    loud &= ~text.str.contains("|".join(own))
    joints = sorted(_joints(words))
    small = pl.element().str.to_lowercase()
    initial = pl.element().str.ends_with(".")
    run = rf"^\S+(?: \S+)??((?: (?:{'|'.join(joints) or '-'})){{1,2}}) \S+$"
    return (
        _cut(group.filter(loud))
        .with_columns(
            particles=text.str.to_lowercase()
            .str.extract(run, 1)
            .str.count_matches(" ")
            .fill_null(0)
            .cast(pl.Int64),
            special=pl.col("cut")
            .list.eval(~initial & _is_special(words))
            .list.sum()
            .cast(pl.Int64),
            recased=pl.lit(value=True),
        )
        .filter(pl.col("special") == pl.col("particles"), ~_is_known_phrase())
        .with_columns(
            odd=pl.lit(value=False),
            cut=pl.col("cut").list.eval(
                pl.when(small.is_in(joints)).then(small).otherwise(small.str.to_titlecase())
            ),
        )
        .drop("special")
        .select(
            "_at", "text", "prefix", "whole", "comma", "heads", "cut", "odd", "particles", "recased"
        )
    )


def _joints(words: NameWords) -> frozenset[str]:
    """Return the particles that stand before a family name and are nothing else."""
    if words.family_first or words.two_families:
        return frozenset()
    return frozenset(
        word
        for word in words.particles - _titles(words) - _everywhere()
        if 1 < len(word) <= 4 and word.isalpha()
    )


@cache
def _attached() -> str:
    """Return a pattern of titles and forms of address that are written without a blank."""
    known = load_knowledge("name_words")
    before = "|".join(map(re.escape, known["attached"]))
    return rf"^(?:{before})|(?:{'|'.join(map(re.escape, known['honorifics']))})$"


def _cut(names: pl.DataFrame) -> pl.DataFrame:
    text = pl.col("text")
    return names.select(
        "_at",
        "text",
        "prefix",
        "whole",
        comma=text.str.contains(",", literal=True),
        heads=text.str.extract("^([^,]+),", 1).str.count_matches(" ").fill_null(0) + 1,
        cut=text.str.replace(",", "", literal=True).str.split(" "),
    )


def _is_special(words: NameWords) -> pl.Expr:
    word = pl.element().str.to_lowercase().str.strip_chars_end(".")
    return word.is_in(sorted(_special(words)))


def _is_known_phrase() -> pl.Expr:
    phrases = sorted(word for word in placeholder_words(tests=True) if " " in word)
    return pl.col("whole").is_in(phrases)


def _family(words: NameWords) -> pl.Expr:
    """Return of how many words the family name is, at the end or at the start."""
    count = pl.col("cut").list.len().cast(pl.Int64)
    usual = pl.lit(1, pl.Int64) + pl.col("particles")
    if words.two_families:
        second = pl.col("cut").list.get(1).str.to_lowercase().is_in(sorted(second_given_names()))
        two = pl.when((count > 3) | ((count == 3) & ~second)).then(2).otherwise(1)
        usual = two.cast(pl.Int64)
    return pl.when("comma").then(pl.col("heads").cast(pl.Int64)).otherwise(usual).alias("families")


def _given_and_middle(words: NameWords) -> tuple[pl.Expr, pl.Expr]:
    given = pl.col("given")
    behind = given.str.extract(r"^\S+ (.+)$", 1)
    if words.region == "VN":
        last = given.str.extract(r"(\S+)$", 1)
        before = given.str.extract(r"^(.+) \S+$", 1)
        inverted = pl.col("comma")
        return (
            pl.when(inverted).then(given).otherwise(last).alias("given"),
            pl.when(~inverted).then(before).alias("middle"),
        )
    apart = has_middle_names(words)
    told = pl.col("comma") if words.family_first and apart else pl.lit(apart)
    return (
        pl.when(told).then(given.str.extract(r"^(\S+)", 1)).otherwise(given).alias("given"),
        pl.when(told).then(behind).alias("middle"),
    )


def _codes() -> pl.Expr:
    cases = {(True, True): ["STD202", "STD203"], (True, False): ["STD202"]}
    cases |= {(False, True): ["STD203"], (False, False): []}
    expression = pl.lit([], dtype=pl.List(pl.String))
    for (recased, comma), codes in cases.items():
        expression = (
            pl.when((pl.col("recased") == recased) & (pl.col("comma") == comma))
            .then(pl.lit(codes, dtype=pl.List(pl.String)))
            .otherwise(expression)
        )
    return expression


def _titles(words: NameWords) -> frozenset[str]:
    return words.titles | words.doubtful | words.suffixes | words.doubtful_suffixes


@cache
def _special(words: NameWords) -> frozenset[str]:
    named = _titles(words) | words.particles
    within = {word for phrase in named if " " in phrase for word in phrase.split()}
    return named | within | _everywhere()


@cache
def _everywhere() -> frozenset[str]:
    known = load_knowledge("name_words")
    listed = (*known["organization"], *known["couples"], *known["bound_given"], *LEGAL_WORDS)
    return frozenset(listed) | placeholder_words(tests=True)


"""Words that are no names, wherever a name is from."""

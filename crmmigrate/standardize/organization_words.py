"""What the different words of organizations' names may be: the vocabulary of their shapes."""

import re
from collections.abc import Mapping, Sequence
from functools import cache

import polars as pl

from crmmigrate.values.knowledge import load_knowledge
from crmmigrate.values.legal_forms import FOLDED, FormBook, form_key
from crmmigrate.values.organization_casing import listed_words
from crmmigrate.values.organization_gluing import before_forms
from crmmigrate.values.organization_parse import front_starts, front_words, trade_words
from crmmigrate.values.organizations import STATES, branch_keys, civil_titles
from crmmigrate.values.placeholders import placeholder_words

__all__ = ["BITS", "MARKS", "SIGNS", "known_keys", "tell_words"]

_LAZY = r"[\p{L}\p{M}\p{N}]+?(?:[-'’&+][\p{L}\p{M}\p{N}]+?|\.[\p{L}\p{M}\p{N}]{2,}?)*?"
_CORE = r"[\p{L}\p{M}\p{N}]+(?:[-'’&+][\p{L}\p{M}\p{N}]+|\.[\p{L}\p{M}\p{N}]{2,})*"
_WORD = rf"^{_CORE},?$"
_STRAY = r"^[ ,;.–/&-]*$"
_SLOW = r"@|://|[\s\x00-\x1f\x{e000}-\x{f8ff}\x{10a0}-\x{10ff}\x{1c90}-\x{1cbf}]|^$|^(?i:www\.)|สาขา|支店|分公司|支社"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_MAIL = rf"^[A-Za-z0-9][A-Za-z0-9._-]*@{_LABEL}(?:\.{_LABEL})+$"

BITS = {
    "back": 1,
    "front": 2,
    "final": 4,
    "run": 8,
    "within": 16,
    "title": 32,
    "opens": 64,
    "closes": 128,
    "starts": 256,
    "loose": 512,
    "state": 1024,
    "bracketed": 2048,
    "lettered": 4096,
}
"""What a word may be, as bits of one number: a word behind, before or within a name that a form may have
(`back`, `front`, `within`), one that such a form may end or start with (`final`, `starts`), a word that
says nothing (`run`), or nothing inside a name (`loose`) with no word of `within` beside it, or one that may
end what is said of an organization behind its name: its `state` (`in liquidation`), a letter of one
(`lettered`: `i. L.`), or anything in brackets (`bracketed`)."""

MARKS = {
    "lower": 1,
    "upper": 2,
    "plain": 4,
    "comma": 8,
    "titled": 16,
    "slow": 32,
    "mail": 64,
}
"""What else is known of a word: whether it has small letters or capitals, is a plain word that no rule
knows (with a comma behind it), has one capital a piece, wants the scalar reading, or is an address of
mail."""

SIGNS = {"run": 1, "comma": 2, "several": 3, "shared": 9, "own": 8, "headed": 10, "tailed": 11}
"""How words count in a shape: all plain words as one sign, and several together; others by 4 × their number + this."""


def known_keys(book: FormBook) -> frozenset[str]:
    """Return the keys of all words that matter to a name, whether by a form or by their casing."""
    words = civil_titles() | _spelt() | listed_words() | _states()
    ends = {*_trade_ends()[0], *_trade_ends()[1], "and"}
    keys = frozenset(form_key(word) for word in (*words, *ends))
    forms = book.words | trade_words() | front_words(book) | book.within_words | branch_keys()
    return keys | forms


def tell_words(words: pl.Series, home: pl.Series, books: Sequence[FormBook]) -> pl.DataFrame:
    """Tell of each different word what it may be.

    Args:
        words: Different words of names; one may come once for each region.
        home: Place of each word's region in `books`.
        books: Legal forms of the regions.

    Returns:
        `word`, `middle` (the word as it counts where it is no part of a form), `shared` (first row
        of its `middle`, or -1 where only the word itself counts), `any_case` (first row of the
        spellings that count alike), `bits` (see BITS) and `marks` (see MARKS).
    """
    frame = _keyed(words).with_columns(home.alias("home"))
    frame = _without_rest(_flagged(frame.with_columns(known=_known(frame, books))))
    opening, closing = _trade_ends()
    frame = frame.with_columns(
        run=pl.col("middle") == "\ue000",
        opens=pl.col("lower_word").str.strip_chars("(").is_in(opening),
        closes=pl.col("lower_word").is_in(closing),
        own=pl.int_range(pl.len(), dtype=pl.Int64),
    )
    marks = ("lower", "upper", "slow", "mail")
    return _signed(frame, books).select(
        *("word", "middle", "any_case", "shared"),
        bits=pl.sum_horizontal(pl.col(name).cast(pl.UInt16) * bit for name, bit in BITS.items()),
        marks=pl.sum_horizontal(pl.col(name).cast(pl.UInt8) * MARKS[name] for name in marks),
    )


def _known(frame: pl.DataFrame, books: Sequence[FormBook]) -> pl.Series:
    """Return what the keys of words are in the forms of their regions, as bits."""
    tables = [_parts_of_forms(book) for book in books]
    rows = zip(frame["home"], frame["key"], strict=True)
    return pl.Series([tables[zone].get(key, 0) for zone, key in rows], dtype=pl.UInt16)


_TIGHT = 1 << 13
"""A bit beside BITS: keys of whole forms in the middle of a name."""


@cache
def _parts_of_forms(book: FormBook) -> Mapping[str, int]:
    """Return what each key is in the forms of a region, as bits."""
    several = (
        (BITS["back"], book.words | trade_words()),
        (BITS["final"], book.ends),
        (BITS["front"], front_words(book)),
        (BITS["starts"], front_starts(book)),
        (BITS["within"], book.within_words),
        (_TIGHT, book.within),
    )
    found = dict[str, int]()
    for bit, keys in several:
        for key in keys:
            found[key] = found.get(key, 0) | bit
    return found


def _keyed(words: pl.Series) -> pl.DataFrame:
    """Add `lower_word`, `key` (as forms are looked up) and `plain` (letters and digits only)."""
    word = pl.col("word")
    frame = words.alias("word").to_frame().with_columns(lower_word=word.str.to_lowercase())
    wide = frame.select(word.str.len_bytes() != word.str.len_chars()).to_series().arg_true()
    some = frame[wide].select(_key().alias("key"), glued=word.str.contains(_glued()))
    bare = frame.select(pl.col("lower_word").str.replace_all(_DROPPED, "")).to_series()
    glued = pl.repeat(value=False, n=frame.height, eager=True).scatter(wide, some["glued"])
    return frame.with_columns(
        key=bare.scatter(wide, some["key"]),
        plain=(word.str.contains(_WORD) & ~glued) | word.str.contains(_MAIL),
    )


def _flagged(frame: pl.DataFrame) -> pl.DataFrame:
    """Tell what each word may be in a form, and what wants the scalar reading."""
    word, key, lower, stray = map(pl.col, ("word", "key", "lower_word", "stray"))
    closing = "|".join(map(re.escape, _trade_ends()[1]))
    frame = frame.with_columns(
        stray=word.str.contains(_STRAY),
        mail=word.str.contains(_MAIL),
        spelt=lower.is_in(_sorted(_spelt())),
        within=_has(BITS["within"]),
    )
    return frame.with_columns(
        back=_has(BITS["back"]) | stray,
        final=_has(BITS["final"]) | stray,
        front=_has(BITS["front"]) | stray,
        starts=_has(BITS["starts"]) | stray,
        odd=pl.col("within") | key.is_in(_sorted(_ALWAYS)) | pl.col("spelt"),
        loose=~(_has(_TIGHT) | pl.col("spelt") | word.str.contains(_QUOTES)),
        state=lower.str.contains(_STATE),
        lettered=lower.str.contains(r"^[lgi]\.$"),
        bracketed=word.str.ends_with(")") & ~_has(BITS["final"]),
        title=lower.str.strip_chars_end(".").is_in(_sorted(civil_titles())),
        lower=word != word.str.to_uppercase(),
        upper=word != lower,
        slow=(word.str.contains(_SLOW) & ~pl.col("mail"))
        | key.is_in(_sorted(branch_keys()))
        | (word.str.contains(r"\S,[^\s,]+$") & ~(_has(BITS["final"]) | stray))
        | lower.str.contains(f"^(?:{closing}):")
        | lower.str.contains(r"\+co\b")
        | lower.str.strip_chars("(:").is_in(_trade_words()),
    )


def _has(bit: int) -> pl.Expr:
    return (pl.col("known") & bit) != 0


def _signed(frame: pl.DataFrame, books: Sequence[FormBook]) -> pl.DataFrame:
    """Number the words: `shared` by how they count, `any_case` by spelling but for capitals."""
    own, middle = pl.col("own"), pl.col("middle")
    shared = frame.filter(middle.str.contains("\ue000", literal=True))
    shared = shared.select("own", shared=own.first().over("home", "middle"))
    plain = pl.col("word").str.len_bytes() == pl.col("word").str.len_chars()
    # Without a region some forms stay as they are written.
    placed = pl.Series([book.region is not None for book in books], dtype=pl.Boolean)
    cased = frame.filter(plain, placed.gather(frame["home"]))
    cased = cased.select("own", any_case=own.first().over("home", "lower_word"))
    alike = frame["own"].scatter(cased["own"], cased["any_case"])
    same = pl.repeat(-1, frame.height, dtype=pl.Int64, eager=True)
    same = same.scatter(shared["own"], shared["shared"])
    return frame.with_columns(same.alias("shared"), alike.alias("any_case"))


def _without_rest(frame: pl.DataFrame) -> pl.DataFrame:
    """Add `middle`: each word as it counts where it is no part of a form."""
    word = pl.col("word")
    middle = (
        pl.when(pl.col("odd") | ~pl.col("plain"))
        .then(word)
        .when(word.str.ends_with(","))
        .then(pl.lit("\ue000,"))
        .otherwise(pl.lit("\ue000"))
    )
    usual = frame.select(middle.alias("middle")).to_series()
    strange = (~(frame["plain"] | frame["odd"])).arg_true()
    told = _bracketed(frame["word"].gather(strange), usual.gather(strange))
    return frame.with_columns(usual.scatter(strange, told))


_DROPPED = r"[\s\x{200b}.,'’`\"“”„«»()\[\]\-–_·;:]+"


def _key() -> pl.Expr:
    """Return `form_key` of a word with letters beyond ASCII."""
    folded = pl.col("word").str.replace_all("İ", "i", literal=True).str.to_lowercase()
    folded = folded.str.replace_many(list(FOLDED), list(FOLDED.values())).str.normalize("NFKD")
    # Marks of Thai and later scripts are vowels, not accents.
    folded = folded.str.replace_all(r"[\p{M}&&[\x{0}-\x{0e00}]]", "")
    return folded.str.replace_all(_DROPPED, "")


def _bracketed(words: pl.Series, usual: pl.Series) -> pl.Series:
    """Give words in quotes or brackets, or with a form glued on, the shape of all such words."""
    before, behind = _attached()
    pattern = (
        rf"^(?P<lead>[\"“„«'‘(\[]*(?:{before})?[\"“„«'‘(\[]*)(?P<core>{_LAZY})"
        rf"(?P<trail>[\"”“»'’)\],;:]*(?:{behind})?[\"”“»'’)\],;:]*)$"
    )
    for cut in (pattern, _DOTTED):
        parts = words.str.extract_groups(cut).struct.unnest()
        found = parts["core"].is_not_null().arg_true()
        told = pl.concat_str("lead", pl.lit("\ue000"), "trail")
        usual = usual.scatter(found, parts[found].select(told).to_series())
    return usual


_DOTTED = (
    r"^(?P<lead>[\"“„«'‘(\[]*)(?P<core>(?:[\p{L}\p{M}\p{N}]+[-'’&+])*[\p{L}\p{M}\p{N}]*[\p{L}\p{N}]{2})"
    r"(?P<trail>\.[\"”“»'’)\],;:]*)$"
)
"""Abbreviations; a letter with a dot is an initial, whose dot stays at the end of a name."""


@cache
def _attached() -> tuple[str, str]:
    """Return patterns of the forms that are written with the name as one word: before, behind."""
    forms = [re.escape(form) for form in before_forms()]
    return "|".join(forms), "|".join((*(f for f in forms if f.lstrip("\\")[0] > "\u2e80"), _GLUED))


@cache
def _glued() -> str:
    before, behind = _attached()
    return f"^(?:{before})|(?:{behind}),?$"


_GLUED = r"(?:集团|集團)?(?:股份)?有限(?:责任|責任)?公司|จ(?:ำ|ํา)กัด"


@cache
def _sorted(words: frozenset[str]) -> pl.Series:
    return pl.Series(sorted(words), dtype=pl.String).implode()


_ALWAYS = frozenset("&+")
_QUOTES = '["“„«»”]'
_STATE = rf"(?i)^(?:{STATES})$|^i\.[lgi]\.$"
"""Last words of what is said of an organization behind its name."""


@cache
def _spelt() -> frozenset[str]:
    """Return words that matter by their spelling: of placeholders, before a trade name, before `Co. KG`."""
    trade = [phrase for phrase in _trade_phrases() if " " not in phrase]
    nothing = " ".join(placeholder_words(tests=True)).split()
    return frozenset(trade) | frozenset(nothing) | {"und", "u", "u.", "+"}


@cache
def _states() -> frozenset[str]:
    """Return the words for states as they are looked up, accents aside."""
    plain = re.sub(r"\[(.).*?\]", r"\1", STATES)
    return frozenset(plain.split("|"))


@cache
def _trade_phrases() -> tuple[str, ...]:
    return tuple(load_knowledge("organization_words")["trades_as"])


@cache
def _trade_words() -> pl.Series:
    """Return the single words that stand before a trade name."""
    words = [phrase for phrase in _trade_phrases() if " " not in phrase]
    return pl.Series(words, dtype=pl.String).implode()


@cache
def _trade_ends() -> tuple[list[str], list[str]]:
    """Return the last words but one, and the last ones, of what stands before a trade name."""
    phrases = [phrase.split() for phrase in _trade_phrases() if " " in phrase]
    return sorted({p[-2] for p in phrases}), sorted({p[-1] for p in phrases})

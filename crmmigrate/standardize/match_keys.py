"""Match keys of a column of names: the vectorised twin of `values.match_keys`.

They are no part of the canonical model: whoever shows single values asks for them.
"""

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import polars as pl

from crmmigrate.compiled import LEAST_ROWS
from crmmigrate.model.semantic import SemanticType
from crmmigrate.standardize.folding import fold_texts
from crmmigrate.values.match_keys import JOINED, joiners, transliterate

__all__ = ["KEYED", "MATCH_KEY", "match_keys"]

MATCH_KEY = "match_key"

KEYED: Mapping[SemanticType, tuple[str, ...]] = MappingProxyType(
    {
        SemanticType.PERSON_NAME: ("given", "family"),
        SemanticType.ORGANIZATION: ("base_name",),
    }
)
"""Types that have match keys, and the parts that they are made of."""


def match_keys(kind: SemanticType, outcome: pl.DataFrame) -> pl.Series:
    """Return the match key of each row; null where there is none.

    Args:
        kind: One of KEYED.
        outcome: What the kernel said of distinct values.
    """
    name = pl.concat_str(KEYED[kind], separator=" ", ignore_nulls=True)
    names = outcome.select(name.alias(MATCH_KEY)).to_series()
    plain = _plain(names) if names.len() < LEAST_ROWS else _plain_by_words(names)
    key = pl.col(MATCH_KEY)
    return plain.alias(MATCH_KEY).to_frame().select(pl.when(key != "").then(key)).to_series()


def _plain(names: pl.Series) -> pl.Series:
    """Return names folded, in Latin letters and with one word for `and`."""
    return _latin(names).str.replace_all(joiners(), JOINED)


def _latin(texts: pl.Series) -> pl.Series:
    folded = fold_texts(texts)
    foreign = folded.str.contains(r"[^\x00-\x7f]").fill_null(value=False).arg_true()
    latin = pl.Series(map(transliterate, folded.gather(foreign)), dtype=pl.String)
    return folded.scatter(foreign, latin)


def _plain_by_words(names: pl.Series) -> pl.Series:
    """Return the same, each distinct word read once: neither folding nor letters pass over a blank."""
    from crmmigrate.compiled.cutting import cut_texts, join_words

    cut = cut_texts(names, _MOST)
    words = _latin(cut.distinct)
    latin = join_words(cut, words)
    joint = pl.concat_str(pl.lit(" "), words, pl.lit(" ")).str.contains(joiners())
    before = pl.select(joint).to_series().gather(pl.Series(cut.codes)).cum_sum().to_numpy()
    upto = np.concatenate([[0], before])[cut.firsts]
    at = pl.Series(np.flatnonzero(np.diff(upto)))
    return latin.scatter(at, latin.gather(at).str.replace_all(joiners(), JOINED))


_MOST = 1 << 40
"""More words than any text has."""

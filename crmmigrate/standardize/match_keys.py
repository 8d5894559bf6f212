"""Match keys of a column of names: the vectorised twin of `values.match_keys`.

They are no part of the canonical model: whoever shows single values asks for them.
"""

from collections.abc import Mapping
from types import MappingProxyType

import polars as pl

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
    folded = fold_texts(outcome.select(name.alias(MATCH_KEY)).to_series())
    foreign = folded.str.contains(r"[^\x00-\x7f]").fill_null(value=False).arg_true()
    latin = pl.Series(map(transliterate, folded.gather(foreign)), dtype=pl.String)
    keys = folded.scatter(foreign, latin).str.replace_all(joiners(), JOINED).alias(MATCH_KEY)
    return keys.to_frame().select(pl.when(pl.col(MATCH_KEY) != "").then(MATCH_KEY)).to_series()

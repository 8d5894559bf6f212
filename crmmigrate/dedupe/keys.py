"""Match keys: hashed parts of values that bring candidate pairs together."""

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from crmmigrate.dedupe.evidence import Encoded
from crmmigrate.dedupe.member_sets import MEMBER_PARTS, listed
from crmmigrate.model.matching import BlockingKey
from crmmigrate.model.semantic import SemanticType

__all__ = ["KEY_PARTS", "key_frame", "mixed", "part_hashes"]

_PLAIN = ("text", "sound", "year", "day")
KEY_PARTS: Mapping[SemanticType, tuple[str, ...]] = {
    SemanticType.PERSON_NAME: (
        "given", "family", "initial", "given_sound", "nick_sound", "family_sound", "any_order",
        "words", "sorted",
    ),
    SemanticType.ORGANIZATION: (
        "rare_sounds", "two_sounds", "squeezed", "prefix", "begin", "sorted",
    ),
    SemanticType.POSTAL_ADDRESS: (
        "digits", "place", "street_sound", "street_sounds", "postcode", "locality",
        "locality_sound", "unit",
    ),
    SemanticType.PHONE: ("texts", "tails"),
    SemanticType.EMAIL: ("texts", "tails"),
    SemanticType.URL: ("texts",),
    **dict.fromkeys(
        (t for t in SemanticType if t not in {
            SemanticType.PERSON_NAME, SemanticType.ORGANIZATION, SemanticType.POSTAL_ADDRESS,
            SemanticType.PHONE, SemanticType.EMAIL, SemanticType.URL,
        }), _PLAIN,
    ),
}  # fmt: skip
"""Parts of values that blocking keys may name, by semantic type."""


def part_hashes(encoded: Mapping[str, Encoded], parts: Sequence[str]) -> pl.DataFrame:
    """Return one UInt64 (or list of them) column per part that is known, a row per record."""
    columns = []
    for part in parts:
        feature, _, column = part.partition(".")
        if feature not in encoded:
            continue
        hashed = _hashed(encoded[feature], column).alias(part)
        columns.append(hashed.gather(encoded[feature].ids))
    return pl.DataFrame(columns)


def _hashed(one: Encoded, part: str) -> pl.Series:
    """Return the hash of a part of each value, or the list of those of its members."""
    if part in MEMBER_PARTS and "members" in one.tables:
        member = MEMBER_PARTS[part]
        members, table = one.values["members"], one.tables["members"]
        hashes = table.select(
            pl.when(pl.col(member) != "").then(pl.col(member).hash(7))
        ).to_series()
        sizes = members.list.len().to_numpy()
        offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes, dtype=np.int64)])
        return listed(offsets, hashes.gather(members.explode()))
    text = one.values[part]
    if text.dtype != pl.List:
        return one.values.select(pl.when(text != "").then(pl.col(part).hash(7))).to_series()
    filled = pl.when(text.list.len() > 0)
    return one.values.select(filled.then(pl.col(part).list.eval(pl.element().hash(7)))).to_series()


def key_frame(hashes: pl.DataFrame, key: BlockingKey) -> pl.DataFrame | None:
    """Return `key` (UInt64) and `row` (UInt32); None if a part of the key is not known at all."""
    if not set(key.parts) <= set(hashes.columns):
        return None
    frame = hashes.select(
        pl.int_range(pl.len(), dtype=pl.UInt32).alias("row"), *key.parts
    ).drop_nulls()
    for part in key.parts:
        if frame.schema[part] == pl.List(pl.UInt64):
            frame = frame.explode(part, empty_as_null=False).drop_nulls()
    return frame.select(mixed(*key.parts).alias("key"), "row")


def mixed(*columns: str) -> pl.Expr:
    """Return one UInt64 hash of several: the sum of each times an odd number, which wraps."""
    total = pl.col(columns[0]).cast(pl.UInt64)
    for column in columns[1:]:
        total = total * pl.lit(0x9E3779B97F4A7C15, dtype=pl.UInt64) + pl.col(column)
    return total

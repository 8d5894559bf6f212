"""Match keys: hashed parts of values that bring candidate pairs together."""

from collections.abc import Mapping, Sequence

import polars as pl

from crmmigrate.dedupe.evidence import VALUE_ID, Encoded
from crmmigrate.model.matching import BlockingKey
from crmmigrate.model.semantic import SemanticType

__all__ = ["KEY_PARTS", "key_frame", "part_hashes"]

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
        values = encoded[feature].values
        text = values[column]
        filled = text.list.len() > 0 if text.dtype == pl.List else text != ""
        hashed = values.select(
            VALUE_ID,
            pl.when(filled).then(
                pl.col(column).list.eval(pl.element().hash(7))
                if text.dtype == pl.List else pl.col(column).hash(7)
            ).alias(part),
        )  # fmt: skip
        ids = encoded[feature].ids.alias(VALUE_ID).to_frame()
        columns.append(ids.join(hashed, on=VALUE_ID, how="left", maintain_order="left")[part])
    return pl.DataFrame(columns)


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
    hashed = pl.struct(key.parts).hash(11) if len(key.parts) > 1 else pl.col(key.parts[0])
    return frame.select(hashed.alias("key"), "row").unique()

"""Compare candidate pairs feature by feature."""

from collections.abc import Callable, Mapping

import polars as pl

from crmmigrate.dedupe.channels import encode_domains, encode_emails, encode_phones
from crmmigrate.dedupe.evidence import Encoded, spread
from crmmigrate.dedupe.loops import LEAST_PAIRS
from crmmigrate.dedupe.name_pairs import compare_names
from crmmigrate.dedupe.names import encode_names
from crmmigrate.dedupe.organizations import compare_organizations, encode_organizations
from crmmigrate.dedupe.places import compare_places, encode_places
from crmmigrate.dedupe.plain import compare_plain, encode_plain
from crmmigrate.dedupe.reach import compare_reach
from crmmigrate.model.canonical import Field
from crmmigrate.model.matching import Feature, MatchRules, Vocabulary
from crmmigrate.model.semantic import SemanticType

__all__ = [
    "compare_by_expressions",
    "compare_by_loops",
    "compare_feature",
    "compare_pairs",
    "encode_features",
]

Encoder = Callable[[pl.DataFrame, Feature, Vocabulary], Encoded]
_REPEATING = 50
"""Pairs a value from which on it pays to find out which pairs of values repeat."""
_ENCODERS: Mapping[SemanticType, Encoder] = {
    SemanticType.PERSON_NAME: encode_names,
    SemanticType.ORGANIZATION: encode_organizations,
    SemanticType.POSTAL_ADDRESS: encode_places,
    SemanticType.PHONE: encode_phones,
    SemanticType.EMAIL: encode_emails,
    SemanticType.URL: encode_domains,
}


def encode_features(frame: pl.DataFrame, rules: MatchRules) -> dict[str, Encoded]:
    """Dictionary-encode every feature of which the frame has a column with values."""
    found = {}
    for feature in rules.features:
        present = tuple(f for f in feature.fields if _present(frame, f, feature.type))
        if not present:
            continue
        known = Feature(feature.name, feature.type, present, feature.group, feature.shares)
        encoded = _ENCODERS.get(feature.type, encode_plain)(frame, known, rules.vocabulary)
        if encoded.values.height:
            found[feature.name] = encoded
    return found


def _present(frame: pl.DataFrame, field: str, kind: SemanticType) -> bool:
    columns = [c for c in Field(field, kind).columns if c in frame.columns]
    return any(frame[c].null_count() < frame.height for c in columns)


def compare_pairs(encoded: Mapping[str, Encoded], pairs: pl.DataFrame) -> pl.DataFrame:
    """Add to `a`, `b` a level (Int8) and a chance (`…~`) for each piece of evidence."""
    result = pairs
    for one in encoded.values():
        result = result.hstack(compare_feature(one, pairs))
    return result


def compare_feature(one: Encoded, pairs: pl.DataFrame) -> pl.DataFrame:
    """Return the levels and chances of one feature for each pair of rows `a`, `b`."""
    sides = pl.DataFrame(
        [one.ids.gather(pairs["a"]).alias("va"), one.ids.gather(pairs["b"]).alias("vb")]
    )
    known = sides["va"].is_not_null() & sides["vb"].is_not_null()
    both = sides.filter(known).select(
        pl.min_horizontal("va", "vb").alias("va"), pl.max_horizontal("va", "vb").alias("vb")
    )
    if both.height < _REPEATING * one.values.height:
        levels = _compare(one, both)
    else:
        levels = both.join(
            _compare(one, both.unique()), on=["va", "vb"], how="left", maintain_order="left"
        )
    return spread(levels.drop("va", "vb"), known)


def _compare(one: Encoded, pairs: pl.DataFrame) -> pl.DataFrame:
    """Compare pairs of values; where they are many, by loops, and what is not plain by expressions.

    Few pairs go through loops, too, where these have been loaded before.
    """
    if pairs.height < LEAST_PAIRS and not one.prepared:
        return compare_by_expressions(one, pairs)
    found = compare_by_loops(one, pairs)
    if found is None:
        return compare_by_expressions(one, pairs)
    return found


def compare_by_loops(one: Encoded, pairs: pl.DataFrame) -> pl.DataFrame | None:
    """Compare pairs of values by compiled loops; None if there are none for the type."""
    from crmmigrate.dedupe.loops import name_pairs, place_pairs, plain_pairs, reach_pairs
    from crmmigrate.dedupe.loops.results import mended

    kind = one.feature.type
    if kind is SemanticType.PERSON_NAME:
        found, rest = name_pairs.compare_names(one, pairs)
    elif kind in {SemanticType.PHONE, SemanticType.EMAIL, SemanticType.URL}:
        found, rest = reach_pairs.compare_reach(one, pairs)
    elif kind is SemanticType.POSTAL_ADDRESS:
        found, rest = place_pairs.compare_places(one, pairs)
    elif kind in plain_pairs.SLIPS:
        found, rest = plain_pairs.compare_plain(one, pairs)
    else:
        return None
    return mended(found, rest, lambda others: compare_by_expressions(one, others))


def compare_by_expressions(one: Encoded, distinct: pl.DataFrame) -> pl.DataFrame:
    """Compare pairs of values; the reference of the loops."""
    name, kind = one.feature.name, one.feature.type
    values = one.values
    if kind is SemanticType.PERSON_NAME:
        return compare_names(one, distinct)
    if kind is SemanticType.ORGANIZATION:
        return compare_organizations(one, distinct)
    if kind is SemanticType.POSTAL_ADDRESS:
        return compare_places(one, distinct)
    if kind in {SemanticType.PHONE, SemanticType.EMAIL, SemanticType.URL}:
        return compare_reach(one, distinct)
    return compare_plain(values, distinct, name, kind)

"""Compile the loops over pairs ahead of the first file that is large enough for them."""

import numpy as np
import polars as pl

from crmmigrate.dedupe import glances
from crmmigrate.dedupe.compare import compare_by_loops, encode_features
from crmmigrate.dedupe.score import Weights
from crmmigrate.dedupe.screen import looks_of
from crmmigrate.model.matching import MatchRules

__all__ = ["compile_loops"]

_RECORDS = pl.DataFrame(
    {
        "_key": ["a", "b"],
        "name_given": ["Anna", "Ana"],
        "name_family": ["Berg", "Bergh"],
        "birth_date": ["1980-01-02", "1980-02-01"],
        "email": ["anna.berg@one.example", "ana.berg@two.example"],
        "phone": ["+40213001001", "+40213001010"],
        "address_street": ["Long Street", "Lang Street"],
        "address_house_number": ["1", "2"],
        "address_locality": ["Oslo", "Olso"],
        "address_postal_code": ["1000", "1001"],
        "tax_id": ["12345", "12354"],
    }
)


def compile_loops(rules: MatchRules) -> None:
    """Run every loop on two made-up persons, so that its machine code is compiled and kept.

    Args:
        rules: Those of persons.
    """
    from crmmigrate.compiled.columns import text_column
    from crmmigrate.compiled.digests import digest_texts
    from crmmigrate.dedupe.loops.blocks import pair_blocks
    from crmmigrate.dedupe.loops.groups import connect

    encoded = encode_features(_RECORDS, rules)
    pairs = pl.DataFrame({"va": [0], "vb": [1]}, schema={"va": pl.UInt32, "vb": pl.UInt32})
    for one in encoded.values():
        compare_by_loops(one, pairs)
    weights = Weights({e: own for one in encoded.values() for e, own in one.evidence.items()}, 0.0)
    rows = np.arange(2, dtype=np.uint32)
    glances.look_by_loops(rows[:1], rows[1:], looks_of(encoded, weights))
    keyed = pl.DataFrame({"key": [0, 0], "row": rows}, schema={"key": pl.UInt64, "row": pl.UInt32})
    pair_blocks(keyed, size=2, budget=1.0)
    connect(rows[:1].copy(), rows[1:].copy(), rows.copy())
    keys = text_column(_RECORDS["_key"])
    digest_texts(keys.data, keys.offsets)

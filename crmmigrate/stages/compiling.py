"""Compile the loops over columns ahead of the first large column that needs them."""

import random
from collections.abc import Callable, Iterator
from time import perf_counter

import polars as pl

from crmmigrate.compiled import LEAST_ROWS
from crmmigrate.config.bundled import bundled_path
from crmmigrate.config.codes import load_rules
from crmmigrate.config.matching import load_match_rules
from crmmigrate.config.region_cases import read_cases
from crmmigrate.dedupe.ahead import compile_loops as compile_matching
from crmmigrate.model.regions import RegionBook
from crmmigrate.model.semantic import INPUT_PARTS, SemanticType
from crmmigrate.standardize.fields import run_here
from crmmigrate.standardize.match_keys import KEYED, match_keys

__all__ = ["compile_loops"]

_ROWS = 2 * LEAST_ROWS
_REGIONS = ("RO", "NO", "TH", "US", "GB", "DE", "FR", "JP", "IN", None)


def compile_loops(book: RegionBook, tell: Callable[[str, float], None]) -> None:
    """Run every kernel on made-up values, so that all machine code is compiled and kept.

    The values are those of the documented cases, with other digits and words in other company.

    Args:
        book: Rules of all regions.
        tell: Called with each type of value and the seconds it took.
    """
    texts = sorted({text for text in _texts() if text.strip()})
    for kind in SemanticType:
        started = perf_counter()
        for frame in _frames(kind, texts):
            outcome = run_here(kind, frame, book, {})
            if kind in KEYED:
                match_keys(kind, outcome)
        tell(kind.value, perf_counter() - started)
    started = perf_counter()
    compile_matching(load_match_rules(bundled_path("rules/match/contact.yaml")))
    tell("duplicates", perf_counter() - started)


def _texts() -> Iterator[str]:
    for rule in load_rules().values():
        yield from (before for before, _ in rule.cases)
    for path in sorted(bundled_path("rules/regions").glob("*.yaml")):
        yield from (case.given for case in read_cases(path))


def _frames(kind: SemanticType, texts: list[str]) -> Iterator[pl.DataFrame]:
    """Yield distinct values of a type: whole, and in columns with its parts."""
    rng = random.Random(1)  # noqa: S311 - made-up values, no secret
    made = {_varied(text, texts, rng) for text in texts for _ in range(_ROWS // len(texts) + 1)}
    whole = sorted(made)
    if kind is SemanticType.BINARY:
        return
    regions = [rng.choice(_REGIONS) for _ in whole]
    yield pl.DataFrame({"text": whole, "_region": regions})
    parts = INPUT_PARTS.get(kind, ())
    if parts:
        columns = {part: rng.sample(whole, len(whole)) for part in parts}
        nothing = pl.Series("text", [None] * len(whole), dtype=pl.String)
        yield pl.DataFrame([nothing]).with_columns(
            **{n: pl.Series(c) for n, c in columns.items()}, _region=pl.Series(regions)
        )


def _varied(text: str, texts: list[str], rng: random.Random) -> str:
    """Return the text with other digits, or with a word of another text behind it."""
    if any(c.isascii() and c.isdigit() for c in text):
        return "".join(rng.choice("0123456789") if c.isascii() and c.isdigit() else c for c in text)
    if rng.random() < 0.2:
        return text
    return f"{text} {rng.choice(rng.choice(texts).split() or [''])}".strip()

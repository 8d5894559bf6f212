"""Pairs compared, and texts folded, by compiled loops (docs/decisions/0012)."""

__all__ = ["LEAST_PAIRS"]

LEAST_PAIRS = 20_000
"""Fewer pairs are compared by expressions: loading machine code takes longer."""

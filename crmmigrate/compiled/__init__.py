"""Loops over the bytes of text columns, compiled by numba (docs/decisions/0012)."""

__all__ = ["LEAST_ROWS"]

LEAST_ROWS = 2_000
"""A column with fewer distinct values is read one by one: loading machine code takes longer."""

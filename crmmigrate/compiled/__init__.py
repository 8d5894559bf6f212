"""Loops over the bytes of text columns, compiled by numba (docs/decisions/0012)."""

"""Limits of gates: `2%` of the rows, or a number of rows."""

import re
from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, WithJsonSchema

from crmmigrate.model.validation import Limit

__all__ = ["LimitText", "parse_limit"]

_LIMIT = re.compile(r"(\d+(?:\.\d+)?)\s*(%?)")


def parse_limit(value: object) -> Limit:
    """Return the limit that a text or number stands for.

    Raises:
        ValueError: it is neither, or a share above 100 %.
    """
    found = _LIMIT.fullmatch(str(value).strip()) if not isinstance(value, bool) else None
    if isinstance(value, Limit):
        return value
    if found is None:
        raise ValueError("must be a share such as '2%' or a number of rows such as 10")
    limit = Limit(Decimal(found[1]), bool(found[2]))
    if limit.percent and limit.amount > 100:
        raise ValueError("a share cannot be above 100%")
    if not limit.percent and limit.amount % 1:
        raise ValueError("a number of rows must be whole; for a share write it with '%'")
    return limit


LimitText = Annotated[
    Limit,
    BeforeValidator(parse_limit),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": r"^\d+(\.\d+)?\s*%?$"},
                {"type": "integer", "minimum": 0},
            ]
        }
    ),
]
"""A limit as a pydantic type."""

"""A list that may be written as a single text: `key: id` for `key: [id]`."""

from typing import Annotated

from pydantic import BeforeValidator, StringConstraints, WithJsonSchema

__all__ = ["Listed"]


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


Listed = Annotated[
    tuple[Annotated[str, StringConstraints(min_length=1)], ...],
    BeforeValidator(_as_list),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "minLength": 1},
                {"type": "array", "items": {"type": "string", "minLength": 1}},
            ]
        }
    ),
]
"""Texts, or one text."""

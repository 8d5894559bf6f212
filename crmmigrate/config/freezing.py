"""Hash configuration values, so that a stage can tell whether its configuration changed."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass

__all__ = ["fingerprint_of"]

_PLACES = frozenset({"file", "line", "lines", "where"})
"""Attributes that say where something stands; moving it changes nothing."""


def fingerprint_of(value: object) -> str:
    """Return a hash of nested dataclasses, maps and lists; places in files are left out."""
    return hashlib.sha256(json.dumps(_plain(value), sort_keys=True).encode()).hexdigest()


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        shown = [type(value).__name__]
        return shown + [
            [f.name, _plain(getattr(value, f.name))] for f in fields(value) if f.name not in _PLACES
        ]
    if isinstance(value, Mapping):
        return [[str(key), _plain(inner)] for key, inner in value.items()]
    if isinstance(value, set | frozenset):
        return sorted(str(inner) for inner in value)
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)

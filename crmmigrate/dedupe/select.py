"""Fit match rules to the values that one file holds."""

from collections.abc import Mapping
from dataclasses import replace

from crmmigrate.model.matching import BlockingKey, Feature, MatchRules
from crmmigrate.model.semantic import SemanticType

__all__ = ["fit_rules"]

_SETS = frozenset(
    {
        SemanticType.PERSON_NAME,
        SemanticType.ORGANIZATION,
        SemanticType.POSTAL_ADDRESS,
        SemanticType.PHONE,
        SemanticType.EMAIL,
        SemanticType.URL,
    }
)
"""Types of which all values of a record are compared as one feature."""
_NOT_COMPARED = frozenset({SemanticType.BINARY, SemanticType.REFERENCE})
_BLOCKING = frozenset(
    {SemanticType.TEXT, SemanticType.IDENTIFIER, SemanticType.EXTERNAL_ID, SemanticType.URL}
)


def fit_rules(base: MatchRules, values: Mapping[str, SemanticType]) -> MatchRules:
    """Return the rules with their features reading `values` (name → type) by type.

    Values that no feature of the rules takes get a feature of their own.
    """
    left = {n: t for n, t in values.items() if t not in _NOT_COMPARED}
    features: list[Feature] = []
    for feature in base.features:
        names = [n for n, t in left.items() if t is feature.type]
        if feature.type is SemanticType.URL:
            names += [n for n, t in values.items() if t is SemanticType.EMAIL]
        if feature.type not in _SETS:
            same = [n for n in names if n in feature.fields]
            names = (same or names)[:1]
        features.append(replace(feature, fields=tuple(names)))
        for name in names:
            left.pop(name, None)
    taken = {f.name for f in features}
    own = tuple(
        Feature(name if name not in taken else f"{name}_2", kind, (name,))
        for name, kind in left.items()
    )
    keys = tuple(BlockingKey(f.name, (f"{f.name}.text",)) for f in own if f.type in _BLOCKING)
    numbers = tuple(f"{f.name}.text" for f in own if f.type not in _BLOCKING)
    if len(numbers) > 1:
        keys += (BlockingKey("all numbers", numbers),)
    known = {f.name for f in features if f.fields}
    if not any({p.partition(".")[0] for p in k.parts} <= known for k in base.blocking):
        keys += tuple(
            BlockingKey(f.name, (f"{f.name}.text",)) for f in own if f.type not in _BLOCKING
        )
    return replace(base, features=(*features, *own), blocking=(*base.blocking, *keys))

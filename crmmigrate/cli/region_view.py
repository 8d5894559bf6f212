"""Show one group of a region's rules: `crmmigrate explain RO.phone.labels`."""

import difflib
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from crmmigrate.cli.region_rules import regions_of
from crmmigrate.cli.render import print_wrapped
from crmmigrate.errors import UsageError
from crmmigrate.model.regions import RegionRules

__all__ = ["is_region_rule", "print_region_rule"]

_MOST_SHOWN = 40


def is_region_rule(code: str) -> bool:
    """Tell whether a code has the form of a group of a region's rules."""
    return bool(re.fullmatch(r"[A-Za-z]{2}(\.[a-z_]+){1,2}", code))


def print_region_rule(code: str, *, as_json: bool) -> None:
    """Print what a group of rules holds and where it came from.

    Raises:
        UsageError: there is no such region or group.
    """
    region, _, group = code.partition(".")
    book = regions_of(Path())
    if region.upper() not in book.regions:
        raise UsageError(f"unknown region '{region}'", hint="a region is a country code, e.g. RO")
    rules = book.get(region.upper())
    if group not in rules.origins:
        near = difflib.get_close_matches(group, rules.origins, n=1)
        meant = f"; did you mean {rules.rule_id(near[0])}?" if near else ""
        raise UsageError(
            f"{rules.code} has no rules '{group}'{meant}",
            hint=f"known are {', '.join(rules.origins)}",
        )
    held = _held(rules, group)
    origins = rules.origins[group]
    if as_json:
        document = {"version": 1, "id": rules.rule_id(group), "origins": origins, "holds": held}
        print(json.dumps(document | {"sources": rules.sources}, ensure_ascii=False, indent=2))
        return
    print_wrapped(_lines(rules.rule_id(group), held, origins, rules.sources))


def _held(rules: RegionRules, group: str) -> object:
    value: object = rules
    for name in group.split("."):
        value = getattr(value, name)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, tuple):
        return [x if isinstance(x, str) else str(x) for x in value]
    return value


def _lines(
    name: str, held: object, origins: tuple[str, ...], sources: tuple[str, ...]
) -> Iterator[str]:
    yield name
    yield ""
    if isinstance(held, dict):
        shown = [f"{key} → {value}" if value else str(key) for key, value in held.items()]
    else:
        shown = [str(x) for x in held] if isinstance(held, list) else [str(held)]
    yield from (f"  {line}" for line in shown[:_MOST_SHOWN])
    if len(shown) > _MOST_SHOWN:
        yield f"  and {len(shown) - _MOST_SHOWN} more (--json shows all)"
    yield ""
    yield f"from: {', '.join(origins)}"
    if sources:
        yield f"sources of the region: {', '.join(sources)}"

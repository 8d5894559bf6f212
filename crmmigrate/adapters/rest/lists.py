"""Lists of values in a record, such as telephone numbers with kinds, told as plain fields."""

from collections.abc import Mapping, Sequence
from typing import Any

from crmmigrate.adapters.rest.description import ListSpec

__all__ = ["changed_list", "plain_fields"]

Entry = dict[str, Any]


def plain_fields(listed: ListSpec, entries: Sequence[Mapping[str, Any]]) -> dict[str, str | None]:
    """Return the plain fields that a list makes; a kind that stands twice gives its first."""
    found: dict[str, str | None] = dict.fromkeys((listed.first, *listed.others))
    kinds = {kind: name for name, kind in listed.others.items()}
    for entry in entries:
        value = str(entry.get(listed.value) or "") or None
        if entry.get(listed.primary) is True:
            found[listed.first] = found[listed.first] or value
        name = kinds.get(str(entry.get(listed.type)))
        if name:
            found[name] = found[name] or value
    return found


def changed_list(
    listed: ListSpec, entries: Sequence[Mapping[str, Any]], changes: Mapping[str, str | None]
) -> list[Entry]:
    """Return the list with some plain fields changed; entries of no plain field stay.

    A value that the list already has gets the kind, since systems keep each value but once.
    """
    kept = [dict(entry) for entry in entries]
    for name, value in changes.items():
        first = name == listed.first
        kind = listed.first_type if first else listed.others[name]
        mine = [e for e in kept if _is_mine(listed, e, kind, first=first)]
        twin = next((e for e in kept if value and e.get(listed.value) == value), None)
        if twin is not None:
            kept = [e for e in kept if e is twin or e not in mine[:1]]
            twin.update({listed.primary: True} if first else {listed.type: kind})
        elif value is None:
            kept = [e for e in kept if e not in mine[:1]]
        elif mine:
            mine[0][listed.value] = value
        else:
            mark = {listed.primary: True} if first else {listed.primary: False}
            kept.append({listed.value: value, **({listed.type: kind} if kind else {}), **mark})
    return _with_one_primary(listed, kept)


def _is_mine(listed: ListSpec, entry: Entry, kind: str, *, first: bool) -> bool:
    if first:
        return entry.get(listed.primary) is True
    return entry.get(listed.type) == kind and entry.get(listed.primary) is not True


def _with_one_primary(listed: ListSpec, entries: list[Entry]) -> list[Entry]:
    """Mark exactly one entry as the main one: the last that was marked, else the first."""
    marked = [e for e in entries if e.get(listed.primary) is True]
    chosen = marked[-1] if marked else next(iter(entries), None)
    for entry in entries:
        entry[listed.primary] = entry is chosen
    return entries

"""Find a cycle in a small directed graph, and an order where there is none."""

from collections.abc import Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

__all__ = ["dependency_order", "find_cycle"]


def find_cycle(edges: Mapping[str, Sequence[str]]) -> list[str]:
    """Return one cycle as nodes with the first one repeated at the end; [] if there is none."""
    try:
        TopologicalSorter(edges).prepare()
    except CycleError as exc:
        cycle: list[str] = exc.args[1]
        return cycle[::-1]
    return []


def dependency_order(edges: Mapping[str, Sequence[str]]) -> list[str]:
    """Return all nodes, each after those it has edges to; there must be no cycle."""
    return list(TopologicalSorter(edges).static_order())

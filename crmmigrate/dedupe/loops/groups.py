"""Records that hang together, found in one pass over the edges.

The labels are those of `crmmigrate.dedupe.cluster.components`, the reference.
"""

import numpy as np
from numpy.typing import NDArray

from crmmigrate.compiled.compiler import compiled, inner

__all__ = ["connect"]

Rows = NDArray[np.uint32]


@compiled
def connect(a: Rows, b: Rows, labels: Rows) -> None:
    """Give every record the smallest row number that it is connected to.

    Args:
        a: One end of each edge.
        b: The other end.
        labels: Filled with the rows' own numbers; overwritten.
    """
    for edge in range(len(a)):
        one, other = _top(labels, a[edge]), _top(labels, b[edge])
        if one < other:
            labels[other] = one
        else:
            labels[one] = other
    for row in range(len(labels)):
        # Smaller rows come first, so that the label that is pointed to is final.
        labels[row] = labels[labels[row]]


@inner
def _top(labels: Rows, row: int) -> int:
    """Return the smallest row known to be connected, and shorten the way to it."""
    while labels[row] != row:
        labels[row] = labels[labels[row]]
        row = labels[row]
    return row

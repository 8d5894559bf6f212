"""What whole numbers tell of pairs before their texts are compared, in one loop a feature.

The results are those of `crmmigrate.dedupe.glances`, the reference.
"""

import numpy as np
from numpy.typing import NDArray

from crmmigrate.compiled.compiler import compiled

__all__ = ["look"]


@compiled
def look(
    a: NDArray[np.uint32], b: NDArray[np.uint32], ids: NDArray[np.int32],
    codes: NDArray[np.uint32], rarity: NDArray[np.float32], checks: NDArray[np.int64],
    weights: NDArray[np.float32], floors: NDArray[np.float32], reached: NDArray[np.int8],
    bounds: NDArray[np.float32], levels: NDArray[np.int8],
) -> None:  # fmt: skip
    """Fill in the greatest weight and the best level of each pair of records."""
    first, last = checks[0, 1], len(weights) - 1
    for pair in range(len(a)):
        one, other = ids[a[pair]], ids[b[pair]]
        if one < 0 or other < 0 or codes[one, first] == 0 or codes[other, first] == 0:
            bounds[pair], levels[pair] = 0.0, -1
            continue
        holds = last
        for at in range(len(checks)):
            code = codes[one, checks[at, 1]]
            if code != 0 and code == codes[other, checks[at, 2]]:
                holds = checks[at, 0]
                break
        levels[pair], bounds[pair] = reached[holds], weights[holds]
        if not np.isnan(floors[holds]):
            bounds[pair] = np.fmax(rarity[one] + weights[holds], floors[holds])

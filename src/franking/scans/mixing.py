"""Numbers mixed so that every bit of them moves every bit: the finaliser of SplitMix64.

From Steele, Lea and Flood (2014). The same on every machine, so that what is dealt or drawn by it
can be dealt or drawn again.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

STEP: Final = np.uint64(0x9E3779B97F4A7C15)
"""What SplitMix64 adds to its state for each number that it gives."""
_FIRST: Final = np.uint64(0xBF58476D1CE4E5B9)
_SECOND: Final = np.uint64(0x94D049BB133111EB)


def mixed(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Each number mixed; different ones stay different."""
    once = (numbers ^ (numbers >> np.uint64(30))) * _FIRST
    twice = (once ^ (once >> np.uint64(27))) * _SECOND
    return twice ^ (twice >> np.uint64(31))

"""What benchmarks that time several arms in turns make of their rounds."""

import statistics
from collections.abc import Mapping, Sequence
from typing import Any


def compared(rounds: Sequence[Mapping[str, float]], count: int, base: Sequence[str], things: str = "examples") -> dict[str, Any]:
    """`things` a second of each arm, and how many times as fast as each of `base` it is: the median over rounds, least and most.

    rounds: seconds of each arm for `count` things, a dictionary a round.
    """
    result: dict[str, Any] = {}
    for arm in rounds[0]:
        result[arm] = {f"{things}_per_second": spread([count / one[arm] for one in rounds])}
        result[arm]["times_as_fast_as"] = {other: spread([one[other] / one[arm] for one in rounds]) for other in base if other != arm}
    return result


def spread(values: Sequence[float]) -> dict[str, float]:
    """Median, least and most."""
    return {"median": statistics.median(values), "least": min(values), "most": max(values)}

"""Several training sets as one: how many rows of each, and which."""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

Row = TypeVar("Row")


def shares(sizes: Sequence[int], temperature: float) -> list[float]:
    """The part that each set has in the mix: n_i^(1/T) / sum of n_j^(1/T), as in T5 (Raffel et al. 2020, section 3.5.2).

    sizes: rows of each set after its cap, T5's limit K. temperature: 1 keeps their proportions, larger ones even them out.
    """
    weights = [size ** (1 / temperature) for size in sizes]
    return [weight / sum(weights) for weight in weights]


def counts(sizes: Sequence[int], temperature: float) -> list[int]:
    """Rows to take of each set: whole numbers by `shares` whose sum is that of the sizes (largest remainders are rounded up)."""
    exact = [share * sum(sizes) for share in shares(sizes, temperature)]
    # At temperature 1 these are the sizes, which floating point may miss by a hair.
    whole = [int(number + 1e-9) for number in exact]
    left = sum(sizes) - sum(whole)
    for place in sorted(range(len(sizes)), key=lambda place: whole[place] - exact[place])[:left]:
        whole[place] += 1
    return whole


def mixed(sets: Sequence[Sequence[Row]], caps: Sequence[int | None], temperature: float, rng: np.random.Generator) -> list[list[Row]]:
    """The rows of each set that are trained on, as many in all as the sets have after their caps, each set in its own order.

    A set that is larger than its cap is drawn from. One that gets more rows than it has is repeated whole and topped up by
    a draw, one that gets fewer is drawn from, both without replacement. Sets may not be empty.
    """
    every = capped(sets, caps, rng)
    wanted = counts([len(rows) for rows in every], temperature)
    return [[*(list(rows) * (count // len(rows))), *drawn(rows, count % len(rows), rng)] for rows, count in zip(every, wanted, strict=True)]


def capped(sets: Sequence[Sequence[Row]], caps: Sequence[int | None], rng: np.random.Generator) -> list[list[Row]]:
    """The rows of each set that a mix takes from: all, or as many as its cap, drawn without replacement."""
    return [drawn(rows, len(rows) if cap is None else cap, rng) for rows, cap in zip(sets, caps, strict=True)]


def drawn(rows: Sequence[Row], count: int, rng: np.random.Generator) -> list[Row]:
    """`count` of the rows without replacement, in their order; all of them where there are no more."""
    if count >= len(rows):
        return list(rows)
    return [rows[place] for place in np.sort(rng.choice(len(rows), count, replace=False)).tolist()]

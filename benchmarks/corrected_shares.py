"""How near shares of stances come to the truth, as the model answers and corrected for its confusion: a simulation, and labelled pairs.

    python benchmarks/corrected_shares.py --json FILE --runs 100
    python benchmarks/corrected_shares.py --json FILE --news newsroom/validation.jsonl --slices newsroom/test.jsonl --runs 40

A slice is some articles of five pairs each, whose stances are alike within an article. The share of support among endless articles goes
from 0.05 to 0.9; two thirds of the rest oppose. Methods: the stances as answered; the mean of probabilities, which is what counting
probabilities in place of answers does by itself; the adjusted count of answers and of probabilities; expectation maximisation. Answers come
from `made`, probabilities that are right by construction, and from `base`, the embedded model: its
rows of validation, half of them for the correction and half to draw slices from. With --news and --slices they come in place of these from
pairs of news, each slice from five articles, corrected by what `base` was validated on (little of it is news), and by other news.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import numpy as np
import typer

from stancekit import load
from stancekit.data.examples import read_examples
from stancekit.errors import StancekitError
from stancekit.files import write_json
from stancekit.inference.held import Held
from stancekit.modeling.embedded import base_model
from stancekit.news.correction import Correction, FloatArray, IntArray, Spread
from stancekit.progress import configure, progress
from stancekit.shares import Interval, tail_share, wilson
from stancekit.stance import STANCES

SHARES, PAIRS, IN_ARTICLE = (0.05, 0.1, 0.3, 0.5, 0.7, 0.9), (50, 200, 1000), 5
# How alike the stances of an article are: Dirichlet with so many pairs' weight.
ALIKE = 10.0
# Expectation maximisation has to go through all pairs in every draw and round.
HELD, DRAWS, FEWER_DRAWS = 600, 200, 40
OF_ONE_SUBJECT, BLOCKS = 5, 500
# Two voices of an article agree more often than two of any: Beta with so many voices' weight.
VOICES_ALIKE = 3.0
# How many voices an article has: mean and deviation of the logarithm.
SKEWED = (0.7, 1.5)
ARTICLES = (2, 4, 6, 10, 40, 200)
HELD_SHARES = np.array([0.4, 0.2, 0.4])
METHODS = ("answered", "expected", "counted", "probabilities", "maximised")


class Labelled(NamedTuple):
    """Answers to pairs with labels, shape (n, 3), the label ids, shape (n,), and the articles, shape (n,)."""

    answers: FloatArray
    gold: IntArray
    articles: IntArray

    def some(self, articles: IntArray) -> "Labelled":
        """The pairs of some articles."""
        rows = np.isin(self.articles, articles)
        return Labelled(self.answers[rows], self.gold[rows], self.articles[rows])

    def drawn(self, wanted: IntArray, rng: np.random.Generator) -> FloatArray:
        """Answers to pairs of the wanted stances, drawn with replacement. Shape (len(wanted), 3)."""
        rows = np.empty(len(wanted), dtype=np.int64)
        for stance in range(3):
            rows[wanted == stance] = rng.choice(np.flatnonzero(self.gold == stance), int((wanted == stance).sum()))
        return self.answers[rows]


class Source(NamedTuple):
    """Where answers come from. run: what one run has for the correction, and what gives answers to true stances."""

    run: Callable[[np.random.Generator], tuple[Labelled, Callable[[IntArray, np.random.Generator], FloatArray]]]


def made(sharpness: float = 1.3) -> Source:
    """Probabilities by Bayes from three bells in a plane, right where stances have HELD_SHARES; the model is right seven times in ten."""
    centres = sharpness * np.array([[-1.0, 0.0], [0.0, 0.8], [1.0, 0.0]])

    def pool(gold: IntArray, rng: np.random.Generator) -> FloatArray:
        seen = centres[gold] + rng.normal(size=(len(gold), 2))
        weights = HELD_SHARES * np.exp(-((seen[:, None, :] - centres) ** 2).sum(axis=-1) / 2)
        return np.asarray(weights / weights.sum(axis=1, keepdims=True))

    def run(rng: np.random.Generator) -> tuple[Labelled, Callable[[IntArray, np.random.Generator], FloatArray]]:
        gold = rng.choice(3, HELD, p=HELD_SHARES).astype(np.int64)
        return Labelled(pool(gold, rng), gold, np.arange(HELD)), pool

    return Source(run)


def halves(labelled: Labelled) -> Source:
    """Half of the articles for the correction, half for slices; other halves in every run."""

    def run(rng: np.random.Generator) -> tuple[Labelled, Callable[[IntArray, np.random.Generator], FloatArray]]:
        one, other = np.array_split(rng.permutation(np.unique(labelled.articles)), 2)
        return labelled.some(one), labelled.some(other).drawn

    return Source(run)


def elsewhere(held: Labelled, labelled: Labelled) -> Source:
    """The correction from one set of pairs, each slice from a few articles of another: a slice is on one subject, and those differ."""

    def run(rng: np.random.Generator) -> tuple[Labelled, Callable[[IntArray, np.random.Generator], FloatArray]]:
        articles = np.unique(labelled.articles)
        while True:
            some = labelled.some(rng.choice(articles, OF_ONE_SUBJECT, replace=False))
            if len(np.unique(some.gold)) == len(STANCES):
                return held, some.drawn

    return Source(run)


def maximised(probabilities: FloatArray, prior: FloatArray, weights: FloatArray, rounds: int = 200, close: float = 1e-5) -> FloatArray:
    """The likeliest shares by expectation maximisation (Saerens et al. 2002, eq. 2.12).

    probabilities: shape (n, 3), calibrated where the shares are `prior`, shape (..., 3). weights: shape (..., n), how often each row
    counts. Ends when no share moves by more than `close`. Returns shape (..., 3).
    """
    shares = prior
    for _ in range(rounds):
        ratio = shares / prior
        # Each row's sum over stances, then each stance's mean over rows: no array of all draws, rows and stances is made.
        mass = weights / (ratio @ probabilities.T)
        moved = ratio * (mass @ probabilities)
        moved = moved / moved.sum(axis=-1, keepdims=True)
        if np.abs(moved - shares).max() < close:
            return np.asarray(moved)
        shares = moved
    return np.asarray(shares)


def by_maximising(answers: FloatArray, articles: IntArray, held: FloatArray, gold: IntArray, rng: np.random.Generator) -> list[Interval]:
    """Shares by expectation maximisation, with intervals over draws of articles and of the labelled shares."""
    count = int(articles.max()) + 1
    weights = rng.multinomial(count, np.full(count, 1 / count), size=FEWER_DRAWS).astype(np.float64)[:, articles]
    prior = np.bincount(gold, minlength=3) / len(gold)
    value = maximised(answers, prior, np.ones(len(answers)))
    again = maximised(answers, rng.multinomial(len(gold), prior, size=FEWER_DRAWS) / len(gold), weights)
    tail = tail_share(0.95, count)
    low, high = np.quantile(again, [tail, 1 - tail], axis=0)
    return [Interval(*three) for three in zip(value.tolist(), low.tolist(), high.tolist(), strict=True)]


def estimates(answers: FloatArray, articles: IntArray, held: Labelled, rng: np.random.Generator) -> dict[str, list[Interval]]:
    """The shares by each method, in the order of STANCES."""
    found = {"maximised": by_maximising(answers, articles, held.answers, held.gold, rng)}
    for name, given, labelled in (("counted", hard(answers), hard(held.answers)), ("probabilities", answers, held.answers)):
        sums = np.zeros((int(articles.max()) + 1, 3))
        np.add.at(sums, articles, given)
        plain = "answered" if name == "counted" else "expected"
        found[plain] = Spread.of(sums).intervals()
        correction = Correction.of(labelled, held.gold, held.articles.tolist(), DRAWS, int(rng.integers(2**31)))
        shares = correction if isinstance(correction, str) else correction.shares(sums)
        # What cannot be corrected is shown as it is.
        found[name] = found[plain] if isinstance(shares, str) else [shares[stance.value] for stance in STANCES]
    return found


def hard(answers: FloatArray) -> FloatArray:
    """One for the stance answered."""
    return np.asarray(np.eye(3)[answers.argmax(axis=1)])


def simulated(source: Source, share: float, pairs: int, runs: int, rng: np.random.Generator) -> dict[str, dict[str, float]]:
    """By method: bias of the share of support; over all three stances root mean squared error, coverage and width of the intervals."""
    truth = np.array([(1 - share) * 2 / 3, (1 - share) / 3, share])
    articles = np.repeat(np.arange(pairs // IN_ARTICLE), IN_ARTICLE)
    found: dict[str, list[list[Interval]]] = {name: [] for name in METHODS}
    for _ in range(runs):
        held, pool = source.run(rng)
        mixes = rng.dirichlet(ALIKE * truth, size=pairs // IN_ARTICLE)[articles]
        gold = (rng.random(pairs)[:, None] > mixes.cumsum(axis=1)[:, :2]).sum(axis=1).astype(np.int64)
        for name, shares in estimates(pool(gold, rng), articles, held, rng).items():
            found[name].append(shares)
    return {name: judged(np.array(found[name], dtype=np.float64), truth) for name in METHODS}


def judged(found: FloatArray, truth: FloatArray) -> dict[str, float]:
    """found: shape (runs, 3, 3), value, low and high of each stance. truth: shape (3,)."""
    value, low, high = found[..., 0], found[..., 1], found[..., 2]
    return {
        "bias": float((value - truth)[:, 2].mean()),
        "rmse": float(np.sqrt(((value - truth) ** 2).mean())),
        "coverage": float(((low <= truth) & (truth <= high)).mean()),
        "width": float((high - low).mean()),
    }


def sources(news: Path | None, slices: Path | None) -> dict[str, Source]:
    """All that slices are drawn from."""
    held = Held.read(base_model())
    if held is None:
        raise StancekitError("base has no labelled answers", fix="install stancekit again")
    # Which of its rows share an article, a bundle does not say.
    mixed = Labelled(held.calibrated, held.gold, np.arange(len(held.gold)))
    if news is None or slices is None:
        return {"made": made(), "base": halves(mixed)}
    given, asked = scored(news), scored(slices)
    # Rows that are drawn as if independent may as well be drawn in blocks, and a draw of thousands takes long.
    mixed = mixed._replace(articles=mixed.articles % BLOCKS)
    return {
        "base, corrected by what it was validated on": elsewhere(mixed, asked),
        "base, corrected by labelled news": elsewhere(given, asked),
    }


def scored(path: Path) -> Labelled:
    """The answers of `base` to the pairs of a file of examples."""
    examples = read_examples(path)
    answers = load("base").probabilities([(one.statement, one.proposal) for one in examples])
    groups = np.unique([one.group or one.id for one in examples], return_inverse=True)[1]
    return Labelled(answers, np.array([one.stance.label_id for one in examples], dtype=np.int64), groups.astype(np.int64))


def voices(articles: int, share: float, skewed: bool, runs: int, rng: np.random.Generator) -> dict[str, float]:
    """How often 95 % intervals hold the share of a side among voices: by what articles weigh, by their mere number, and over voices.

    Articles have one voice, and two more on average; skewed ones from one to a hundred and more, as a live blog stands beside notes. An
    article's voices are alike.
    """
    kept = {"by weight": 0, "by number": 0, "over voices": 0}
    width = dict.fromkeys(kept, 0.0)
    for _ in range(runs):
        sizes = np.ceil(rng.lognormal(*SKEWED, articles)).astype(np.int64) if skewed else 1 + rng.poisson(2, articles)
        taken = rng.binomial(sizes, rng.beta(VOICES_ALIKE * share, VOICES_ALIKE * (1 - share), articles))
        spread = Spread.of(np.stack([taken, sizes - taken], axis=1).astype(np.float64))
        for name, one in (
            ("by weight", spread.intervals()[0]),
            ("by number", spread._replace(articles=float(articles)).intervals()[0]),
            ("over voices", wilson(int(taken.sum()), int(sizes.sum()))),
        ):
            if one.low is not None and one.high is not None:
                kept[name] += one.low <= share <= one.high
                width[name] += one.high - one.low
    return {f"{what}, {name}": total / runs for name in kept for what, total in (("holds", kept[name]), ("width", width[name]))}


def main(
    runs: Annotated[int, typer.Option(min=1)] = 200,
    seed: int = 13,
    news: Annotated[Path | None, typer.Option(help="Examples to correct by.")] = None,
    slices: Annotated[Path | None, typer.Option(help="Examples to draw slices from.")] = None,
    file: Annotated[Path | None, typer.Option("--json", help="Write the results here.")] = None,
) -> None:
    """Print a table a source: bias, error and coverage of the shares by each method."""
    configure(quiet=False)
    table: dict[str, Any] = {}
    for name, source in sources(news, slices).items():
        rng = np.random.default_rng(seed)
        with progress(name, len(SHARES) * len(PAIRS)) as advance:
            for pairs in PAIRS:
                for share in SHARES:
                    table.setdefault(name, {}).setdefault(str(pairs), {})[str(share)] = simulated(source, share, pairs, runs, rng)
                    advance(1)
        print(f"\n{name}\n\n| pairs | support | " + " | ".join(f"{method}: bias | error | holds | width" for method in METHODS) + " |")
        print("| ---: | ---: |" + " ---: | ---: | ---: | ---: |" * len(METHODS))
        for pairs_, by_share in table[name].items():
            for share_, found in by_share.items():
                cells = (f"{one['bias']:+.3f} | {one['rmse']:.3f} | {one['coverage']:.2f} | {one['width']:.2f}" for one in found.values())
                print(f"| {pairs_} | {share_} | " + " | ".join(cells) + " |")
    said = {name: of_voices(name, name == "skewed", 10 * runs, seed) for name in ("alike", "skewed")}
    if file is not None:
        write_json(file, {"runs": runs, "seed": seed, "draws": DRAWS, "held": HELD, "tables": table, "voices": said})


def of_voices(name: str, skewed: bool, runs: int, seed: int) -> dict[str, dict[str, dict[str, float]]]:
    """Coverage and width by number of articles and share, printed as a table."""
    rng = np.random.default_rng(seed)
    said = {str(many): {str(share): voices(many, share, skewed, runs, rng) for share in (0.05, 0.3, 0.5)} for many in ARTICLES}
    heads = list(said[str(ARTICLES[0])]["0.5"])
    print(f"\narticles of {name} size\n\n| articles | share | " + " | ".join(heads) + " |\n|" + " ---: |" * (2 + len(heads)))
    for many, by_share in said.items():
        for share, found in by_share.items():
            print(f"| {many} | {share} | " + " | ".join(f"{number:.2f}" for number in found.values()) + " |")
    return said


if __name__ == "__main__":
    typer.run(main)

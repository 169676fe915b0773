"""Who stands where in whole articles of the newsroom corpus, as `stancekit read` finds it: holders, proposals that are near, stances.

python benchmarks/cue_positions.py data/newsroom --part validation --json FILE --than FILE_OF_OTHER_CODE

Every article, its title first, is read twice: asked about its own proposals, and about FOREIGN of other articles besides, drawn from
those of its part that it is near enough to, as when a newsroom asks all articles the same list. A position is a holder, a proposal
and the side that has most confidence behind it. Gold: the sides of the labels; toward foreign proposals there are none. A position is
right if its holder is a label's (see holder_matching.py) with the same side on most of its sentences.

Keeping out is measured apart: of holder and proposal with a neutral opinion, and the labels that are neutral and hedged.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import typer

from holder_matching import Names, labels_of
from stancekit import load
from stancekit.data.corpus import LabelledArticle, read_corpus
from stancekit.evaluation.intervals import Bootstrap
from stancekit.files import read_json, write_json
from stancekit.inference.embedding import Embedder
from stancekit.inference.model import StanceModel
from stancekit.news.articles import cut_article
from stancekit.news.attributions import Holder
from stancekit.news.relevance import LEAST, Gate
from stancekit.reading.reader import ArticleReader, Limits
from stancekit.records import Article, Opinion, Proposal
from stancekit.stance import Stance

FOREIGN = 6
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Asked:
    """An article with the proposals that it is asked about, its own first."""

    labelled: LabelledArticle
    article: Article
    proposals: tuple[Proposal, ...]


def main(
    corpus: Annotated[Path, typer.Argument(help="Corpus files.")],
    part: Annotated[Literal["train", "validation", "test"], typer.Option(help="The part of it.")] = "validation",
    bundle: Annotated[str, typer.Option(help="The pair model.")] = "base",
    file: Annotated[Path | None, typer.Option("--json", help="Write the measurements here.")] = None,
    than: Annotated[Path | None, typer.Option(help="What this wrote with other code: leads on it, on the same draws.")] = None,
) -> None:
    """Read every article with both lists, and compare with the labels."""
    other = None if than is None else read_json(than, absent="name a file that this wrote", damaged="write it again")
    model = load(bundle)
    articles = [article for _, article in read_corpus(corpus) if article.split == part]
    results: dict[str, Any] = {"bundle": bundle, "part": part}
    for name, foreign in (("own", 0), ("own and foreign", FOREIGN)):
        read = [(one.labelled, opinions_of(one, model)) for one in lists(articles, foreign)]
        results[name] = {}
        for what, find, held in (("sides", sides_of, held_sides), ("keeping out", neutral_of, held_out)):
            rows = counted(read, find, held)
            results[name][what] = rates(rows) | ({} if other is None else {"leads": leads(rows, np.array(other[name][what]["articles"]))})
            print(name, what, {key: told for key, told in results[name][what].items() if key != "articles"}, flush=True)
    if file is not None:
        write_json(file, results)


def lists(articles: Sequence[LabelledArticle], foreign: int) -> Iterator[Asked]:
    """Each article with its own proposals and so many of the others' that its gate lets through."""
    texts = {proposal.text: f"{article.id}.{proposal.id}" for article in articles for proposal in article.proposals}
    everything = [Proposal(name, text) for text, name in texts.items()]
    gate, rng = Gate(everything, Embedder()), np.random.default_rng(7)
    for labelled in articles:
        body = " ".join(sentence.text for sentence in labelled.sentences)
        article = Article(labelled.id, f"{labelled.title}\n\n{body}", title=labelled.title)
        (found,) = gate.relevance([[statement.text for statement in cut_article(article)]])
        own = {proposal.text for proposal in labelled.proposals}
        near = [one for one, score in zip(everything, found.article, strict=True) if score >= LEAST and one.text not in own]
        drawn = rng.permutation(len(near))[:foreign]
        yield Asked(labelled, article, (*(Proposal(texts[text], text) for text in sorted(own)), *(near[place] for place in sorted(drawn))))


def opinions_of(asked: Asked, model: StanceModel) -> list[Opinion]:
    """What reading the article gives."""
    (read,) = ArticleReader(model, asked.proposals, Limits()).read([asked.article])
    return read.opinions


def sides_of(opinions: Iterable[Opinion]) -> dict[tuple[Holder, str], str]:
    """The side of each holder and proposal that has most confidence behind it."""
    weight: dict[tuple[Holder, str], dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for one in opinions:
        if one.stance is not Stance.NEUTRAL:
            weight[_holder(one), one.proposal][one.stance.value] += one.confidence
    return {key: max(sides, key=lambda side: sides[side]) for key, sides in weight.items()}


def neutral_of(opinions: Iterable[Opinion]) -> dict[tuple[Holder, str], str]:
    """The holders and proposals of neutral opinions."""
    return {(_holder(one), one.proposal): "neutral" for one in opinions if one.stance is Stance.NEUTRAL}


def _holder(one: Opinion) -> Holder:
    # A voice without an id is one of its own in every sentence.
    identity = one.holder_id.removeprefix(f"{one.article}.") if one.holder_id is not None else f"{one.holder}@{one.start}"
    return Holder(one.holder, identity, None, None, "author" if one.voice == "author" else "cited", "read")


def held_sides(article: LabelledArticle) -> dict[Key, str]:
    """The side on most sentences of each holder and proposal that have one."""
    texts = {proposal.id: proposal.text for proposal in article.proposals}
    counts: dict[Key, Counter[str]] = defaultdict(Counter)
    for label in labels_of(article):
        if label.holder_id is not None and label.stance is not Stance.NEUTRAL:
            counts[label.holder_id, texts[label.proposal]][label.stance.value] += 1
    return {key: max(sides, key=lambda side: sides[side]) for key, sides in counts.items()}


def held_out(article: LabelledArticle) -> dict[Key, str]:
    """The holders and proposals with a neutral and hedged label."""
    texts = {proposal.id: proposal.text for proposal in article.proposals}
    kept = (label for label in labels_of(article) if label.stance is Stance.NEUTRAL and "hedge" in label.tags)
    return {(label.holder_id, texts[label.proposal]): "neutral" for label in kept if label.holder_id not in (None, "author")}


Read = tuple[LabelledArticle, Sequence[Opinion]]
Find = Callable[[Iterable[Opinion]], dict[tuple[Holder, str], str]]


def counted(read: Iterable[Read], find: Find, held: Callable[[LabelledArticle], dict[Key, str]]) -> np.ndarray[Any, Any]:
    """Found, right, held and hit of each article, shape (articles, 4)."""
    rows = []
    for labelled, opinions in read:
        names, found, gold = Names.of(labels_of(labelled)), find(opinions), held(labelled)
        hits = {key: [one for one in gold if _is(names, key, one) and gold[one] == stance] for key, stance in found.items()}
        rows.append((len(found), sum(map(bool, hits.values())), len(gold), len({one for each in hits.values() for one in each})))
    return np.array(rows, dtype=np.float64)


def _is(names: Names, found: tuple[Holder, str], gold: Key) -> bool:
    holder, proposal = found
    if proposal != gold[1]:
        return False
    return holder.id == gold[0] if "author" in (holder.id, gold[0]) else names.same(holder, gold[0])


def rates(rows: np.ndarray[Any, Any]) -> dict[str, Any]:
    """Precision, recall and F1 with 95 % intervals, articles drawn again."""
    resampling = Bootstrap().over([str(number) for number in range(len(rows))])
    spread, told = resampling.sums(rows), {}
    for name in ("precision", "recall", "f1"):
        told[name] = resampling.interval(float(_rate(rows.sum(axis=0), name)), _rate(spread.T, name)).to_row()
    found, right, held, _ = rows.sum(axis=0)
    return {"held": int(held), "found": int(found), "right": int(right), **told, "articles": rows.astype(int).tolist()}


def leads(rows: np.ndarray[Any, Any], other: np.ndarray[Any, Any]) -> dict[str, Any]:
    """How much higher each rate is than with other code."""
    resampling = Bootstrap().over([str(number) for number in range(len(rows))])
    drawn, others = resampling.sums(rows).T, resampling.sums(other.astype(np.float64)).T
    whole, of_other = rows.sum(axis=0), other.sum(axis=0)
    return {
        name: resampling.interval(float(_rate(whole, name) - _rate(of_other, name)), _rate(drawn, name) - _rate(others, name)).to_row()
        for name in ("precision", "recall", "f1")
    }


def _rate(counts: np.ndarray[Any, Any], name: str) -> Any:
    found, right, held, hit = counts
    precision, recall = right / np.maximum(found, 1), hit / np.maximum(held, 1)
    return {"precision": precision, "recall": recall, "f1": 2 * precision * recall / np.maximum(precision + recall, 1e-9)}[name]


if __name__ == "__main__":
    typer.run(main)

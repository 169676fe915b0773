"""What the relevance gate of `stancekit read` lets through: sides that must pass, and pairs that need not be scored.

    python benchmarks/relevance.py data/newsroom --raw ../shared/raw --json FILE

Two readings of "all pairs": `collection` asks every article of a part about every proposal of that part, as a newsroom with many matters
does; `own` asks each article about its own proposals alone, where little can be spared. On SEESAW's train stories the topics are the
proposals. The least relevance was chosen on the validation part. Scores that were compared: of the sentence alone, of the sentence and
its neighbours, of the best sentence of the article, of its three best, of its title.
The corpus keeps titles apart, SEESAW most often too; `stancekit read` has them among the sentences where the text has: `gate_with_title`.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import numpy.typing as npt
import typer

from stancekit.data.corpus import read_corpus
from stancekit.data.importers import seesaw
from stancekit.files import read_json, write_json
from stancekit.inference.embedding import Embedder
from stancekit.news.relevance import LEAST, SHARE, SPEAKING, speaking
from stancekit.stance import Stance

Floats = npt.NDArray[np.float32]
TITLED = f"{SPEAKING} best, its title among them"
KEPT = (0.95, 0.98, 0.99)
SHARES = (0.0, 0.4, 0.5, 0.55, 0.6, 0.7)
LEASTS = (0.2, 0.22, 0.24, 0.25, 0.252, 0.2537, 0.254, 0.256, 0.258, 0.26, 0.28, 0.3, 0.35)


@dataclass(frozen=True, slots=True)
class Asked:
    """An article with its proposals, and which of its (sentence, proposal) have a side."""

    title: str
    sentences: list[str]
    proposals: list[str]
    sided: set[tuple[int, str]]


def newsroom(corpus: Path, part: str) -> Iterator[Asked]:
    """The articles of a part of the corpus."""
    for _, article in read_corpus(corpus):
        if article.split == part:
            texts = {proposal.id: proposal.text for proposal in article.proposals}
            sided = {
                (number, texts[label.proposal])
                for number, sentence in enumerate(article.sentences)
                for label in (*sentence.labels, *sentence.also)
                if label.stance is not Stance.NEUTRAL
            }
            yield Asked(article.title, [sentence.text for sentence in article.sentences], list(texts.values()), sided)


def stories(folder: Path) -> Iterator[Asked]:
    """The articles of SEESAW's train stories."""
    for file in sorted((folder / seesaw.ANNOTATIONS).glob("*.json")):
        annotation, article = (
            read_json(path, f"{path} is missing", f"{path} is damaged") for path in (file, folder / "articles" / file.name)
        )
        places = {sentence["id"]: number for number, sentence in enumerate(article["text"])}
        sides = [
            (places[number], one["proposal"])
            for number, one in seesaw.examples_of(annotation, article)
            if one["stance"] is not Stance.NEUTRAL
        ]
        topics = [name for name, types, *_ in annotation["entity lists"] if seesaw.listed_as_topic(types)]
        texts = [" ".join(sentence["text"].split()) for sentence in article["text"]]
        yield Asked(article.get("title") or texts[0], texts, topics, set(sides))


def _neighbours(cosines: Floats, _: Floats) -> Floats:
    padded = np.vstack([cosines[:1], cosines, cosines[-1:]])
    return np.maximum(cosines, np.maximum(padded[:-2], padded[2:]))


def _nearest(count: Callable[[int], int]) -> Callable[[Floats, Floats], Floats]:
    return lambda cosines, _: np.broadcast_to(np.sort(cosines, axis=0)[-count(len(cosines)) :].mean(axis=0), cosines.shape)


def _with_title(cosines: Floats, title: Floats) -> Floats:
    among = np.vstack([title, cosines])
    return np.broadcast_to(np.sort(among, axis=0)[-speaking(len(among)) :].mean(axis=0), cosines.shape)


SCORES: dict[str, Callable[[Floats, Floats], Floats]] = {
    "the sentence": lambda cosines, _: cosines,
    "the sentence or a neighbour": _neighbours,
    "best sentence of the article": _nearest(lambda _: 1),
    f"{SPEAKING} best of the article": _nearest(speaking),
    TITLED: _with_title,
    "8 best of the article": _nearest(lambda _: 8),
    "its title": lambda cosines, title: np.broadcast_to(title, cosines.shape),
}


def measured(articles: Sequence[Asked], embedder: Embedder) -> dict[str, Any]:
    """For each score the share of pairs that is asked where so many of the sides pass; for the gate as it is, both."""
    proposals = list(dict.fromkeys(text for article in articles for text in article.proposals))
    vectors, columns = embedder.embed(proposals), {text: number for number, text in enumerate(proposals)}
    found: dict[str, list[Floats]] = {name: [] for name in SCORES}
    sided, own = [], []
    for article in articles:
        cosines, title = embedder.embed(article.sentences) @ vectors.T, embedder.embed([article.title]) @ vectors.T
        for name, score in SCORES.items():
            found[name].append(score(cosines, title))
        sided.append(np.zeros(cosines.shape, dtype=bool))
        own.append(np.zeros(cosines.shape, dtype=bool))
        for number, text in article.sided:
            sided[-1][number, columns[text]] = True
        own[-1][:, [columns[text] for text in article.proposals]] = True
    is_sided, is_own = np.concatenate(sided), np.concatenate(own)
    scores = {name: np.concatenate(values) for name, values in found.items()}
    gate = scores[f"{SPEAKING} best of the article"]
    return {
        "articles": len(articles),
        "sentences": len(is_sided),
        "proposals": len(proposals),
        "pairs": int(is_sided.size),
        "sides": int(is_sided.sum()),
        "gate": {"least": LEAST, "share": SHARE, **_passing(_near(gate, LEAST, SHARE), is_sided, is_own)},
        "gate_with_title": {"least": LEAST, "share": SHARE, **_passing(_near(scores[TITLED], LEAST, SHARE), is_sided, is_own)},
        "by_share_with_title": {str(one): _passing(_near(scores[TITLED], LEAST, one), is_sided, is_own) for one in SHARES},
        "by_least": {str(least): _passing(gate >= least, is_sided, is_own) for least in LEASTS},
        "scores": {
            name: {str(kept): _passing(values >= np.quantile(values[is_sided], 1 - kept), is_sided, is_own) for kept in KEPT}
            for name, values in scores.items()
        },
    }


def _near(articles: Floats, least: float, share: float) -> npt.NDArray[np.bool_]:
    # As `asked_about` has it, every sentence with the values of its article.
    return np.asarray((articles >= least) & (articles >= share * articles.max(axis=1, keepdims=True)))


def _passing(passing: npt.NDArray[np.bool_], sided: npt.NDArray[np.bool_], own: npt.NDArray[np.bool_]) -> dict[str, float]:
    return {
        "sides": round(float(passing[sided].mean()), 4),
        "collection": round(float(passing.mean()), 4),
        "own": round(float(passing[own].mean()), 4),
    }


def main(
    corpus: Annotated[Path, typer.Argument(help="The newsroom corpus.")],
    raw: Annotated[Path | None, typer.Option(help="Public data; SEESAW is read from its folder seesaw.")] = None,
    file: Annotated[Path | None, typer.Option("--json", help="Write the measurements here.")] = None,
) -> None:
    """Measure each part."""
    embedder = Embedder()
    parts = {f"newsroom {part}": list(newsroom(corpus, part)) for part in ("train", "validation", "test")}
    if raw is not None:
        parts["seesaw train stories"] = list(stories(raw / "seesaw"))
    results = {name: measured(articles, embedder) for name, articles in parts.items()}
    for name, result in results.items():
        gate = result["gate"]
        asked = f"{gate['collection']:.1%} of {result['pairs']:,} pairs are asked, {gate['own']:.1%} of own ones"
        print(f"{name}: {gate['sides']:.1%} of {result['sides']} sides pass, {asked}")
        for score, rows in result["scores"].items():
            print(f"  {score:30}" + "".join(f"  {kept}: {row['collection']:.1%} (own {row['own']:.1%})" for kept, row in rows.items()))
    if file is not None:
        write_json(file, results)


if __name__ == "__main__":
    typer.run(main)

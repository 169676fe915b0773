"""What a corpus promises as a whole, in the `corpus.toml` beside its files, and whether it keeps it."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field

from stancekit.config import Section, load_config
from stancekit.data.corpus import ALIKE, OPPOSED, LabelledArticle
from stancekit.data.labels import RUNGS
from stancekit.records import normalized
from stancekit.stance import STANCES, Stance

FILE = "corpus.toml"
Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=0)]


class Promises(Section):
    """Each is kept where it is given. Counts and shares are least ones, but for longest_article and the last three, which are
    measured with `--shortcuts` and are the most that may be.

    stance_share: of the pairs, for each stance. explicit_share: of the sides. contrasted, reworded: of the articles.
    read_twice: of the pairs. statement_only, proposal_only: macro-F1 that a bag of words may reach on one side alone.
    """

    articles: Count = 0
    pairs: Count = 0
    proposals: Count = 0
    fields: Count = 0
    shortest_article: Count = 0
    longest_article: Count | None = None
    stance_share: Share = 0
    explicit_share: Share = 0
    contrasted: Share = 0
    reworded: Share = 0
    read_twice: Share = 0
    statement_only: Share | None = None
    proposal_only: Share | None = None
    near_duplicates: Count | None = None


class CorpusConfig(Section):
    """The content of a `corpus.toml`."""

    promises: Promises


@dataclass(frozen=True, slots=True)
class Census:
    """The counts of a corpus. lengths: sentences of each article by its id; rungs: explicit and implicit sides."""

    lengths: dict[str, int]
    stances: Counter[Stance]
    rungs: Counter[str]
    proposals: int
    fields: int
    contrasted: int
    reworded: int
    read_twice: int

    @property
    def pairs(self) -> int:
        """Labelled (sentence, proposal) pairs."""
        return self.stances.total()


def read_promises(path: Path) -> Promises:
    """The promises in a `corpus.toml`. Raises StancekitError with every fault of the file."""
    return load_config(path, CorpusConfig).promises


def census(articles: Sequence[LabelledArticle]) -> Census:
    """Count a corpus."""
    sentences = [sentence for article in articles for sentence in article.sentences]
    labels = [label for sentence in sentences for label in sentence.labels]
    return Census(
        lengths={article.id: len(article.sentences) for article in articles},
        stances=Counter(label.stance for label in labels),
        rungs=Counter(tag for label in labels for tag in label.tags if tag in RUNGS),
        proposals=len({normalized(proposal.text) for article in articles for proposal in article.proposals}),
        fields=len({article.field for article in articles}),
        contrasted=sum(_related(article, OPPOSED) for article in articles),
        reworded=sum(_related(article, ALIKE) for article in articles),
        read_twice=sum(len(sentence.labels) for sentence in sentences if sentence.readings),
    )


def _related(article: LabelledArticle, kinds: Sequence[str]) -> bool:
    return any(proposal.relation is not None and proposal.relation.kind in kinds for proposal in article.proposals)


def broken(promises: Promises, counted: Census) -> Iterator[str]:
    """Every promise on counts that the corpus does not keep, in words."""
    articles, sides = len(counted.lengths), counted.rungs.total()
    for name, is_there in (
        ("articles", articles),
        ("pairs", counted.pairs),
        ("proposals", counted.proposals),
        ("fields", counted.fields),
    ):
        if is_there < getattr(promises, name):
            yield f"{name}: {is_there}, and {getattr(promises, name)} are promised"
    for name, part, whole in (
        *((f"stance_share of {stance}", counted.stances[stance], counted.pairs) for stance in STANCES),
        ("explicit_share", counted.rungs["explicit"], sides),
        ("contrasted", counted.contrasted, articles),
        ("reworded", counted.reworded, articles),
        ("read_twice", counted.read_twice, counted.pairs),
    ):
        promised: float = getattr(promises, name.split()[0])
        if whole and part / whole < promised:
            yield f"{name}: {part / whole:.1%} ({part} of {whole}), and {promised:.1%} are promised"
    longest = promises.longest_article
    for name, length in counted.lengths.items():
        if length < promises.shortest_article or (longest is not None and length > longest):
            yield f"{name} has {length} sentences, outside of {promises.shortest_article} to {'any' if longest is None else longest}"

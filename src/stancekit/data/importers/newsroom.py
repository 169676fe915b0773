"""The corpus's own format: one labelled article a line."""

from collections.abc import Iterator
from pathlib import Path

from stancekit.config import NewsroomSource
from stancekit.data.corpus import LabelledArticle, corpus_files, read_corpus
from stancekit.data.sources import Located
from stancekit.records import Example


def files(path: Path) -> list[Path]:
    """The files of the corpus. Raises StancekitError for a folder without any."""
    return corpus_files(path)


def read(source: NewsroomSource, path: Path) -> Iterator[Located]:
    """Each label of each sentence as an example, grouped by article and in the article's split.

    Raises StancekitError with every fault of the corpus.
    """
    for where, article in read_corpus(path):
        for example in examples_of(article, source.name):
            yield Located(where, example, article.split)


def examples_of(article: LabelledArticle, source: str) -> Iterator[Example]:
    """One example a (sentence, proposal); further voices of a sentence (`also`) make none, see data/README.md."""
    proposals = {proposal.id: proposal.text for proposal in article.proposals}
    for number, sentence in enumerate(article.sentences, 1):
        for label in sentence.labels:
            yield Example(
                id=f"{source}:{article.id}:{number}:{label.proposal}",
                statement=sentence.text,
                proposal=proposals[label.proposal],
                stance=label.stance,
                source=source,
                group=f"{source}:{article.id}",
                holder=label.holder,
                voice=label.voice,
                tags=tuple(label.tags),
                votes=sentence.votes(label.proposal) or None,
                field=article.field,
            )

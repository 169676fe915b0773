"""Sentence splitters against ends marked by hand, by kind of text, and what they take.

    python benchmarks/sentences.py RAW --json FILE

RAW holds `seesaw/articles`, the train stories of SEESAW; without it only the project's own texts are measured. The marks stand in
tests/data/sentences-gold.jsonl (own texts, ¦ behind every sentence) and tests/data/sentences-seesaw.jsonl (places only). They were
made by reading before any splitter was run on them. Our repairs were tuned on the tuning part, then measured on the report part. Then
those errors were read and mended too, and the fresh part, marked in between, was measured once with frozen rules.

    pip install nupunkt==0.8.0 pysbd==0.3.4
"""

import hashlib
import itertools
import json
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import typer

from stancekit.errors import StancekitError
from stancekit.files import write_json
from stancekit.machine import machine
from stancekit.news.lines import cut_lines
from stancekit.news.parser import load_parser
from stancekit.news.sentences import cut_sentences
from turns import spread

DATA = Path(__file__).parent.parent / "tests" / "data"
MARK = "¦"
HALVES = ("tuning", "report", "fresh")
Spans = list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Gold:
    """A text with its sentences. ends: where every sentence but the last ends."""

    kind: str
    half: str
    text: str
    ends: tuple[int, ...]

    @property
    def spans(self) -> set[tuple[int, int]]:
        """Every sentence, trimmed."""
        edges = [0, *self.ends, len(self.text)]
        return set(trimmed(self.text, list(itertools.pairwise(edges))))


def own_texts() -> Iterator[Gold]:
    """The project's own texts."""
    for line in (DATA / "sentences-gold.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        pieces = row["marked"].rstrip(MARK).split(MARK)
        ends = [sum(map(len, pieces[: count + 1])) for count in range(len(pieces) - 1)]
        yield Gold(row["kind"], row["half"], "".join(pieces), tuple(ends))


def stories(raw: Path) -> Iterator[Gold]:
    """Stretches of SEESAW's train stories: its pieces joined by one blank, as the marks count. Raises when a story has changed."""
    for line in (DATA / "sentences-seesaw.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        path = raw / "seesaw" / "articles" / row["story"]
        first, last = row["entries"]
        pieces = [" ".join(piece["text"].split()) for piece in json.loads(path.read_text("utf-8"))["text"][first : last + 1]]
        text = " ".join(piece for piece in pieces if piece)
        if hashlib.sha256(text.encode()).hexdigest() != row["sha256"]:
            raise StancekitError(f"{path} is not the text that was marked", fix="take the stories as SEESAW publishes them")
        yield Gold("news stories", row["half"], text, tuple(row["ends"]))


def trimmed(text: str, spans: Sequence[tuple[int, int]]) -> Spans:
    """Without white space at either end; without spans that hold no letter or digit, as no splitter is asked for those."""
    found = []
    for start, end in spans:
        words = text[start:end]
        if any(character.isalnum() for character in words):
            found.append((start + len(words) - len(words.lstrip()), end - len(words) + len(words.rstrip())))
    return found


def by_sentencex(text: str) -> Spans:
    """The segmenter alone, without the kit's repairs."""
    import sentencex

    spans, position = [], 0
    for piece in sentencex.segment("en", text):
        spans.append((position, position + len(piece)))
        position += len(piece)
    return spans


def by_nupunkt(text: str) -> Spans:
    """With the model that it comes with."""
    import nupunkt

    return list(nupunkt.sent_spans(text))


def by_pysbd(text: str) -> Spans:
    """A new segmenter a text: its own way of use."""
    import pysbd

    return [(span.start, span.end) for span in pysbd.Segmenter(language="en", clean=False, char_span=True).segment(text)]


def by_parser(text: str) -> Spans:
    """By the dependency parse that holders are found with."""
    return [(sentence.start_char, sentence.end_char) for sentence in load_parser()(text).sents]


@cache
def _sentencizer() -> Any:
    import spacy

    blank = spacy.blank("en")
    blank.add_pipe("sentencizer")
    return blank


def by_sentencizer(text: str) -> Spans:
    """By spaCy's rule of full stops."""
    return [(sentence.start_char, sentence.end_char) for sentence in _sentencizer()(text).sents]


def by_line(cut: Callable[[str], Spans]) -> Callable[[str], Spans]:
    """The splitter on the stretches that the kit's line rules give, for a comparison without headlines and lists."""

    def parted(text: str) -> Spans:
        stretches = cut_lines(text, 0, len(text))
        return [(first + start, first + end) for first, last in stretches for start, end in cut(text[first:last])]

    return parted


ARMS: dict[str, Callable[[str], Spans]] = {
    "cut_sentences": cut_sentences,
    "sentencex": by_sentencex,
    "nupunkt": by_nupunkt,
    "pysbd": by_pysbd,
    "spacy parser": by_parser,
    "spacy sentencizer": by_sentencizer,
    "sentencex by line": by_line(by_sentencex),
    "nupunkt by line": by_line(by_nupunkt),
    "spacy parser by line": by_line(by_parser),
}


def counted(golds: Sequence[Gold], cut: Callable[[str], Spans]) -> Counter[str]:
    """Ends marked, found and found rightly; sentences, and those right from start to end."""
    counts: Counter[str] = Counter()
    for gold in golds:
        spans = trimmed(gold.text, cut(gold.text))
        found, marked = {end for _, end in spans[:-1]}, set(gold.ends)
        counts += Counter(marked=len(marked), found=len(found), right=len(found & marked))
        counts += Counter(sentences=len(gold.spans), whole=len(gold.spans & set(spans)))
    return counts


def rates(counts: Counter[str]) -> dict[str, float]:
    """The counts with precision, recall and F1 of the ends and the share of sentences that are right as a whole."""
    precision = counts["right"] / counts["found"] if counts["found"] else 0.0
    recall = counts["right"] / counts["marked"]
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    shares = {"precision": precision, "recall": recall, "f1": f1, "whole_sentences": counts["whole"] / counts["sentences"]}
    return {**counts, **{name: round(share, 4) for name, share in shares.items()}}


def table(golds: Sequence[Gold]) -> dict[str, Any]:
    """By half of the gold, then by kind of text, every splitter."""
    groups: dict[str, dict[str, list[Gold]]] = {half: defaultdict(list) for half in HALVES}
    for gold in golds:
        for kind in (gold.kind, "all", "own texts" if gold.kind != "news stories" else "stories"):
            groups[gold.half][kind].append(gold)
    return {
        half: {kind: {arm: rates(counted(some, cut)) for arm, cut in ARMS.items()} for kind, some in kinds.items() if kind != "stories"}
        for half, kinds in groups.items()
    }


def speeds(golds: Sequence[Gold], rounds: int) -> dict[str, dict[str, float]]:
    """Marked sentences a second of processor time, in turns."""
    sentences = sum(len(gold.spans) for gold in golds)
    taken: dict[str, list[float]] = defaultdict(list)
    for _ in range(rounds):
        for arm, cut in ARMS.items():
            began = time.process_time()
            for gold in golds:
                cut(gold.text)
            taken[arm].append(sentences / (time.process_time() - began))
    return {arm: spread(values) for arm, values in taken.items()}


def main(
    raw: Annotated[Path | None, typer.Argument(help="Folder that holds seesaw/articles.")] = None,
    rounds: Annotated[int, typer.Option(min=1)] = 5,
    file: Annotated[Path | None, typer.Option("--json", help="Write the results here.")] = None,
) -> None:
    """Measure every splitter on both halves."""
    golds = [*own_texts(), *(stories(raw) if raw is not None else ())]
    results = {"machine": machine(), "ends": table(golds), "sentences_per_second": speeds(golds, rounds)}
    for half in HALVES:
        for kind, arms in results["ends"][half].items():
            line = "  ".join(f"{arm} {row['f1']:.3f}/{row['whole_sentences']:.3f}" for arm, row in arms.items())
            typer.echo(f"{half:7} {kind:15} n={arms['nupunkt']['marked']:3}  {line}")
    typer.echo(json.dumps(results["sentences_per_second"], indent=1))
    if file is not None:
        write_json(file, results)


if __name__ == "__main__":
    typer.run(main)

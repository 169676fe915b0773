"""How well `stancekit read` finds who stands where in whole articles, against articles whose gold was written by hand.

python benchmarks/article_gold.py tests/data/articles --bundle base --json article-gold.json

Each article is read with the proposals of its own gold. What is compared are positions: the opinions of one holder on one
proposal together, with the stance that has most confidence behind it.

Names: case, determiners, titles such as Dr, possessive endings and small words are ignored. A found name is a row's if it is one
of the row's names (first choice), or if all words of one of the two names are words of the other (`Okafor` and `Ada Okafor`; of
several such rows the one with the most words in common). The writer of an article is called `author`. A found position belongs
to one row at most; two found names of one row are both right, and are counted as `split`.

Precision: of the positions found, those whose holder (and stance) is the gold's. Recall: of the gold's, those found. Rows marked
optional are what careful readers may see differently: they are neither missed nor, if the stance is right, an alarm. An article
that cannot be read at all counts with everything missed.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer

from article_texts import Row, WrittenGold, overlaps, read_gold, same_name, shared_words
from stancekit.errors import StancekitError
from stancekit.files import write_json, write_text
from stancekit.stages.read import read
from stancekit.tables import read_rows


@dataclass(frozen=True, slots=True)
class Found:
    """A position that was read. sentences: of the opinions that have its stance."""

    proposal: str
    holder: str
    stance: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """One article: its gold, what was found, the gold row of each position found (None where there is none), and its faults."""

    gold: WrittenGold
    found: tuple[Found, ...]
    rows: tuple[Row | None, ...]
    furniture: tuple[str, ...]
    unread: str | None


def main(
    folder: Annotated[Path, typer.Argument(help="Articles, each with an .expected.json beside it.")],
    bundle: Annotated[Path, typer.Option(help="The model.")] = Path("base"),
    shared: Annotated[Path | None, typer.Option(help="More such articles, measured apart.")] = None,
    json: Annotated[Path | None, typer.Option(help="Also write the numbers to this file.")] = None,
) -> None:
    """Compare the positions that are read with those of the gold."""
    try:
        compared = compare_folder(bundle, folder)
        apart = [] if shared is None else compare_folder(bundle, shared)
    except StancekitError as fault:
        typer.echo(f"error: {fault}", err=True)
        raise typer.Exit(2) from fault
    results: dict[str, Any] = {"articles": {one.gold.article.name: measure([one]) for one in [*compared, *apart]}, "all": measure(compared)}
    if apart:
        results["apart"] = measure(apart)
    for name, result in [*results["articles"].items(), *((part, results[part]) for part in ("all", "apart") if part in results)]:
        _show(name, result)
    results["faults"] = [fault for one in [*compared, *apart] for fault in faults_of(one)]
    results["faults_by_kind"] = dict(Counter(fault["kind"] for one in compared for fault in faults_of(one)).most_common())
    typer.echo("\n" + "\n".join(f"{kind:<44}{count:>5}" for kind, count in results["faults_by_kind"].items()))
    if json is not None:
        write_json(json, results)


def compare_folder(bundle: Path, folder: Path) -> list[Compared]:
    """Read every article of a folder that has gold."""
    files = sorted(folder.glob("*.expected.json"))
    if not files:
        raise StancekitError(f"{folder} has no *.expected.json", fix="name a folder of articles with gold")
    return [compare(bundle, read_gold(file)) for file in files]


def compare(bundle: Path, gold: WrittenGold) -> Compared:
    """Read one article with its own proposals."""
    with TemporaryDirectory() as scratch:
        proposals, output = Path(scratch) / "proposals.toml", Path(scratch) / "out"
        write_text(proposals, "[proposals]\n" + "".join(f'{key} = "{text}"\n' for key, text in gold.proposals.items()))
        try:
            read(bundle, [gold.article], proposals, output)
        except StancekitError as fault:
            return Compared(gold, (), (), (), str(fault).splitlines()[0])
        opinions = list(read_rows(output / "opinions.jsonl"))
    found = tuple(positions_of(opinion.values for opinion in opinions))
    sentences = dict.fromkeys(str(opinion.values["sentence"]) for opinion in opinions)
    furniture = tuple(sentence for sentence in sentences if overlaps(gold.text, sentence, gold.furniture))
    return Compared(gold, found, tuple(row_of(one, gold.rows) for one in found), furniture, None)


def positions_of(opinions: Iterable[Any]) -> list[Found]:
    """The opinions of one holder on one proposal, with the stance that has the largest sum of confidence."""
    grouped: dict[tuple[str, str], list[Any]] = {}
    for opinion in opinions:
        name = "author" if opinion["voice"] == "author" else opinion["holder"] or "(unknown)"
        grouped.setdefault((str(opinion["proposal_id"]), name), []).append(opinion)
    found = []
    for (proposal, name), group in grouped.items():
        weight: Counter[str] = Counter()
        for opinion in group:
            weight[opinion["stance"]] += opinion["confidence"]
        stance = max(weight, key=lambda one: weight[one])
        found.append(Found(proposal, name, stance, tuple(opinion["sentence"] for opinion in group if opinion["stance"] == stance)))
    return found


def row_of(found: Found, rows: Sequence[Row]) -> Row | None:
    """The gold row of the holder and proposal, whatever the stance."""
    asked = [row for row in rows if row.proposal == found.proposal]
    exact = [row for row in asked if any(same_name(found.holder, name) for name in row.names)]
    if exact:
        return exact[0]
    near = [(max(shared_words(found.holder, name) for name in row.names), row) for row in asked]
    best = max(near, key=lambda pair: pair[0], default=(0, None))
    return best[1] if best[0] else None


def measure(articles: Sequence[Compared]) -> dict[str, Any]:
    """Precision, recall and F1 of holder with stance and of holders alone, evidence and furniture, over some articles."""
    pairs = [(one, found, row) for one in articles for found, row in zip(one.found, one.rows, strict=True)]
    right = [(one, found, row) for one, found, row in pairs if row is not None and found.stance in row.stances]
    wanted = [(one, row) for one in articles for row in one.gold.rows if not row.optional]
    shown = [(one, found, row) for one, found, row in right if row.evidence]
    hits = [(one, found, row) for one, found, row in shown if any(overlaps(one.gold.text, said, row.evidence) for said in found.sentences)]
    told = {(one.gold.article, row) for one, _, row in right if not row.optional}
    met = {(one.gold.article, row) for one, _, row in pairs if row is not None and not row.optional}
    # An optional row is no find: what is right about it counts neither way.
    free = sum(row.optional for _, _, row in right)
    held = sum(row is not None and not row.optional for _, _, row in pairs)
    return {
        "gold": len(wanted),
        "found": len(pairs) - free,
        "unread": [one.gold.article.name for one in articles if one.unread is not None],
        "position": _scores(len(right) - free, len(pairs) - free, len(told), len(wanted)),
        "holder": _scores(held, len(pairs) - free, len(met), len(wanted)),
        "recall_by_stance": _by_stance(wanted, told),
        "evidence_right": round(len(hits) / len(shown), 4) if shown else None,
        "furniture_used": sum(len(one.furniture) for one in articles),
        "split": len(right) - free - len(told),
    }


def faults_of(one: Compared) -> list[dict[str, Any]]:
    """The misses and false alarms of an article, each with its kind, and furniture that was taken for the article."""
    rights = {row for found, row in zip(one.found, one.rows, strict=True) if row is not None and found.stance in row.stances}
    faults = []
    for row in one.gold.rows:
        if row in rights or row.optional:
            continue
        kind = "missed: article not read" if one.unread else "missed: other stance found" if row in one.rows else "missed: holder not found"
        faults.append(_fault(one, f"{kind} ({'/'.join(row.stances)})", row.proposal, row.names[0], "/".join(row.stances), row.evidence))
    for found, gold in zip(one.found, one.rows, strict=True):
        if gold not in rights or gold is None or found.stance not in gold.stances:
            faults.append(_fault(one, f"alarm: {_alarm(one, found, gold)}", found.proposal, found.holder, found.stance, found.sentences))
    return [*faults, *(_fault(one, "furniture", "", "", "", (sentence,)) for sentence in one.furniture)]


def _alarm(one: Compared, found: Found, row: Row | None) -> str:
    if row is not None:
        return "wrong stance"
    if found.holder in ("author", "(unknown)"):
        return f"{found.holder} taken for a holder"
    if any(proposal == found.proposal and any(shared_words(found.holder, name) for name in names) for proposal, names in one.gold.silent):
        return "takes no stance"
    others = any(shared_words(found.holder, name) for row in one.gold.rows for name in row.names)
    return "holder of another proposal" if others else "no holder"


def _fault(one: Compared, kind: str, proposal: str, holder: str, stance: str, shown: Sequence[str]) -> dict[str, Any]:
    return {"article": one.gold.article.name, "kind": kind, "proposal": proposal, "holder": holder, "stance": stance, "shown": [*shown]}


def _by_stance(wanted: Sequence[tuple[Compared, Row]], told: set[tuple[Path, Row]]) -> dict[str, float]:
    asked = Counter("/".join(row.stances) for _, row in wanted)
    got = Counter("/".join(row.stances) for _, row in told)
    return {stance: round(got[stance] / count, 4) for stance, count in sorted(asked.items())}


def _scores(right: int, found: int, told: int, wanted: int) -> dict[str, float]:
    precision, recall = right / found if found else 0.0, told / wanted if wanted else 0.0
    f1 = 2 * precision * recall / (precision + recall) if right else 0.0
    return {"precision": round(precision, 4), "recall": round(recall, 4), "f1": round(f1, 4)}


def _show(name: str, result: dict[str, Any]) -> None:
    cells = ""
    for what in ("position", "holder"):
        precision, recall, f1 = (result[what][measured] for measured in ("precision", "recall", "f1"))
        cells += f"  {what} P {precision:.3f} R {recall:.3f} F1 {f1:.3f}"
    evidence = "-" if result["evidence_right"] is None else f"{result['evidence_right']:.2f}"
    counts = f"{name:<36}{result['gold']:>4} gold{result['found']:>5} found"
    unread = f"  not read: {len(result['unread'])}" if result["unread"] else ""
    typer.echo(f"{counts}{cells}  evidence {evidence}  furniture {result['furniture_used']}{unread}")


if __name__ == "__main__":
    typer.run(main)

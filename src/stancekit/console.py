"""Results as terminal tables."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from stancekit.records import Opinion
from stancekit.stance import STANCES, Stance

COLOURS = {"oppose": "red", "neutral": "bright_black", "support": "blue"}
SHOWN_OPINIONS = 40
SHOWN_FLIPS = 5
VIEWS = {"majority": "nothing", "statement_only": "the statement", "proposal_only": "the proposal"}


def show(result: RenderableType) -> None:
    """Print to standard output; plain text when that is no terminal."""
    console = Console(soft_wrap=isinstance(result, str))
    console.print(escape(result) if isinstance(result, str) else result, highlight=False)


def prepare_table(report: Mapping[str, Any]) -> Table:
    """Sizes and class shares of the splits, and what was dropped."""
    dropped = report["dropped"]
    kinds = ", ".join(f"{count['made']} {kind}" for kind, count in report["augmentation"].items())
    made = sum(sizes["made"] for sizes in report["splits"].values())
    asked = f", {report['unlabelled']} more are left to a teacher" if report["unlabelled"] else ""
    caption = (
        f"{made} training pairs are made{f' ({kinds})' if kinds else ''}{asked}; dropped: {dropped['exact_repeats']} exact repeats, "
        f"{dropped['contradictions']} contradictory rows, {dropped['leaks']} rows that would leak, "
        f"{dropped['long_proposals']} with a long proposal; "
        f"kept apart: {report['kept_apart']['groups']} groups"
    )
    table = Table(title=escape(report["name"]), caption=caption)
    for heading in ("split", "examples", "proposals", "statements", *STANCES):
        table.add_column(str(heading), justify="left" if heading == "split" else "right")
    for split, sizes in report["splits"].items():
        total = sizes["examples"]
        table.add_row(
            split,
            *(f"{sizes[key]:,}" for key in ("examples", "proposals", "statements")),
            *(f"{sizes['classes'][stance] / total:.0%}" for stance in STANCES),
        )
    return table


def metrics_table(metrics: Mapping[str, Any]) -> Table:
    """The model beside its baselines, then each stance, under the verdict."""
    title = Text(f"{metrics['model']} on {metrics['data']} (n = {metrics['n']}, {metrics['proposals']} proposals)")
    table = Table(title=title, caption=Text(" ".join([metrics["verdict"], metrics.get("baselines_note", "")])), caption_justify="left")
    table.add_column("")
    for heading in ("macro-F1", "accuracy", "MCC", "F_avg"):
        table.add_column(heading, justify="right")
    keys = ("macro_f1", "accuracy", "mcc", "f_avg")
    for name, row in {"model": metrics, **metrics["baselines"]}.items():
        table.add_row(name, *(_interval(row[key]) for key in keys))
    if (readers := metrics["agreement"]) is not None:
        table.add_row(f"two readers (n = {readers['n']})", _interval(readers["macro_f1"]), _interval(readers["agreement"]))
    table.add_section()
    table.add_row("[dim]stance[/dim]", "[dim]F1[/dim]", "[dim]precision[/dim]", "[dim]recall[/dim]", "[dim]n[/dim]")
    for stance, row in metrics["per_class"].items():
        table.add_row(f"[{COLOURS[stance]}]{stance}[/]", *(_interval(row[key]) for key in ("f1", "precision", "recall")), str(row["n"]))
    return table


def comparison_table(result: Mapping[str, Any]) -> Table:
    """Both models and what changes from the first to the second, under the verdict."""
    title = Text(f"{result['first']['name']} and {result['second']['name']} on {result['data']} (n = {result['n']})")
    won, changed = result["proposals_won"], result["changed"]
    found = [
        result["verdict"],
        f"By proposal: {won['second']} won by the second, {won['tied']} tied, {won['first']} lost.",
        f"{changed['rows']} answers changed: {changed['right']} became right, {changed['wrong']} wrong.",
    ]
    if (test := result["mcnemar"]) is not None:
        p = "< 0.001" if test["p"] < 0.001 else f"= {test['p']:.3f}"
        found.append(f"McNemar p {p}, too small where rows hang together.")
    table = Table(title=title, caption=Text(" ".join(found)), caption_justify="left")
    for heading in ("", "first", "second", "second minus first", *([] if result["seeds"] is None else ["sd over seeds"])):
        table.add_column(heading, justify="right" if heading else "left")
    names = {"macro_f1": "macro-F1", "accuracy": "accuracy", "mcc": "MCC", "f_avg": "F_avg"}
    for key, name in names.items():
        spread = [] if result["seeds"] is None else [_spread(result["seeds"][key])]
        table.add_row(name, *_change(result["overall"][key]), *spread)
    table.add_section()
    for stance, row in result["per_class"].items():
        table.add_row(f"[{COLOURS[stance]}]F1 of {stance}[/]", *_change(row))
    return table


def _spread(seeds: Mapping[str, Any]) -> str:
    every = [seeds[side]["sd"] for side in ("first", "second")]
    return ", ".join("-" if sd is None else f"{sd:.3f}" for sd in every)


def _change(row: Mapping[str, Any]) -> tuple[str, str, str]:
    change = row["change"]
    interval = "" if change["low"] is None else f" [dim]{change['low']:+.3f} to {change['high']:+.3f}[/dim]"
    return f"{row['first']:.3f}", f"{row['second']:.3f}", f"{change['value']:+.3f}{interval}"


def shortcuts_tables(result: Mapping[str, Any]) -> Group:
    """What one side alone gives away, the words that tell most, and the texts that repeat."""
    blind = Table(title=f"What a bag of words guesses (cross-validated, n = {result['n']:,})")
    for heading in ("it sees", "macro-F1", "accuracy", "MCC", "F_avg"):
        blind.add_column(heading, justify="left" if heading == "it sees" else "right")
    for view, row in result["blind"].items():
        blind.add_row(VIEWS.get(view, view), *(_interval(row[key]) for key in ("macro_f1", "accuracy", "mcc", "f_avg")))
    parts: list[RenderableType] = [blind]
    for side, stances in result["telling_words"].items():
        telling = Table(title=f"Words of the {side} that tell most of a stance, by log-odds", show_lines=True)
        telling.add_column("stance")
        telling.add_column("words")
        for stance, words in stances.items():
            telling.add_row(f"[{COLOURS[stance]}]{stance}[/]", Text(", ".join(word["word"] for word in words)))
        parts.append(telling)
    repeats = result["near_duplicates"]
    parts.append(f"{repeats['count']} pairs of sentences of different groups share half of their character 5-grams")
    parts.extend(Text(f"  {pair['similarity']:.2f}  {pair['first']}\n        {pair['second']}") for pair in repeats["shown"])
    return Group(*parts)


def _interval(measure: Mapping[str, Any]) -> str:
    if measure["low"] is None:
        return f"{measure['value']:.3f}"
    return f"{measure['value']:.3f} [dim]{measure['low']:.3f}-{measure['high']:.3f}[/dim]"


def gate_tables(gate: Mapping[str, Any]) -> RenderableType:
    """Run and export side by side under what the gate found, and the first labels that flipped."""
    if not gate:
        return "safetensors are the run's own: nothing to compare"
    word = "is within its limits" if gate["passed"] else "is OVER ITS LIMITS and was written by force"
    told = [check["told"] for check in gate["checks"]]
    caption = Text(" ".join([f"{'; '.join(told)}.", *gate["doubts"]]) if told else "No limit is set.")
    title = Text(f"The {gate['form']} form {word} on {gate['rows']} held rows")
    table = Table(title=title, caption=caption, caption_justify="left")
    for heading in ("", "run", "export", "export minus run"):
        table.add_column(heading, justify="right" if heading else "left")
    for key, name in (("macro_f1", "macro-F1"), ("ece", "calibration error")):
        table.add_row(name, *_change({"first": gate[key]["run"], "second": gate[key]["export"], "change": gate[key]["change"]}))
    table.add_row("files, MB", *(f"{gate['size_mb'][side]:.1f}" for side in ("run", "export")))
    if (timed := gate["measured"]) is not None:
        costs = {
            "load_seconds": "load, s",
            "pairs_per_second": "pairs a second",
            "p50_ms": "one pair, p50, ms",
            "p95_ms": "one pair, p95, ms",
        }
        for key, name in {**costs, "peak_memory_mib": "peak memory, MiB"}.items():
            table.add_row(name, *(f"{timed[side][key]:,}" for side in ("run", "export")))
    return Group(table, *_flips(gate["flipped"]))


def _flips(flipped: Sequence[Mapping[str, Any]]) -> list[RenderableType]:
    if not flipped:
        return []
    shown = min(len(flipped), SHOWN_FLIPS)
    table = Table(title=f"Labels that flipped: {shown} of {len(flipped)}, the clearest first", show_lines=True)
    for heading in ("statement", "proposal", "label", "run", "export"):
        table.add_column(heading)
    for row in flipped[:shown]:
        sides = (
            Text(f"{row[side]['stance']} {row[side]['confidence']:.2f}", style=COLOURS[row[side]["stance"]]) for side in ("run", "export")
        )
        table.add_row(Text(row["statement"]), Text(row["proposal"]), row["gold"], *sides)
    return [table]


def opinions_table(opinions: Sequence[Opinion]) -> Table:
    """Who stands where: by proposal and stance, of each holder the surest sentence. The page holds the whole sentences."""
    surest: dict[tuple[str, Stance, str], Opinion] = {}
    places = {proposal: place for place, proposal in enumerate(dict.fromkeys(one.proposal_id for one in opinions))}
    for one in sorted(opinions, key=lambda one: (places[one.proposal_id], -one.stance.label_id, -one.confidence, one.article, one.start)):
        surest.setdefault((one.proposal_id, one.stance, one.holder_id or one.article), one)
    # Where there are too many, the surest of all.
    shown = set(sorted(surest, key=lambda key: -surest[key].confidence)[:SHOWN_OPINIONS])
    more = f", {SHOWN_OPINIONS} of them here" if len(surest) > SHOWN_OPINIONS else ""
    table = Table(title=f"{len(opinions)} opinions{more}: the surest of each holder", box=None, expand=True)
    # On a narrow terminal the sentence is shortened, and never the answer.
    for heading, width in (("proposal", 13), ("stance", 7), ("holder", 17), ("conf.", 5)):
        table.add_column(heading, overflow="ellipsis", no_wrap=True, width=width)
    table.add_column("sentence", overflow="ellipsis", no_wrap=True, ratio=1)
    for opinion in (one for key, one in surest.items() if key in shown):
        holder = opinion.holder or ("the author" if opinion.voice == "author" else "unknown")
        stance = Text(opinion.stance.value, style=COLOURS[opinion.stance])
        table.add_row(Text(opinion.proposal_id), stance, Text(holder), f"{opinion.confidence:.2f}", Text(opinion.sentence))
    return table

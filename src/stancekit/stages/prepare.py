"""`stancekit prepare`: sources to clean, leak-free splits with a report."""

from collections.abc import Sequence
from typing import Any

from stancekit.config import PrepareConfig
from stancekit.data.audit import audit
from stancekit.data.augmentation.making import augmented
from stancekit.data.augmentation.pairing import Unlabelled, related_pairs
from stancekit.data.cleaning import clean
from stancekit.data.sources import input_files, read_sources
from stancekit.data.splitting import Splits, split
from stancekit.files import atomic_folder, write_json, write_text
from stancekit.manifest import Receipt, refuse_foreign
from stancekit.news.parser import parse
from stancekit.reports.data import data_page
from stancekit.tables import write_rows


def prepare(config: PrepareConfig) -> dict[str, Any]:
    """Write {train,validation,test}.jsonl, unlabelled.jsonl where asked for, report.json, report.html and manifest.json; return the report.

    Raises StancekitError before anything is written when a source is bad or a split cannot be made.
    """
    refuse_foreign(config.output, "prepare")
    receipt = Receipt("prepare", config.model_dump(mode="json"), input_files(config), config.seed)
    rows = read_sources(config)
    cleaned = clean(rows, config.cleaning, published=config.split.method == "given")
    splits = split(cleaned.kept, config.split, config.seed)
    # Only for training: validation and test hold nothing that was not written and labelled.
    held_out = [*splits.examples["validation"], *splits.examples["test"]]
    made = augmented(splits.examples["train"], held_out, config.augmentation, config.seed, parse)
    pairs = related_pairs(splits.examples["train"], config.augmentation.unlabelled, config.seed)
    splits.examples["train"].extend(made.examples)
    licences = {source.name: source.licence for source in config.sources if source.licence}
    report = audit(config.name, rows, cleaned, splits, made.counts, licences, len(pairs))
    _write(config, splits, pairs, report, receipt)
    return report


def _write(config: PrepareConfig, splits: Splits, pairs: Sequence[Unlabelled], report: dict[str, Any], receipt: Receipt) -> None:
    with atomic_folder(config.output) as scratch:
        for name, examples in splits.examples.items():
            write_rows(scratch / f"{name}.jsonl", (example.to_row() for example in examples))
        if pairs:
            write_rows(scratch / "unlabelled.jsonl", (pair._asdict() for pair in pairs))
        write_json(scratch / "report.json", report)
        write_text(scratch / "report.html", data_page(report))
        receipt.write(scratch)

"""Public sets as they were published, where they are here: the counts of their papers, and no text in two parts."""

from collections import Counter
from pathlib import Path

import pytest

from stancekit.config import NewsroomSource, PrepareConfig, load_config
from stancekit.data.cleaning import clean
from stancekit.data.importers import newsroom
from stancekit.data.sources import read_sources
from stancekit.data.splitting import shared, split
from stancekit.records import normalized
from stancekit.stance import Stance

ROOT = Path(__file__).resolve().parents[2]
RAW = ROOT.parent / "shared" / "raw"


def counts(name: str, folder: str) -> Counter[tuple[str | None, str]]:
    if not (RAW / folder).is_dir():
        pytest.skip("no shared data")
    config = load_config(ROOT / "configs" / "prepare" / f"{name}.toml", PrepareConfig, [f"raw={RAW / folder}"])
    return Counter((row.split, row.example.stance.value) for row in read_sources(config))


def test_perspectrum_as_published_has_the_published_counts() -> None:
    assert counts("perspectrum", "perspectrum") == {
        ("train", "support"): 3599,
        ("train", "oppose"): 3379,
        ("validation", "support"): 1047,
        ("validation", "oppose"): 1024,
        ("test", "support"): 1471,
        ("test", "oppose"): 1302,
    }


def test_valueeval_as_published_has_the_published_counts() -> None:
    found = counts("valueeval", "valueeval23")
    assert {split: sum(count for (part, _), count in found.items() if part == split) for split, _ in found} == {
        "train": 5393,
        "validation": 1896,
        "test": 1576,
    }
    assert {stance for _, stance in found} == {"support", "oppose"}


def test_argkp_as_published_has_the_published_counts() -> None:
    found = counts("argkp", "kpa2021")
    # The test part holds one exact repeat.
    assert {split: sum(count for (part, _), count in found.items() if part == split) for split, _ in found} == {
        "train": 5790,
        "validation": 968,
        "test": 756,
    }


def test_ibm_claims_as_published_have_the_published_count() -> None:
    found = counts("ibm-claims", "ibm_cs")
    assert sum(found.values()) == 1039
    assert {stance for _, stance in found} == {"support", "oppose"}


def test_public_is_all_rows_of_the_four_sets() -> None:
    alone = [("perspectrum", "perspectrum"), ("argkp", "kpa2021"), ("valueeval", "valueeval23"), ("ibm-claims", "ibm_cs")]
    assert counts("public", "").total() == sum(counts(name, folder).total() for name, folder in alone) == 29240


ENTAILMENT = {
    "cad_nli": (3723, 3744, 3781), "new_protocols": (14752, 10335, 14754), "semiauto_wiki": (4720, 5467, 5601),
    "snli_devtest": (6801, 6592, 6677), "mnli_dev": (6994, 6116, 6531), "mnli_llmsknow": (5264, 5231, 5331),
    "negation_nli": (936, 1435, 944), "conjnli": (6013, 7023, 2557),
}  # fmt: skip


def loaded(name: str) -> PrepareConfig:
    if not RAW.is_dir():
        pytest.skip("no shared data")
    return load_config(ROOT / "configs" / "prepare" / f"{name}.toml", PrepareConfig, [f"raw={RAW}"])


def test_entailment_has_the_counts_of_its_files() -> None:
    found = Counter((row.example.source, row.example.stance) for row in read_sources(loaded("entailment")))
    sides = (Stance.SUPPORT, Stance.NEUTRAL, Stance.OPPOSE)
    assert found == {(name, side): count for name, row in ENTAILMENT.items() for side, count in zip(sides, row, strict=True)}


def test_union_is_public_and_the_newsroom_and_no_text_is_in_two_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    # The corpus lies in the project, where the command is run.
    monkeypatch.chdir(ROOT)
    config = loaded("union")
    assert all(source.licence for source in config.sources)
    rows = read_sources(config)
    corpus = list(newsroom.read(NewsroomSource(format="newsroom", name="newsroom", path=Path()), ROOT / "data" / "newsroom"))
    assert len(rows) == 29240 + len(corpus)
    splits = split(clean(rows, config.cleaning, published=True).kept, config.split, config.seed)
    assert shared(splits.examples) == {"proposal": 0, "statement": 0, "group": 0}
    assert splits.leaks > 4000
    texts = [{normalized(text) for item in part for text in (item.statement, item.proposal)} for part in splits.examples.values()]
    assert len(set.union(*texts)) == sum(map(len, texts)), "on either side"
    kept = Counter(example.source for part in splits.examples.values() for example in part)
    assert kept["newsroom"] == len(corpus), "the corpus shares no text with the public sets"

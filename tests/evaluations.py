"""A made metrics.json with everything that the page about an evaluation can draw."""

from collections.abc import Mapping
from typing import Any

STANCES = ("oppose", "neutral", "support")
CURVE = [{"coverage": (step + 1) / 200, "risk": 0.05 + 0.28 * ((step + 1) / 200) ** 2} for step in range(200)]
TITLES = {
    "negated_proposal": ("When the proposal is negated, support and oppose swap and neutral stays", "directional", 31, 90),
    "typos": ("A typing error that nobody stumbles over changes nothing", "invariance", 4, 120),
    "rebuttal": ("An opponent is quoted only to be answered", "minimum", 44, 60),
    "facts": ("Facts take no side, unless a conclusion is drawn from them", "minimum", 17, 80),
    "capitals": ("Capitals, or none, change nothing", "invariance", 0, 70),
}


def measure(value: float, half: float = 0.04) -> dict[str, float | None]:
    return {"value": round(value, 4), "low": round(value - half, 4), "high": round(value + half, 4)}


def proposal_row(text: str, n: int = 9) -> dict[str, Any]:
    counts = {"oppose": 3, "neutral": 3, "support": 3}
    return {"proposal": text, "n": n, "accuracy": measure(0.52), "gold": counts, "predicted": counts}


def metrics(text: str = "wood stoves", **changes: Any) -> dict[str, Any]:
    """The keys that every metrics.json has. text: stands for what comes from outside. changes: other keys, or other values."""
    scores = {"macro_f1": measure(0.612), "accuracy": measure(0.634), "mcc": measure(0.431), "f_avg": measure(0.588)}
    rates = {"precision": measure(0.57), "recall": measure(0.61), "f1": measure(0.59)}
    return {
        "model": text,
        "data": text,
        "n": 4120,
        "proposals": 26,
        "clusters": 18,
        "verdict": text,
        "classes": {"oppose": 1236, "neutral": 1648, "support": 1236},
        "interval": {"level": 0.95, "resamples": 1000, "seed": 13, "unit": "proposals, joined where they share an article or group"},
        **scores,
        "per_class": {stance: {**rates, "n": 40} for stance in STANCES},
        "confusion": [[71, 34, 25], [25, 116, 22], [23, 28, 67]],
        "per_proposal": [proposal_row(text)],
        "baselines": {"majority": {**scores, "difference": measure(0.3)}, "tfidf_lr": {**scores, "difference": measure(0.03)}},
        "errors": [error(text)],
        **changes,
    }


def agreement() -> dict[str, Any]:
    return {"n": 380, "alpha": measure(0.7), "agreement": measure(0.8), "macro_f1": measure(0.8)}


def bins(lead: float) -> list[dict[str, Any]]:
    """Fifteen bins whose confidence exceeds the share right by `lead`; the first five are empty, as with three stances."""
    rows = []
    for number in range(15):
        low, high = number / 15, (number + 1) / 15
        middle = (low + high) / 2
        filled = number >= 5
        accuracy = measure(max(middle - lead, 0.0), 0.03 + 0.01 * (15 - number)) if filled else None
        rows.append(
            {
                "low": low,
                "high": high,
                "count": 40 * (number - 4) if filled else 0,
                "confidence": middle if filled else None,
                "accuracy": accuracy,
            }
        )
    return rows


def calibration() -> dict[str, Any]:
    now = {"log_loss": 0.71, "brier": 0.42, "ece": 0.031, "adaptive_ece": 0.033, "classwise_ece": 0.041}
    return {
        "fit": {"method": "temperature", "temperature": 1.41, "fitted_on": 901},
        "labels_changed": 0,
        "measures": {key: measure(value, 0.01) for key, value in now.items()},
        "before": {key: measure(value + 0.0557, 0.01) for key, value in now.items()},
        "bins": bins(0.02),
        "bins_before": bins(0.11),
    }


def abstention(text: str = "all") -> dict[str, Any]:
    reached = {"promised": 0.9, "rows": 4120, "given": 2143, "precision": measure(0.887, 0.02), "coverage": measure(0.52)}
    silent = {"promised": 0.9, "rows": 0, "given": 0, "precision": None, "coverage": None}
    return {
        "curve": CURVE,
        "aurc": measure(0.143),
        "excess": 0.0613,
        "target": {
            "limits": {"promised": 0.9, "lowest": {"oppose": 0.713, "neutral": None, "support": 0.664}, "fitted_on": 902},
            "reached": {text: reached, "all": reached, "oppose": reached, "neutral": silent, "support": reached},
        },
    }


def conformal(text: str = "lac") -> dict[str, Any]:
    return {
        "sets": {"coverage": 0.9, "score": text, "by_class": True, "limits": {}, "fitted_on": 903},
        "measured": {
            "promised": 0.9,
            "coverage": measure(0.911),
            "size": measure(1.734),
            "single": 0.41,
            "empty": 0.013,
            "per_class": {"oppose": measure(0.884), "neutral": None, "support": measure(0.923)},
        },
    }


def slice_row(name: str, n: int = 200, **classes: int) -> dict[str, Any]:
    scores = {"macro_f1": measure(0.587, 0.06), "accuracy": measure(0.612), "f_avg": measure(0.553)}
    return {"name": name, "n": n, "proposals": 12, **scores, "classes": classes or {"oppose": 70, "neutral": 61, "support": 69}}


def slices(text: str = "wire") -> list[dict[str, Any]]:
    return [
        {"by": "source", "rows": [slice_row(text, 310), slice_row("letters to the editor", 150, oppose=80, neutral=0, support=70)]},
        {"by": "length", "rows": [slice_row("11 to 20 words", 211), slice_row("more than 30 words", 160), slice_row("1 to 10 words", 90)]},
        {"by": text, "rows": [slice_row(text)]},
        {"by": "tag", "rows": []},
    ]


def probes(warning: bool = False, text: str = "hidden") -> dict[str, Any]:
    def one(value: float, same: float, n: int) -> dict[str, Any]:
        return {
            "n": n,
            "macro_f1": measure(value),
            "accuracy": measure(value),
            "mcc": measure(value),
            "f_avg": measure(value),
            "left_out": 4120 - n,
            "note": text,
            "true": measure(value),
            "same": measure(same),
        }

    lead = measure(0.014, 0.02) if warning else measure(0.198, 0.03)
    sentence = f"{text}: the model loses {100 * (lead['value'] or 0):.1f} points of macro-F1 without the right proposal."
    return {
        "hidden": one(0.414, 0.514, 4120),
        "replaced": one(0.347, 0.424, 4120),
        "negated": one(0.563, 0.334, 1871),
        "sensitivity": {**lead, "best": text, "warning": warning, "sentence": sentence},
    }


def behaviours(text: str = "The ferry must stay") -> dict[str, Any]:
    rows: list[dict[str, Any]] = []
    for name, (title, kind, failures, n) in TITLES.items():
        pair = {"statement": text, "proposal": text, "stance": "support", "confidence": 0.934}
        expected = ("oppose",) if kind == "minimum" else (None, None)
        example = {"made": kind != "minimum", "pairs": [{**pair, "expected": right} for right in expected]}
        rows.append(
            {
                "capability": name,
                "title": title,
                "kind": kind,
                "n": n,
                "failures": failures,
                "failed": measure(failures / n, 0.0 if not failures else 0.04),
                "wrong": measure(failures / n) if kind == "minimum" else None,
                "examples": [example, example] if failures else [],
            }
        )
    counts = {"capabilities": len(rows), "cases": 420, "more_than_half": 1}
    return {**counts, "failed": measure(0.25), "wrong": measure(0.3), "behaviours": rows}


def error(text: str, gold: str = "oppose", predicted: str = "support", number: int = 1, **parts: list[str]) -> dict[str, Any]:
    """parts: the names of the parts that it stands in, by cut."""
    row = {"id": f"e{number}", "statement": text, "proposal": text, "gold": gold, "predicted": predicted, "confidence": 0.97, "given": 0.02}
    near = {"statement": text, "proposal": text, "stance": "neutral", "likeness": 0.4}
    return {**row, "parts": parts or {"source": [text], "tag": [text, "irony"]}, "nearest": [near, near]}


def doubts(text: str = "The dam should be built.") -> dict[str, Any]:
    row = {"id": text, "statement": text, "proposal": text, "gold": "oppose", "suggested": "support", "confidence": 0.9, "given": 0.02}
    return {"by": text, "n": 1, "rows": [row]}


def seeds(text: str = "13") -> dict[str, Any]:
    scores = {"macro_f1": 0.51, "accuracy": 0.6, "mcc": 0.3, "f_avg": 0.55}
    return {"shown": text, "by_seed": {text: scores, "14": scores}, "mean": scores, "sd": dict.fromkeys(scores, 0.012)}


def trusted(text: str | None = None, warning: bool = False) -> Mapping[str, Any]:
    """All keys on trust. text: put wherever a text of the user or of the model can stand."""
    if text is None:
        return {
            "calibration": calibration(),
            "abstention": abstention(),
            "conformal": conformal(),
            "slices": slices(),
            "probes": probes(warning),
            "behaviours": behaviours(),
            "doubts": doubts(),
            "seeds": seeds(),
        }
    named = [{**row, "title": text, "capability": text, "kind": text} for row in behaviours(text)["behaviours"]]
    found = calibration()
    return {
        "calibration": {**found, "fit": {**found["fit"], "method": text}},
        "abstention": abstention(text),
        "conformal": conformal(text),
        "slices": slices(text),
        "probes": probes(warning=True, text=text),
        "behaviours": {**behaviours(text), "behaviours": named},
        "doubts": doubts(text),
        "seeds": seeds(text),
    }

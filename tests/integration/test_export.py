"""Export: what is in a bundle, that it answers as its run does, and that one which does not is refused."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import yaml  # type: ignore[import-untyped]
from transformers import pipeline

from gates import UNTIMED
from stancekit import load
from stancekit.errors import Refusal, StancekitError
from stancekit.export import forms
from stancekit.export.card import model_card
from stancekit.inference.scorers import OnnxScorer, TorchScorer
from stancekit.manifest import sha256
from stancekit.modeling.spec import ModelSpec
from stancekit.stages.evaluate import evaluate
from stancekit.stages.export import export

PAIRS = [
    ("Ok.", "Keep it."),
    ("Mayor Ilse Varn said the glass bridge deserves every coin it costs.", "The council should keep the glass bridge."),
    ("Farmers called the wool tax a disgrace and want it stopped. " * 12, "The council should keep the wool tax."),
    ("A report of forty pages describes the stone mill in detail.", "The council should keep the night tram and the ferry to Sael."),
]
ALLOWED = {
    "calibration.json",
    "README.md",
    "config.json",
    "gate.html",
    "gate.json",
    "manifest.json",
    "model.onnx",
    "model.safetensors",
    "stancekit.json",
}
TOKENIZER = {"tokenizer.json", "tokenizer_config.json"}


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def front_matter(bundle: Path) -> dict[str, Any]:
    text = (bundle / "README.md").read_text(encoding="utf-8")
    assert text.startswith("---\n")
    content: dict[str, Any] = yaml.safe_load(text.split("---\n")[1])
    return content


def test_bundle_holds_what_is_allowed_and_no_more(tiny_bundle: Path) -> None:
    assert names(tiny_bundle) == ALLOWED | TOKENIZER
    manifest = json.loads((tiny_bundle / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["stage"] == "export"
    assert manifest["outputs"] == {name: sha256(tiny_bundle / name) for name in names(tiny_bundle) - {"manifest.json"}}
    assert all((path.stat().st_mode & 0o777) == (tiny_bundle / "stancekit.json").stat().st_mode & 0o777 for path in tiny_bundle.iterdir())


def test_labels_have_our_names_in_our_order(tiny_bundle: Path) -> None:
    config = json.loads((tiny_bundle / "config.json").read_text(encoding="utf-8"))
    assert config["id2label"] == {"0": "oppose", "1": "neutral", "2": "support"}
    spec = ModelSpec.read(tiny_bundle)
    assert spec.labels == ("oppose", "neutral", "support")
    assert spec.max_length == 48


def test_onnx_answers_as_torch_for_every_length_and_batch(tiny_run: Path, tiny_bundle: Path) -> None:
    model = load(tiny_bundle)
    by_onnx, by_torch = OnnxScorer(tiny_bundle / "model.onnx"), TorchScorer(tiny_run / "checkpoint")
    encodings = model.tokenizer.encode(PAIRS)
    assert max(len(encoding.ids) for encoding in encodings) == 48
    for rows in ([0], [2], [0, 1], [2, 0, 3], [0, 1, 2, 3] * 5):
        batch = model.tokenizer.batch([encodings[row] for row in rows])
        ours, exported = by_torch.logits(batch), by_onnx.logits(batch)
        assert ours.shape == exported.shape == (len(rows), 3)
        assert np.abs(ours - exported).max() < 1e-4


def test_gate_report_is_kept(tiny_bundle: Path) -> None:
    gate = json.loads((tiny_bundle / "gate.json").read_text(encoding="utf-8"))
    assert gate["passed"]
    assert gate["rows"] == 12
    assert gate["largest_logit_difference"] <= 1e-4
    assert [(check["name"], check["limit"], check["passed"]) for check in gate["checks"]] == [
        ("largest_logit_difference", 1e-4, True),
        ("flips", 0, True),
    ]
    assert gate["flipped"] == gate["broken"] == []


def ruined(how: Callable[[np.ndarray[Any, Any]], np.ndarray[Any, Any]]) -> Callable[..., None]:
    """A write_onnx whose classifier's bias is changed by `how`."""
    from stancekit.export.onnx import write_onnx

    def write(path: Path, *args: Any) -> None:
        write_onnx(path, *args)
        graph = onnx.load(str(path))
        for tensor in graph.graph.initializer:
            if tensor.name.endswith("classifier.bias"):
                changed = how(onnx.numpy_helper.to_array(tensor).copy())
                tensor.CopyFrom(onnx.numpy_helper.from_array(changed, tensor.name))
                onnx.save(graph, str(path))
                return
        raise AssertionError("no classifier in the graph")

    return write


@pytest.mark.parametrize(
    ("how", "told"),
    [
        (lambda bias: bias + np.float32(0.01), r"largest logit difference 0\.01, limit 0\.0001"),
        (lambda bias: bias * np.float32("nan"), "for 12 of 12 rows are no numbers"),
    ],
    ids=["a little off", "not a number"],
)
def test_ruined_onnx_is_refused_and_nothing_written(
    tiny_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: Callable[..., Any], told: str
) -> None:
    monkeypatch.setattr(forms, "write_onnx", ruined(how))
    with pytest.raises(Refusal, match=told) as refusal:
        export(tiny_run, tmp_path / "bundle", gate=UNTIMED)
    assert refusal.value.exit_code == 1
    assert list(tmp_path.iterdir()) == []


def test_model_that_onnx_cannot_hold_is_refused(tiny_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise AssertionError

    monkeypatch.setattr("torch.onnx.export", fail)
    with pytest.raises(Refusal, match="cannot be exported to ONNX: AssertionError"):
        export(tiny_run, tmp_path / "bundle")
    assert list(tmp_path.iterdir()) == []


def test_safetensors_alone(tiny_run: Path, tmp_path: Path) -> None:
    assert export(tiny_run, tmp_path / "bundle", "safetensors") == {}
    assert names(tmp_path / "bundle") == (ALLOWED | TOKENIZER) - {"model.onnx", "gate.json", "gate.html"}
    assert load(tmp_path / "bundle").scorer.name == "torch cpu fp32"


def test_transformers_answers_as_we_do(tiny_bundle: Path) -> None:
    judge = pipeline("text-classification", model=str(tiny_bundle), device="cpu")
    rows = [{"text": statement, "text_pair": proposal} for statement, proposal in PAIRS]
    theirs = judge(rows, truncation="only_first")
    ours = load(tiny_bundle).predict_pairs(PAIRS)
    assert [answer["label"] for answer in theirs] == [prediction.stance.value for prediction in ours]
    assert [answer["score"] for answer in theirs] == pytest.approx([prediction.confidence for prediction in ours], abs=1e-5)


def test_card_of_a_folder_names_no_base_model_and_no_path(tiny_bundle: Path, tiny_encoder: Path) -> None:
    card = front_matter(tiny_bundle)
    assert "base_model" not in card
    assert card["pipeline_tag"] == "text-classification"
    assert card["license"] == "other"
    text = (tiny_bundle / "README.md").read_text(encoding="utf-8")
    assert str(tiny_encoder.parent) not in text
    assert f"`{tiny_encoder.name}`" in text
    assert "macro-F1" in text


def test_card_of_the_embedded_encoder_names_its_origin(tiny_run: Path, tmp_path: Path) -> None:
    spec = ModelSpec("minilm", 128, 0, ("input_ids", "attention_mask"))
    manifest = json.loads((tiny_run / "manifest.json").read_text(encoding="utf-8"))
    metrics = json.loads((tiny_run / "metrics.json").read_text(encoding="utf-8"))
    (tmp_path / "README.md").write_text(model_card(spec, manifest, metrics, None, "apache-2.0", "onnx", []), encoding="utf-8")
    card = front_matter(tmp_path)
    assert card["base_model"] == "sentence-transformers/all-MiniLM-L6-v2"
    assert card["license"] == "apache-2.0"


def test_card_shows_an_evaluation(tiny_run: Path, tiny_data: Path, tmp_path: Path) -> None:
    metrics = evaluate(tiny_run, tiny_data / "test.jsonl", tmp_path / "evaluation")
    export(tiny_run, tmp_path / "bundle", "safetensors", evaluation=tmp_path / "evaluation" / "metrics.json")
    result = front_matter(tmp_path / "bundle")["model-index"][0]["results"][0]
    assert result["metrics"][0]["value"] == pytest.approx(metrics["macro_f1"]["value"], abs=1e-4)
    assert result["dataset"]["name"].endswith("/test.jsonl")
    assert metrics["verdict"] in (tmp_path / "bundle" / "README.md").read_text(encoding="utf-8")
    with pytest.raises(StancekitError, match="cannot be read as JSON"):
        export(tiny_run, tmp_path / "other", "safetensors", evaluation=tmp_path / "nothing.json")


def test_export_replaces_its_own_output_alone(tiny_run: Path, tmp_path: Path) -> None:
    for _ in range(2):
        export(tiny_run, tmp_path / "bundle", "safetensors")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(StancekitError, match="was not made by `stancekit export`"):
        export(tiny_run, tmp_path / "mine", "safetensors")
    assert names(tmp_path) - {f"bundle/{name}" for name in names(tmp_path / "bundle")} == {"bundle", "mine", "mine/notes.txt"}


def test_what_is_no_finished_run_is_not_exported(tiny_bundle: Path, tmp_path: Path) -> None:
    for wrong in (tiny_bundle, tmp_path, tmp_path / "nowhere"):
        with pytest.raises(StancekitError, match="is not a finished run"):
            export(wrong, tmp_path / "bundle")


def test_run_that_was_moved_is_exported_with_rows(tiny_run: Path, tiny_data: Path, tmp_path: Path) -> None:
    moved = tmp_path / "moved"
    shutil.copytree(tiny_run, moved)
    manifest = json.loads((moved / "manifest.json").read_text(encoding="utf-8"))
    manifest["settings"]["data"]["validation"] = "data/elsewhere.jsonl"
    (moved / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(StancekitError, match=r"are not here: data/elsewhere\.jsonl") as fault:
        export(moved, tmp_path / "bundle")
    assert "--rows" in fault.value.fix
    assert not (tmp_path / "bundle").exists()
    assert export(moved, tmp_path / "bundle", rows=tiny_data / "test.jsonl", gate=UNTIMED)["rows"] == 6


def test_the_evaluation_must_be_of_this_run(tiny_run: Path, tiny_bundle: Path, tiny_data: Path, tmp_path: Path) -> None:
    with pytest.raises(StancekitError, match="is not an evaluation"):
        export(tiny_run, tmp_path / "out", "safetensors", evaluation=tiny_run / "metrics.json")
    evaluate(tiny_bundle, tiny_data / "test.jsonl", tmp_path / "judged")
    judged = tmp_path / "judged" / "metrics.json"
    # A bundle has the weights of its run, so what was said of one holds for the other.
    export(tiny_run, tmp_path / "own", "safetensors", evaluation=judged)
    assert json.loads((tmp_path / "own" / "manifest.json").read_text(encoding="utf-8"))["verdict"]
    metrics = json.loads(judged.read_text(encoding="utf-8"))
    judged.write_text(json.dumps({**metrics, "weights_sha256": "0" * 64}), encoding="utf-8")
    with pytest.raises(StancekitError, match="judges another model"):
        export(tiny_run, tmp_path / "out", "safetensors", evaluation=judged)
    assert not (tmp_path / "out").exists()


def test_an_exported_graph_ends_with_its_first_token(tiny_bundle: Path) -> None:
    nodes = onnx.load(str(tiny_bundle / "model.onnx")).graph.node
    cut = [place for place, node in enumerate(nodes) if node.op_type == "Slice" and node.output[0].endswith("_first_token")]
    attention = max(place for place, node in enumerate(nodes) if node.op_type == "Softmax")
    # What attention gives, and what is added to it.
    assert len(cut) == 2
    assert any(place > attention for place in cut)
    assert [node.op_type for node in nodes[max(cut) :]].count("LayerNormalization") == 2

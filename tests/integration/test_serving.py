"""The service of docs/serving.md answers, refuses with problem and fix, and shares its model between threads; so do streams."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from fastapi.testclient import TestClient

from stancekit import load
from stancekit.inference.model import StanceModel
from stancekit.modeling.pairs import Pair

ROOT = Path(__file__).parents[2]
THREADS = 8
STATEMENTS = ["Farmers called the wool tax a disgrace.", "Mayor Ilse Varn said the night tram deserves every coin it costs."]
PROPOSALS = ["The council should keep the wool tax.", "Keep the night tram.", "The stone mill should close."]


def service() -> str:
    found = re.findall(r"```python serving\n(.*?)```", (ROOT / "docs" / "serving.md").read_text(encoding="utf-8"), re.DOTALL)
    assert len(found) == 1
    return str(found[0])


@pytest.fixture(scope="module")
def client(tiny_bundle: Path) -> Iterator[TestClient]:
    code = service()
    assert "runs/demo/bundle" in code
    module: dict[str, Any] = {"__name__": "service"}
    exec(compile(code.replace("runs/demo/bundle", str(tiny_bundle)), "docs/serving.md", "exec"), module)
    with TestClient(module["app"]) as client:
        yield client


def test_the_example_is_short() -> None:
    assert sum(bool(line.strip()) for line in service().splitlines()) <= 30


def test_it_answers_as_the_model_does(client: TestClient, tiny_bundle: Path) -> None:
    answered = client.post("/predict", json={"statements": STATEMENTS, "proposals": PROPOSALS})
    assert answered.status_code == 200
    assert answered.json() == [answer.to_row() for answer in load(tiny_bundle).predict(STATEMENTS, PROPOSALS)]


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({"statements": [" "], "proposals": PROPOSALS}, "statement 1 is empty"),
        ({"statements": STATEMENTS, "proposals": ["many words " * 40]}, "80 tokens"),
        ({"statements": STATEMENTS * 100, "proposals": PROPOSALS * 50}, "30000 pairs"),
        ({"statements": [], "proposals": PROPOSALS}, "statements: "),
        ({"statements": ["a" * 4001], "proposals": PROPOSALS}, "statements.0: "),
        ({"statements": STATEMENTS}, "proposals: "),
        ({"statements": "one text", "proposals": PROPOSALS}, "statements: "),
    ],
)
def test_a_refusal_says_what_is_wrong_and_what_to_do(client: TestClient, body: dict[str, Any], problem: str) -> None:
    refused = client.post("/predict", json=body)
    assert refused.status_code == 422
    assert problem in refused.json()["problem"]
    assert refused.json()["fix"]


def at_once(work: Callable[[int], Any]) -> list[Any]:
    """What `work(0)` to `work(7)` give, all begun together."""
    barrier = Barrier(THREADS)

    def begun(number: int) -> Any:
        barrier.wait(timeout=60)
        return work(number)

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(begun, range(THREADS)))


def test_requests_at_the_same_time_get_their_own_answers(client: TestClient, tiny_bundle: Path) -> None:
    texts = [[f"{text} {number}" for text in STATEMENTS] for number in range(THREADS)]
    expected = [[answer.to_row() for answer in load(tiny_bundle).predict(own, PROPOSALS)] for own in texts]
    answers = at_once(lambda number: client.post("/predict", json={"statements": texts[number], "proposals": PROPOSALS}).json())
    assert answers == expected


@pytest.fixture(params=["onnx", "torch"])
def model(request: pytest.FixtureRequest, tiny_bundle: Path, tiny_run: Path, one_thread: None) -> StanceModel:
    model = load(tiny_bundle if request.param == "onnx" else tiny_run)
    assert model.scorer.name.startswith("onnxruntime" if request.param == "onnx" else "torch")
    return model


def pairs(number: int) -> list[Pair]:
    """Of many lengths, and other ones for each thread."""
    words = " ".join(STATEMENTS).split()
    return [(" ".join(words[: 1 + (turn * (number + 3)) % len(words)]), PROPOSALS[(turn + number) % 3]) for turn in range(150)]


def test_eight_threads_share_a_model_and_get_the_answers_of_one(model: StanceModel) -> None:
    asked = [pairs(number) for number in range(THREADS)]
    expected = [model.predict_pairs(own) for own in asked]
    assert len({answer.confidence for answer in expected[0]}) > 10
    for _ in range(3):
        assert at_once(lambda number: model.predict_pairs(asked[number])) == expected


def test_eight_streams_of_one_model_do_not_mix(model: StanceModel) -> None:
    asked = [pairs(number) for number in range(THREADS)]
    expected = [model.predict_pairs(own) for own in asked]
    streams = [model.predict_many(iter(own)) for own in asked]
    first = at_once(lambda number: next(streams[number]))
    rest = at_once(lambda number: list(streams[number]))
    assert [[one, *more] for one, more in zip(first, rest, strict=True)] == expected

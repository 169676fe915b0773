"""What tests of a search share: the settings of one that takes seconds, and a search.json made up."""

from collections.abc import Callable
from typing import Any

from stancekit.config import SearchConfig, TrainConfig
from stancekit.training.outcome import outcome

Configured = Callable[..., TrainConfig]
Searching = Callable[..., SearchConfig]
OPTIM = {"epochs": 3, "batch_size": 10, "learning_rate": 0.001}
SPACE = {"optim.learning_rate": {"low": 1e-7, "high": 0.05, "log": True}, "model.head": {"choices": ["cls", "mean"]}}
SEARCH = {"trials": 6, "random_trials": 3, "seeds": [101, 102], "pruner": {"after_trials": 2, "after_evaluations": 0}, "space": SPACE}
RETRAINED = {"best": {101: 0.49, 102: 0.51, 103: 0.5}, "start": {101: 0.47, 102: 0.5, 103: 0.51}}


def made_trials(text: str) -> list[dict[str, Any]]:
    """Nine trials of three keys: five complete, the best with 0.53 as number 4, three given up, one failed with `text`."""
    states = ["complete", "complete", "pruned", "complete", "complete", "pruned", "failed", "complete", "pruned"]
    values = [0.48, 0.44, 0.31, 0.5, 0.53, 0.4, 0.0, 0.52, 0.47]
    return [
        {
            "number": number,
            "state": state,
            "macro_f1": value if state == "complete" else None,
            "parameters": {
                "optim.learning_rate": 3e-5 * 1.5**number,
                "optim.epochs": 1 + number % 3,
                "encoder": "minilm" if number % 2 else text,
            },
            "evaluations": [] if state == "failed" else [value - 0.05, value],
            "seconds": 61.5,
            **({"fault": text} if state == "failed" else {}),
        }
        for number, (state, value) in enumerate(zip(states, values, strict=True))
    ]


def made_result(text: str = "a-longer-encoder", importances: dict[str, float] | None = None) -> dict[str, Any]:
    """The content of a search.json. text: stands for what comes from outside."""
    space = {
        "optim.learning_rate": {"low": 3e-5, "high": 1e-3, "log": True, "choices": []},
        "optim.epochs": {"low": 1, "high": 3, "log": False, "choices": []},
        "encoder": {"low": None, "high": None, "log": False, "choices": ["minilm", text]},
    }
    shares = {"optim.learning_rate": 0.72, "encoder": 0.19, "optim.epochs": 0.09} if importances is None else importances
    settings = {"trials": 9, "seed": 1, "random_trials": 4, "time_limit": None, "seeds": [101, 102, 103], "space": space}
    return {"name": text, "search": settings, "seed": 13, **outcome(made_trials(text), RETRAINED, shares)}

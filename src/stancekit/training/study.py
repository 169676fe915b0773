"""The trials of a search in one SQLite file, through Optuna: what is tried next, what came of it, what is given up."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import optuna
from optuna.importance import FanovaImportanceEvaluator, get_param_importances
from optuna.pruners import BasePruner, MedianPruner, NopPruner
from optuna.samplers import TPESampler
from optuna.storages import RDBStorage
from optuna.trial import FrozenTrial, Trial, TrialState

from stancekit.config import Dimension, SearchConfig, SearchSection, value_at
from stancekit.training.callbacks import Watch

FILE, NAME = "trials.sqlite", "search"
# optuna.TrialPruned, raised by a watch; a trainer must not know of Optuna.
Pruned = optuna.TrialPruned
STATES = {TrialState.COMPLETE: "complete", TrialState.PRUNED: "pruned", TrialState.FAIL: "failed"}
SECONDS, FAULT = "seconds", "fault"


class Study:
    """The study of a search's folder, made where there is none.

    The starting config is the first trial where the space holds its values. What a trial tries follows from its number and
    the trials before it alone, so a search that was interrupted tries what it would have tried.
    """

    def __init__(self, config: SearchConfig) -> None:
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self.search: SearchSection = config.search
        self._storage = RDBStorage(f"sqlite:///{(config.output / FILE).resolve()}")
        pruner = _pruner(config.search)
        self._study = optuna.create_study(storage=self._storage, study_name=NAME, direction="maximize", pruner=pruner, load_if_exists=True)
        start = {key: value_at(config, key) for key in self.search.space}
        if not self._study.trials and all(self.search.space[key].holds(value) for key, value in start.items()):
            self._study.enqueue_trial(start)

    def next(self) -> Trial:
        """The trial that was cut off, or else a new one, with all its parameters."""
        begun = [one for one in self._study.trials if one.state != TrialState.WAITING]
        cut = [one.number for one in begun if one.state == TrialState.RUNNING]
        number = cut[0] if cut else len(begun)
        # A sampler's own state would be lost with its process, and its first draws made again.
        seed = int(np.random.SeedSequence([self.search.seed, number]).generate_state(1)[0])
        self._study.sampler = TPESampler(seed=seed, n_startup_trials=self.search.random_trials, multivariate=False)
        if cut:
            study_id = self._storage.get_study_id_from_name(NAME)
            trial = Trial(self._study, self._storage.get_trial_id_from_study_id_trial_number(study_id, number))
        else:
            trial = self._study.ask()
        for key, dimension in self.search.space.items():
            _draw(trial, key, dimension)
        return trial

    @property
    def is_cut_off(self) -> bool:
        """Whether a trial was begun and not ended."""
        return any(one.state == TrialState.RUNNING for one in self._study.trials)

    def watch(self, trial: Trial, clock: Callable[[], float]) -> Watch:
        """What a training calls after each evaluation of this trial; raises Pruned where it is to be given up. clock: seconds so far."""
        reported = set(self._study.trials[trial.number].intermediate_values)

        def report(number: int, macro_f1: float, is_last: bool) -> None:
            trial.set_user_attr(SECONDS, clock())
            # Killed between the report and the checkpoint, a training makes this evaluation again.
            if number not in reported:
                trial.report(macro_f1, number)
            # Given up at its end, a training would save no time and lose its macro-F1.
            if not is_last and trial.should_prune():
                raise Pruned

        return report

    def end(self, trial: Trial, state: str, seconds: float, macro_f1: float | None = None, fault: str | None = None) -> None:
        """Put down for good what came of a trial. macro_f1: where it is complete. fault: why it failed."""
        trial.set_user_attr(SECONDS, seconds)
        if fault is not None:
            trial.set_user_attr(FAULT, fault)
        named = next(one for one, name in STATES.items() if name == state)
        self._study.tell(trial, macro_f1, state=named)

    def ended(self) -> list[dict[str, Any]]:
        """The trials that are done with, in their order, as plain values."""
        return [_plain(one) for one in self._study.trials if one.state in STATES]

    def seconds_of(self, trial: Trial) -> float:
        """Seconds that a cut-off trial had taken by its last evaluation."""
        return float(self._study.trials[trial.number].user_attrs.get(SECONDS, 0.0))

    def note(self, name: str, value: float) -> None:
        """Keep the macro-F1 of a training that is no trial."""
        self._study.set_user_attr(name, value)

    def noted(self, name: str) -> float | None:
        """What `note` kept, None where there is nothing."""
        return self._study.user_attrs.get(name)

    def importances(self) -> dict[str, float]:
        """Share of the variation of macro-F1 that each key explains (fANOVA, Hutter et al. 2014), the largest first.

        Over complete trials. Empty where there are fewer than two, or all have the same value.
        """
        values = {one["macro_f1"] for one in self.ended() if one["state"] == "complete"}
        if len(values) < 2:
            return {}
        try:
            found = get_param_importances(self._study, evaluator=FanovaImportanceEvaluator(seed=self.search.seed))
        except RuntimeError:
            # No tree of the forest saw any variation.
            return {}
        return {key: float(share) for key, share in found.items()}

    def close(self) -> None:
        """Leave the file to others: nothing is written to it any more."""
        self._storage.remove_session()
        self._storage.engine.dispose()


def _pruner(search: SearchSection) -> BasePruner:
    if search.pruner.kind == "none":
        return NopPruner()
    # The first evaluation has the number 1.
    return MedianPruner(n_startup_trials=search.pruner.after_trials, n_warmup_steps=search.pruner.after_evaluations + 1)


def _draw(trial: Trial, key: str, dimension: Dimension) -> None:
    if dimension.range is None:
        trial.suggest_categorical(key, dimension.choices)
        return
    low, high = dimension.range
    if isinstance(low, int) and isinstance(high, int):
        trial.suggest_int(key, low, high, log=dimension.log)
    else:
        trial.suggest_float(key, low, high, log=dimension.log)


def _plain(trial: FrozenTrial) -> dict[str, Any]:
    state = STATES[trial.state]
    evaluations: Mapping[int, float] = trial.intermediate_values
    return {
        "number": trial.number,
        "state": state,
        "macro_f1": trial.value if state == "complete" else None,
        "parameters": dict(trial.params),
        "evaluations": [evaluations[number] for number in sorted(evaluations)],
        "seconds": trial.user_attrs.get(SECONDS),
        **({"fault": trial.user_attrs[FAULT]} if FAULT in trial.user_attrs else {}),
    }

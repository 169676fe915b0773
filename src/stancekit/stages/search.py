"""`stancekit train --search`: many trainings around one config, the best of them trained again beside the starting config."""

import importlib.util
import logging
import shutil
from collections.abc import Mapping
from gc import collect
from importlib import metadata
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from stancekit.config import SearchConfig, TrainConfig, Value, sample_configs, train_config
from stancekit.config.search import faults_of_space
from stancekit.config.writing import toml_text
from stancekit.data.examples import read_examples
from stancekit.errors import StancekitError
from stancekit.files import write_json, write_text
from stancekit.manifest import Receipt, stage_of
from stancekit.reports.page import counted
from stancekit.reports.search import search_page
from stancekit.stages.check import check_trainable
from stancekit.stages.train import train
from stancekit.training import folder
from stancekit.training.outcome import best_of, outcome
from stancekit.training.processes import check_alone

if TYPE_CHECKING:
    from optuna.trial import Trial

    from stancekit.training.callbacks import Watch
    from stancekit.training.study import Study

LOG = logging.getLogger("stancekit")
RESULT, BEST, PAGE, TRIALS, RETRAINED = "search.json", "best.toml", "report.html", "trials", "retrained"


def search(config: SearchConfig, resume: bool = False) -> dict[str, Any]:
    """Run the trials, train the best and the starting config again, and return the content of search.json.

    resume: go on with an interrupted search, whose finished trials are not run again and whose cut-off one goes on from
    its last checkpoint. Raises StancekitError before torch is loaded when data, config or folder do not fit.
    """
    _check(config)
    folder.refuse_used(config, resume)
    receipt = Receipt("search", folder.settings(config), folder.inputs_of(config), config.search.seed)
    folder.take(config, resume)
    from stancekit.training.study import Study

    study = Study(config)
    while _goes_on(config, study):
        _try(config, study, study.next())
        _keep_the_best(config, study)
    best = best_of(study.ended())
    if best is None:
        raise StancekitError(f"no trial of {config.output} came to its end", fix="mend search.space, and search to another output")
    retrained = _train_again(config, study, best["parameters"])
    found = outcome(study.ended(), retrained, study.importances())
    study.close()
    return _write(config, found, receipt)


def _check(config: SearchConfig) -> None:
    if importlib.util.find_spec("optuna") is None:
        raise StancekitError("a search needs the package optuna", fix="pip install 'stancekit[search]'")
    check_alone("a search")
    faults = faults_of_space(config)
    if faults:
        raise StancekitError.of_faults("the search", faults, fix="edit these keys and run again")
    for absent in check_trainable("the search", sample_configs(config)):
        read_examples(absent)


def _goes_on(config: SearchConfig, study: "Study") -> bool:
    # A trial that was begun is ended, whatever the time.
    if study.is_cut_off:
        return True
    ended, limit = study.ended(), config.search.time_limit
    if limit is not None and sum(one["seconds"] or 0.0 for one in ended) >= 60 * limit and len(ended) < config.search.trials:
        LOG.info("the time limit of %g minutes is reached after %d trials", limit, len(ended))
        return False
    return len(ended) < config.search.trials


def _try(config: SearchConfig, study: "Study", trial: "Trial") -> None:
    import torch

    from stancekit.training.study import Pruned

    began = monotonic() - study.seconds_of(trial)

    def clock() -> float:
        return round(monotonic() - began, 2)

    LOG.info("trial %d (%d of %d): %s", trial.number, trial.number + 1, config.search.trials, _words(trial.params))
    try:
        run = train_config(config, trial.params, config.output / TRIALS / f"{trial.number:03d}")
        macro_f1 = _macro_f1(run, study.watch(trial, clock))
    except Pruned:
        study.end(trial, "pruned", clock())
    except (StancekitError, torch.OutOfMemoryError) as fault:
        study.end(trial, "failed", clock(), fault=str(fault))
        # Before anything has gone well, it is rather the data or the space that is wrong.
        if best_of(study.ended()) is None and isinstance(fault, StancekitError):
            raise
    else:
        study.end(trial, "complete", clock(), macro_f1)
    _tell(study.ended()[-1], best_of(study.ended()))


def _macro_f1(run: TrainConfig, watch: "Watch | None" = None) -> float:
    # Killed after its last word, a run is finished and its result not yet put down.
    done = stage_of(run.output) == "train"
    # The Trainer and the model of a pruned or failed trial hold each other, and memory that this one needs.
    collect()
    metrics = folder.metrics(run.output) if done else train(run, resume=True, watch=watch)
    return float(metrics["validation"]["macro_f1"])


def _tell(trial: Mapping[str, Any], best: Mapping[str, Any] | None) -> None:
    last = (
        f"pruned after {counted(len(trial['evaluations']), 'evaluation')}"
        if trial["state"] == "pruned"
        else f"failed: {trial.get('fault')}"
    )
    what = f"macro-F1 {trial['macro_f1']:.3f}" if trial["state"] == "complete" else last
    so_far = f"; best {best['macro_f1']:.3f} (trial {best['number']})" if best else ""
    LOG.info("trial %d: %s in %.0f s%s", trial["number"], what, trial["seconds"], so_far)


def _keep_the_best(config: SearchConfig, study: "Study") -> None:
    """Of each trial that lost, only its metrics stay: checkpoints are large."""
    best = best_of(study.ended())
    for trial in study.ended():
        if best is None or trial["number"] != best["number"]:
            _strip(config.output / TRIALS / f"{trial['number']:03d}")


def _strip(run: Path) -> None:
    for entry in run.iterdir() if run.is_dir() else ():
        if entry.is_dir():
            shutil.rmtree(entry)
        elif entry.name != folder.METRICS:
            entry.unlink()
    if run.is_dir() and not any(run.iterdir()):
        run.rmdir()


def _train_again(config: SearchConfig, study: "Study", best: Mapping[str, Value]) -> dict[str, dict[int, float]]:
    """Macro-F1 by seed of the starting and the best config; trained once where they are the same."""
    same = _settings(config, best) == _settings(config, {})
    scores: dict[str, dict[int, float]] = {"start": {}, "best": {}}
    for role, parameters in (("start", {}), ("best", best)):
        for seed in config.search.seeds:
            name = f"{'start' if same else role}-{seed}"
            run = train_config(config, parameters, config.output / RETRAINED / name, seed)
            if (known := study.noted(name)) is None:
                LOG.info("the %s config again, with seed %d", "best" if role == "best" else "starting", seed)
                known = _macro_f1(run)
                study.note(name, known)
            _strip(run.output)
            scores[role][seed] = known
    return scores


def _settings(config: SearchConfig, parameters: Mapping[str, Value]) -> dict[str, Any]:
    return folder.settings(train_config(config, parameters, config.output))


def _write(config: SearchConfig, found: dict[str, Any], receipt: Receipt) -> dict[str, Any]:
    result = {"name": config.output.name, "search": config.search.model_dump(mode="json"), "seed": config.seed, **found}
    output = config.output.with_name(f"{config.output.name}-best")
    best = train_config(config, found["best"]["parameters"], output)
    command = f"stancekit train {config.output / BEST}\n\nThe best trial of {config.output}; {RESULT} there says how it holds up."
    write_text(config.output / BEST, toml_text(best.model_dump(mode="json", exclude_unset=True), command))
    write_json(config.output / RESULT, result)
    write_text(config.output / PAGE, search_page(result))
    receipt.write(config.output, optuna=metadata.version("optuna"))
    return result


def _words(parameters: Mapping[str, Value]) -> str:
    return ", ".join(f"{key} = {f'{value:.3g}' if isinstance(value, float) else value}" for key, value in parameters.items())

"""The processes of one training, under accelerate launch or torchrun; alone there is one."""

import gc
import os
from typing import TYPE_CHECKING

from stancekit.config import TrainConfig
from stancekit.errors import StancekitError
from stancekit.modeling.devices import Device, resolve_device

if TYPE_CHECKING:
    from accelerate import PartialState


def check_launch(config: TrainConfig) -> None:
    """Raise StancekitError for a way of launching that this training does not go with."""
    if _is_set("ACCELERATE_USE_DEEPSPEED"):
        raise StancekitError("DeepSpeed is not supported", fix="launch over several GPUs without it, or with FSDP (docs/cluster.md)")
    if _is_set("ACCELERATE_USE_FSDP"):
        _check_sharded(config)


def check_alone(what: str) -> None:
    """Raise StancekitError where several processes were started for work that one does: trainings one after the other."""
    if int(os.environ.get("WORLD_SIZE", "1")) > 1:
        raise StancekitError(f"{what} runs in one process", fix="start it without torchrun or accelerate launch")


def _check_sharded(config: TrainConfig) -> None:
    from accelerate.utils import DistributedType

    if os.environ.get("FSDP_VERSION", "1") != "2":
        raise StancekitError("FSDP is supported in its second version alone", fix="set fsdp_version: 2 under fsdp_config")
    every = [config, *map(config.stage, config.stages)]
    named = ["model.lora"] if config.model.lora else []
    named += ["optim.averaging"] if any(one.optim.averaging for one in every) else []
    if named:
        raise StancekitError(f"{' and '.join(named)} needs the whole model on each device, and FSDP shards it", fix="launch without FSDP")
    # Elsewhere accelerate would train unsharded without a word.
    if state_of(resolve_device(config.hardware.device)).distributed_type in (DistributedType.NO, DistributedType.MULTI_CPU):
        raise StancekitError("FSDP needs several processes with a GPU each", fix="launch without FSDP")


def _is_set(variable: str) -> bool:
    return os.environ.get(variable, "false").lower() in ("true", "1")


def state_of(device: Device) -> "PartialState":
    """Who this process is among the others. The first call decides for all what they talk over, the Trainer too."""
    from accelerate import PartialState

    return PartialState(cpu=device == "cpu")


def leave() -> None:
    """Take leave of the others: nothing is trained after this."""
    from accelerate import PartialState

    PartialState().destroy_process_group()
    # The trainer's model refers to the group and, in a ring, to itself. A thread of the group's that is left to the end of the
    # interpreter may want its lock when there is none any more, and aborts the process (pytorch pull request 179291).
    gc.collect()

"""`stancekit` in a process whose accelerate takes the processor for a GPU, as it shards over GPUs alone: FSDP over gloo.

Run by a launcher in place of `-m stancekit`.
"""

import torch
from accelerate.state import PartialState
from accelerate.utils import DistributedType

from stancekit.cli import main


def _backend(*_: object, **__: object) -> tuple[str, DistributedType]:
    return "gloo", DistributedType.MULTI_GPU


def _device(self: PartialState) -> None:
    self.device = torch.device("cpu")


PartialState._prepare_backend = _backend
PartialState.set_device = _device
torch.distributed.init_process_group("gloo")
main()

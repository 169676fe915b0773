"""The processes of one training, under accelerate launch or torchrun; alone there is one."""

from typing import TYPE_CHECKING

from stancekit.modeling.devices import Device

if TYPE_CHECKING:
    from accelerate import PartialState


def state_of(device: Device) -> "PartialState":
    """Who this process is among the others. The first call decides for all what they talk over, the Trainer too."""
    from accelerate import PartialState

    return PartialState(cpu=device == "cpu")


def leave() -> None:
    """Take leave of the others: nothing is trained after this."""
    from accelerate import PartialState

    PartialState().destroy_process_group()

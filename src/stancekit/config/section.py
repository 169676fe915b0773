"""What all configs share."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

# numpy and scikit-learn take no others.
Seed = Annotated[int, Field(ge=0, lt=2**32)]


class Section(BaseModel):
    """Base of all configs: unknown keys are faults, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, coerce_numbers_to_str=True)

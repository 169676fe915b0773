"""Who does the work of a long job: what each of them must be able to do, whether it is this process, others beside it, or a cluster."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Generic, Protocol, TypeVar

Given = TypeVar("Given")
Made = TypeVar("Made")
Given_contra = TypeVar("Given_contra", contravariant=True)
Made_co = TypeVar("Made_co", covariant=True)


class Hand(Protocol[Given_contra, Made_co]):
    """A loaded model that does one piece of work after another. identity: hash of all that its results depend on, see StanceModel."""

    @property
    def identity(self) -> str:
        """See above."""

    def part(self, given: Given_contra, /) -> Made_co:
        """Do one piece of work: the same result whoever does it, and whenever."""


class Duty(Protocol[Given_contra, Made_co]):
    """What makes a hand, in any process and on any machine."""

    def begin(self, closes: ExitStack, threads: int | None = None) -> Hand[Given_contra, Made_co]:
        """Load the model. closes: takes what must be closed in the end. threads: of the CPU, None for every core."""


class Crew(Protocol[Given_contra, Made_co]):
    """Several hands, or one. identity: of the model that they have."""

    identity: str

    def parts(self, work: Iterator[Given_contra], /) -> Iterator[Made_co]:
        """What comes of each piece of work, in any order; pieces are taken as they are needed."""


class Alone(Generic[Given, Made]):
    """The work done by this process."""

    def __init__(self, hand: Hand[Given, Made]) -> None:
        self._hand = hand
        self.identity = hand.identity

    def parts(self, work: Iterator[Given]) -> Iterator[Made]:
        """See Crew; in the order of the work."""
        return map(self._hand.part, work)

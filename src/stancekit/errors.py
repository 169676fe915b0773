"""The only error that a user of stancekit is meant to see, and the collecting of several into one."""

from collections.abc import Sequence
from dataclasses import dataclass, field


class StancekitError(Exception):
    """Something that the user must mend.

    problem: what is wrong and where (file, line, value). fix: what to do about it.
    """

    exit_code = 2

    def __init__(self, problem: str, fix: str) -> None:
        super().__init__(problem, fix)
        self.problem = problem
        self.fix = fix

    def __str__(self) -> str:
        return f"{self.problem}\n  fix: {self.fix}"

    @classmethod
    def of_faults(cls, subject: str, faults: Sequence[str], fix: str, shown: int = 20) -> "StancekitError":
        """One error for all faults of `subject`, the first `shown` of them in full."""
        listed = [f"  {fault}" for fault in faults[:shown]]
        if len(faults) > shown:
            listed.append(f"  ... and {len(faults) - shown} more")
        count = f"{len(faults)} problem{'s' if len(faults) != 1 else ''}"
        return cls("\n".join([f"{subject} has {count}", *listed]), fix)


class Refusal(StancekitError):
    """A gate or check said no: the input was fine, the outcome is not good enough."""

    exit_code = 1


def reason(fault: BaseException) -> str:
    """The first line of a library's message, or the name of the exception where it says nothing."""
    return next((line for line in str(fault).splitlines() if line.strip()), type(fault).__name__)


@dataclass(slots=True)
class Faults:
    """Collects what is wrong with one input, so that everything is reported at once."""

    subject: str
    found: list[str] = field(default_factory=list)

    def add(self, where: str, what: str) -> None:
        """Note one fault and its place."""
        self.found.append(f"{where}  {what}")

    def raise_any(self, fix: str) -> None:
        """Raise one StancekitError for all that was found; do nothing when nothing was."""
        if self.found:
            raise StancekitError.of_faults(self.subject, self.found, fix)

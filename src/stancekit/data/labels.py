"""A label of the newsroom corpus: one stance, whose it is, and the rules of data/README.md for its tags and voice."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from stancekit.stance import Stance

Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
Text = Annotated[str, Field(min_length=1, pattern=r"\S")]
Tag = Literal[
    "explicit", "implicit", "negation", "reported", "rebuttal", "conditional", "partial", "hedge",
    "irony", "pronoun", "two-voices", "question", "fact", "balanced", "off-topic",
]  # fmt: skip
Rung = Literal["explicit", "implicit"]
RUNGS = {"explicit", "implicit"}
NEUTRAL_ONLY = {"fact", "balanced", "off-topic"}
NEUTRAL_KINDS = NEUTRAL_ONLY | {"hedge", "question"}
SIDE_ONLY = RUNGS | {"rebuttal", "conditional", "partial"}
PRONOUNS = {
    "i", "me", "my", "we", "us", "our", "you", "your", "he", "him", "his", "she", "her", "it", "its", "they", "them", "their",
    "one", "this", "that", "these", "those", "the other", "the others", "the former", "the latter",
}  # fmt: skip


class Strict(BaseModel):
    """Base of all parts of the corpus: unknown keys are faults, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Label(Strict):
    """A stance toward one proposal and whose it is; span: characters of the holder's name in the sentence."""

    proposal: Slug
    stance: Stance
    holder: Text | None
    holder_id: Slug | None
    span: tuple[int, int] | None = None
    voice: Literal["author", "cited", "denied"]
    tags: list[Tag]

    @model_validator(mode="after")
    def _holds_together(self) -> "Label":
        faults = [*_voice_faults(self), *_tag_faults(self)]
        if faults:
            raise ValueError("; ".join(faults))
        return self


def _voice_faults(label: Label) -> Iterator[str]:
    if (label.holder is None) != (label.span is None):
        yield "holder and span go together"
    if label.voice == "author" and (label.holder is not None or label.holder_id not in (None, "author")):
        yield "the author's voice has no holder, and holder_id author or null"
    if label.voice != "author" and (label.holder is None or label.holder_id is None):
        yield f"a {label.voice} voice needs holder, holder_id and span"
    if label.stance is not Stance.NEUTRAL and label.holder_id is None:
        yield f"{label.stance} needs a holder_id"
    if label.stance is not Stance.NEUTRAL and label.voice == "denied":
        yield "a denied voice is neutral"
    if label.voice != "author" and label.holder_id == "author":
        yield f"holder_id author in a {label.voice} voice"


def _tag_faults(label: Label) -> Iterator[str]:
    tags: set[str] = set(label.tags)
    if len(tags) != len(label.tags):
        yield "a tag stands twice"
    if label.holder is not None and label.holder.lower() in PRONOUNS and "pronoun" not in tags:
        yield f"the holder {label.holder!r} is a pronoun and needs the tag pronoun"
    if label.voice == "author" and tags & {"pronoun", "reported"}:
        yield "the author's voice is neither pronoun nor reported"
    yield from _neutral_faults(label, tags) if label.stance is Stance.NEUTRAL else _side_faults(label, tags)


def _neutral_faults(label: Label, tags: set[str]) -> Iterator[str]:
    if tags & SIDE_ONLY:
        yield f"neutral cannot be {', '.join(sorted(tags & SIDE_ONLY))}"
    if "negation" in tags and label.voice != "denied":
        yield "a neutral hangs on a negation only where the voice is denied"
    if not tags & NEUTRAL_KINDS:
        yield f"neutral needs one of the tags {', '.join(sorted(NEUTRAL_KINDS))}"
    if "off-topic" in tags and tags & NEUTRAL_KINDS != {"off-topic"}:
        yield f"off-topic leaves no room for {', '.join(sorted(tags & NEUTRAL_KINDS - {'off-topic'}))}"


def _side_faults(label: Label, tags: set[str]) -> Iterator[str]:
    if len(tags & RUNGS) != 1:
        yield f"{label.stance} needs exactly one of the tags explicit, implicit"
    if tags & NEUTRAL_ONLY:
        yield f"{label.stance} cannot be {', '.join(sorted(tags & NEUTRAL_ONLY))}"

"""The main clause of a proposal, as far as rules may rewrite it; whatever they cannot be sure of is refused.

A rule that writes bad English or turns a side around by mistake teaches worse than no row at all. So this module looks
for reasons to refuse: scope (all, only, never), several clauses, questions, conditions, and parses that do not add up.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

    Parse = Callable[[Iterable[str]], Iterable[Doc]]

# What stands before a claim without touching its side.
FRAME = re.compile(r"(?:this house believes (?:that )?|i believe that )", re.IGNORECASE)
# Claims in title case: the parser knows "should be", but not "Should Be". Lower case keeps every offset.
SMALL_WORDS = re.compile(
    r"(?<!^)\b(?:Should|Must|Ought|Can|Will|Would|Has|Have|Does|Do|Not|Be|Been|Is|Are|Was|Were|To|The|A|An|Of|In|On|By|For|From|As|And|Or|With)\b"
)
FINITE = ("MD", "VBZ", "VBP", "VBD")
SUBJECTS = ("nsubj", "nsubjpass", "csubj", "csubjpass", "expl")
NEGATIONS = ("not", "n't", "n’t")
# A negation and one of these may be read in two orders ("all ... not"), or mean another thing ("not only").
SCOPE = {
    "all", "any", "anybody", "anyone", "anything", "every", "everybody", "everyone", "everything", "each", "some", "somebody",
    "someone", "something", "somewhat", "no", "none", "nobody", "nothing", "nowhere", "never", "always", "sometimes", "often",
    "usually", "both", "either", "neither", "nor", "most", "many", "few", "several", "only", "also", "even", "just", "still",
    "already", "yet", "ever", "too", "almost", "hardly", "rarely", "mostly", "mainly", "perhaps", "maybe", "once", "anymore",
    "anytime",
}  # fmt: skip
# Clauses that a negation may reach or not.
CLAUSES = {
    "if", "unless", "until", "because", "since", "so", "although", "though", "whereas", "but", "lest", "provided", "whenever",
}  # fmt: skip
MARKS = re.compile(r"[?!;:–—…]|--|\.\s*\S|,\s*(?:as|and|or|nor|not|while|which|who|yet)\b", re.IGNORECASE)
UNIVERSAL = ("all", "every", "everybody", "everyone")


class Edit(NamedTuple):
    """Put `text` in the place of the characters from `start` to `end`."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A main clause: `finite` is its inflected verb (a modal, an auxiliary or the verb itself), `verb` its main verb.

    negation: the `not` of this clause. text: as it was written; the offsets of the parse hold in it.
    """

    text: str
    frame: str
    subject: "Token"
    finite: "Token"
    verb: "Token"
    negation: "Token | None"

    @property
    def is_plain(self) -> bool:
        """Whether it begins with its subject, which stands right before its verb."""
        return bool(self.subject.left_edge.i == 0)

    def edited(self, *edits: Edit) -> str:
        """The whole proposal with these edits; white space that an edit leaves twice goes."""
        text = self.text
        for edit in sorted(edits, reverse=True):
            text = text[: edit.start] + edit.text + text[edit.end :]
        return self.frame + " ".join(text.split())


def read_proposals(proposals: Iterable[str], parse: "Parse") -> "Iterator[tuple[str, str, Doc]]":
    """Each proposal as its frame ("This house believes that "), the text after it, and the parse of that text."""
    parted = [(match.group() if (match := FRAME.match(text)) else "", text) for text in proposals]
    bodies = [text[len(frame) :] for frame, text in parted]
    docs = parse(SMALL_WORDS.sub(lambda word: word.group().lower(), body) for body in bodies)
    for (frame, _), body, doc in zip(parted, bodies, docs, strict=True):
        yield frame, body, doc


def refused(doc: "Doc", free: int = 0) -> bool:
    """Whether words or marks after the first `free` words forbid to rewrite the text by rule."""
    words = [token.lower_ for token in doc][free:]
    several = sum(1 for _ in doc.sents) != 1
    return bool(several or MARKS.search(doc.text) or not (SCOPE | CLAUSES).isdisjoint(words))


def main_clause(frame: str, body: str, doc: "Doc") -> Claim | None:
    """The main clause, or None where there is none or its parts do not stand as `subject verb rest`."""
    if len(doc.text) != len(body):
        return None
    verb = next(token for token in doc if token.dep_ == "ROOT")
    helpers = [child for child in verb.children if child.dep_ in ("aux", "auxpass") and child.i < verb.i]
    finite = next((helper for helper in helpers if helper.tag_ in FINITE), verb)
    subject = next((child for child in verb.children if child.dep_ in SUBJECTS and child.i < finite.i), None)
    if finite.tag_ not in FINITE or verb.pos_ not in ("VERB", "AUX") or subject is None or subject.right_edge.i + 1 != finite.i:
        return None
    negations = [token for token in doc if token.lower_ in NEGATIONS]
    negation = negations[0] if negations and negations[0].i == finite.i + 1 else None
    between = {token.i for token in doc[finite.i + 1 : verb.i]}
    known = {token.i for token in (*helpers, *negations[:1])}
    if len(negations) > (negation is not None) or not between <= known or _has_second_clause(verb):
        return None
    return Claim(body, frame, subject, finite, verb, negation)


def following(token: "Token") -> "Token | None":
    """The next token of the text, None behind the last."""
    return token.doc[token.i + 1] if token.i + 1 < len(token.doc) else None


def _has_second_clause(verb: "Token") -> bool:
    # "should be raised and lowered" is one predicate; "should raise fares and cut the service" may be negated by halves.
    for other in verb.conjuncts:
        own = any(child.dep_ in (*SUBJECTS, "aux", "auxpass", "dobj") for child in other.children)
        if own or other.i - verb.i > 2:
            return True
    return False

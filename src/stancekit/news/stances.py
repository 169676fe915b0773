"""The words by which a voice takes a side: rejects, backs, distances itself from."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from stancekit.news.contents import content_of
from stancekit.news.cues import words
from stancekit.news.judgements import JUDGING, judgement_of, thing_judged
from stancekit.news.negation import DEPTH, has_word, turns
from stancekit.news.polarity import (
    AGAINST,
    ASKS,
    ASSERTS,
    BAD,
    CHOICES,
    FAVOURS,
    FOR,
    GOOD,
    GRANTS,
    HOLDS_BACK,
    OPINIONS,
    OPPOSES,
    PHRASES_AGAINST,
    PHRASES_FOR,
    REFUSES,
    REPORTS,
    TAKING,
    UNDECIDED,
    WAITS,
)

if TYPE_CHECKING:
    from spacy.tokens import Token

Polarity = Literal[-1, 0, 1]
_SELF = frozenset({"i", "he", "she", "it", "they", "we"})
_WORDS = frozenset({"VERB", "AUX", "NOUN", "ADJ", "PROPN", "ADV", "INTJ", "DET"})
_COMPLEMENTS = ("acomp", "attr", "oprd", "dobj", "advmod", "amod", "xcomp", "ccomp", "nsubjpass")
_CARRIERS = TAKING | words("""
    be become declare feel file find get leave lodge look pronounce put raise register remain see seem show sound stand stay voice
""")


@dataclass(frozen=True, slots=True)
class Cue:
    """The word or words that report a position, at start and end in the sentence.

    polarity: 1 for what is welcomed or demanded, -1 for what is turned down, 0 for a voice that keeps out, None for a report without a
    side ("said"). It holds for the content of the cue and has negation in it ("did not reject" is 1 by its polarity, negated).
    "Distances itself from" is -1: those who report it mean more than silence, and the pair model has its say beside it.
    content: the characters of what is said, demanded, backed or turned down, None where the sentence does not tell or it is a pronoun.
    asks: whether the content is what somebody wants done, so that its own side toward a proposal is theirs.
    """

    text: str
    start: int
    end: int
    lemma: str
    polarity: Polarity | None = None
    negated: bool = False
    content: tuple[int, int] | None = None
    asks: bool = False

    def shifted(self, by: int) -> "Cue":
        """The same cue in a text with `by` more characters before it."""
        content = None if self.content is None else (self.content[0] + by, self.content[1] + by)
        return replace(self, start=self.start + by, end=self.end + by, content=content)


def keeps_out(cue: Cue | None) -> bool:
    """Whether the voice is told to have no side: only then is a neutral answer an opinion, "has not decided" and not mere silence."""
    return cue is not None and cue.polarity == 0


def read_cue(token: "Token") -> Cue:
    """The cue whose head word is `token`: a verb, noun or adjective, as rules for holders find it."""
    return _read(token, DEPTH)


def _read(token: "Token", depth: int) -> Cue:
    deciding = _deciding(token)
    side = _side(deciding)
    turned, held_back = turns(token, deciding)
    text, start, end = _place(token, [token, deciding])
    for nested in _nested(token, side) if depth and not turned and not held_back else ():
        inner = _read(nested, depth - 1)
        if inner.polarity == 0 or (inner.polarity is not None and token.lemma_.lower() not in GRANTS and nested.dep_ != "conj"):
            return replace(inner, text=text, start=start, end=end, lemma=token.lemma_.lower())
    polarity: Polarity | None = side
    if side == -1 and not turned and _denies(token):
        polarity = 0
    elif side in (1, -1):
        polarity = 0 if held_back else (-1 if side == 1 else 1) if turned else side
    elif _no_choice(token, deciding, turned or held_back):
        polarity = 0
    return Cue(
        text,
        start,
        end,
        lemma=token.lemma_.lower(),
        polarity=polarity,
        negated=turned or held_back,
        content=_content(token, deciding),
        asks=deciding.lemma_.lower() in ASKS | {"call"} and polarity == 1,
    )


def _content(token: "Token", deciding: "Token") -> tuple[int, int] | None:
    judging = bool({deciding.lower_, deciding.lemma_.lower()} & (GOOD | BAD)) and token.lemma_.lower() in JUDGING
    if deciding.i != token.i and judging:
        judged = thing_judged(token, deciding)
        if judged is not None:
            return judged
    found = content_of(deciding)
    if found is None and deciding.i != token.i:
        found = content_of(token)
    if found is not None and found[0] <= deciding.idx < found[1]:
        start = deciding.idx + len(deciding) + 1
        found = (start, found[1]) if start < found[1] else None
    return None if found is None or found[0] <= token.idx < found[1] else found


def _deciding(token: "Token") -> "Token":
    """The word that carries the side: the complement of "is", "has", "takes", and what is refused after "refuses"."""
    lemma = token.lemma_.lower()
    if lemma in REFUSES | HOLDS_BACK or (lemma in ("have", "be") and has_word(token, "yet")) or has_word(token, "short"):
        return next((_deciding(word) for word in _infinitives(token) if word.i > token.i), token)
    if lemma in _CARRIERS:
        for child in token.children:
            if child.dep_ in _COMPLEMENTS and _may_decide(child):
                return child
            if child.dep_ == "prep" and child.lower_ in ("in", "of", "on"):
                noun = next((word for word in child.children if word.dep_ == "pobj" and word.lemma_.lower() in FOR | AGAINST), None)
                if noun is not None:
                    return noun
    return (judgement_of(token) if lemma in JUDGING else None) or token


def _may_decide(word: "Token") -> bool:
    table = FOR | AGAINST | UNDECIDED | OPINIONS
    return word.lemma_.lower() in (table if word.pos_ in ("NOUN", "PROPN") else table | OPPOSES | FAVOURS)


def _infinitives(token: "Token") -> "list[Token]":
    found = [child for child in token.children if child.dep_ in ("xcomp", "ccomp", "acomp")]
    for link in (child for child in token.children if child.dep_ in ("prep", "acomp", "advmod", "prt")):
        found += [word for child in (link, *link.children) for word in child.children if word.dep_ in ("pcomp", "xcomp")]
    return found


def _side(word: "Token") -> Polarity | None:
    lemma = word.lemma_.lower()
    if word.pos_ == "NOUN" and lemma in OPINIONS:
        return None
    for child in word.children:
        phrase = f"{lemma}-{child.lower_}" if child.dep_ in ("prep", "prt", "advmod", "dative") else ""
        if phrase in PHRASES_AGAINST:
            return -1
        if phrase in PHRASES_FOR:
            # "came out against": the second preposition decides where the first only opens.
            opens = child.lower_ in ("out", "up") and any(has_word(one, "against") for one in (word, child))
            return -1 if opens else 1
    if lemma in UNDECIDED:
        return 0
    if word.pos_ in ("VERB", "AUX"):
        answer = next((child.lower_ for child in word.children if child.lower_ in ("yes", "no") and child.dep_ in ("intj", "dobj")), None)
        if answer is not None:
            return 1 if answer == "yes" else -1
        if lemma in ASSERTS and any(child.dep_ == "ccomp" for child in word.children):
            return None
        return 1 if lemma in FAVOURS else -1 if lemma in OPPOSES else None
    if lemma in ("no", "yes") and any(child.lower_ == "to" for child in word.children):
        return 1 if lemma == "yes" else -1
    # As nouns many verbs of the tables mean something else: a move, a ban, a sign.
    verbal = () if word.pos_ in ("NOUN", "PROPN") else ((FAVOURS, 1), (OPPOSES, -1))
    for table, side in ((FOR, 1), (AGAINST, -1), (GOOD, 1), (BAD, -1), *verbal):
        if lemma in table or word.lower_ in table:
            return 1 if side == 1 else -1
    return None


def _nested(token: "Token", side: Polarity | None) -> "Iterator[Token]":
    """Verbs whose own words tell more: of "said that she opposes" and "wants to stop", and of a report that goes on "and took no side"."""
    if side is not None and token.lemma_.lower() not in ASKS:
        return
    clause = next((child for child in token.children if child.dep_ in ("ccomp", "xcomp") and child.pos_ in _WORDS), None)
    if clause is not None and _is_own(token, clause):
        yield clause
    for child in token.children:
        if child.dep_ == "conj" and child.pos_ in ("VERB", "AUX") and not _subjects(child):
            yield child


def _subjects(word: "Token") -> "list[Token]":
    return [child for child in word.children if child.dep_ in ("nsubj", "nsubjpass")]


def _is_own(token: "Token", clause: "Token") -> bool:
    """Whether the clause is about the voice itself, or judges something."""
    subjects = _subjects(clause)
    if not subjects:
        return clause.dep_ == "xcomp" and not any(child.dep_ in ("dobj", "dative") and child.i < clause.i for child in token.children)
    judges = clause.lemma_.lower() in JUDGING and judgement_of(clause) is not None
    return judges or all(subject.lower_ in _SELF for subject in subjects)


def _denies(token: "Token") -> bool:
    if token.lemma_.lower() != "deny":
        return False
    clause = next((child for child in token.children if child.dep_ in ("ccomp", "xcomp")), None)
    if clause is not None:
        return _is_own(token, clause)
    return any(child.dep_ == "dobj" and child.lemma_.lower() in REPORTS for child in token.children)


def _no_choice(token: "Token", deciding: "Token", negated: bool) -> bool:
    lemma, lows = deciding.lemma_.lower(), {child.lower_ for child in deciding.children}
    if lemma in OPINIONS and token.lemma_.lower() in ("reserve", "keep", "await", "postpone", "delay", "defer"):
        return True
    if lemma in WAITS and not negated and lows & {"still", "would", "will", "until"}:
        return True
    if negated and (lemma in CHOICES or (lemma in OPINIONS and deciding.pos_ == "NOUN")):
        return True
    return lemma in CHOICES and bool(lows & {"neither", "nothing"})


def _place(token: "Token", parts: "list[Token]") -> tuple[str, int, int]:
    """Text, start and end of the cue: its words with their auxiliaries, where they stand close together."""
    helpers = [child for part in parts for child in part.children if child.dep_ in ("aux", "auxpass", "neg", "prt") and child.tag_ != "TO"]
    helpers += [
        child
        for part in parts
        for child in part.children
        if f"{part.lemma_.lower()}-{child.lower_}" in PHRASES_FOR | PHRASES_AGAINST and child.i > part.i
    ]
    found = sorted({word.i: word for word in (*parts, *helpers)}.values(), key=lambda word: word.i)
    if found[-1].i - found[0].i > len(found) + 1:
        found = [token]
    start, end = found[0].idx, found[-1].idx + len(found[-1])
    return token.doc.text[start:end], start, end

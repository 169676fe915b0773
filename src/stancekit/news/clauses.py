"""What the rules ask of a parsed sentence: subjects, owners, noun phrases, and whether a noun can be somebody."""

from typing import TYPE_CHECKING

from stancekit.news.cues import BODY_WORDS, FIRST_PERSON, NEUTER, PLURAL, QUANTITIES, SINGULAR, THINGS, words
from stancekit.news.names import is_human, is_name

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from spacy.tokens import Doc, Token

_CLAUSE_WORDS = frozenset({"VERB", "AUX", "SCONJ", "CCONJ"})
_UNNAMED = frozenset({"DATE", "TIME", "MONEY", "PERCENT", "LAW", "QUANTITY"})
_SUBJECTS = ("nsubj", "csubj", "expl")
_SUBORDINATE = {"relcl": 3, "acl": 2, "advcl": 1, "ccomp": 1, "pcomp": 1, "csubj": 1}
_CONTRASTS = words("although but though whereas while whilst")
_OBJECTS = words("him them me us")
_BODIES_TOO = words("center centre list project")
_NOT_VOICES = words("""
    anybody anyone anything each everybody everyone everything here nobody none nothing one something that there these this those what
    whatever which
""")


def phrase_end(doc: "Doc", start: int) -> int:
    """Where the noun phrase that starts at token `start` ends: before the next break or verb."""
    end = start
    while end < len(doc) and end - start < 12 and not is_break(doc[end]) and doc[end].pos_ not in _CLAUSE_WORDS - {"CCONJ"}:
        end += 1
    return end


def phrase_start(doc: "Doc", last: int) -> int:
    """Where the noun phrase that ends at token `last` starts; 0 too when a verb stands between it and the last break."""
    start = last + 1
    while start > 0 and last - start < 10 and not is_break(doc[start - 1]) and doc[start - 1].pos_ not in _CLAUSE_WORDS:
        start -= 1
    return start if start == 0 or is_break(doc[start - 1]) else 0


def phrase_head(doc: "Doc", start: int, end: int) -> "Token | None":
    """The head of the noun phrase doc[start:end]: its first proper name that no preposition governs, else its first noun or pronoun."""
    if start >= end or doc[start].pos_ not in ("DET", "PROPN", "NOUN", "ADJ", "NUM", "PRON") or doc[start].lower_ in _OBJECTS:
        return None
    head: Token | None = None
    for token in doc[start:end]:
        if token.pos_ == "ADP":
            break
        if token.tag_ in ("POS", "PRP$") or (token.i + 1 < end and doc[token.i + 1].tag_ == "POS"):
            continue
        # "Guild chair Mikkel Strand", "Deputy mayor": behind the name of a body or a title a role goes on.
        if head is not None and is_name(head) and not is_name(token) and not (token.pos_ == "NOUN" and is_human(token.lower_)):
            break
        if is_name(token) or token.pos_ in ("NOUN", "PRON", "PROPN", "NUM"):
            head = token
    return of_quantity(head) if head is not None else None


def has_content(verb: "Token") -> bool:
    """Whether a clause or a side ("against", "for") hangs on the verb."""
    if any(child.dep_ in ("ccomp", "xcomp") or child.lower_ in ("against", "for", "with") for child in verb.children):
        return True
    return any(token.lower_ == "that" for token in verb.doc[verb.i + 1 : verb.i + 6])


def subject_of(verb: "Token") -> "Token | None":
    """The subject of the verb, or of the verb it shares one with; passive subjects too."""
    for _ in range(6):
        subject = next((child for child in verb.children if child.dep_ in _SUBJECTS), None)
        if subject is not None:
            return subject
        # "The mayor, long counted among the critics, said": the parser gives the subject to the participle.
        for child in (*verb.children, *(word for left in verb.lefts if left.dep_ in ("advcl", "ccomp") for word in left.lefts)):
            if child.dep_ in ("nsubj", "nsubjpass"):
                return child
        if verb.dep_ not in ("conj", "xcomp", "advcl"):
            return None
        verb = verb.head
    return None


def owner_of(noun: "Token") -> "Token | None":
    """Whose or from whom the noun is ("Moscow's opposition", "an affidavit from the chamber")."""
    for child in noun.children:
        if child.dep_ == "poss" and may_speak(child):
            return child
        if child.dep_ in ("prep", "agent") and child.lower_ in ("from", "by", "among", "of"):
            head = next((word for word in child.children if word.dep_ == "pobj"), None)
            if head is not None and may_speak(head) and (child.lower_ != "of" or is_name(head)):
                return head
    return None


def may_speak(head: "Token") -> bool:
    """Whether the noun or pronoun can be somebody rather than something."""
    lower, lemma = head.lower_, head.lemma_.lower()
    if any(child.dep_ == "poss" and child.lower_ in ("your", "whose") for child in head.children):
        return False
    if lower in FIRST_PERSON | SINGULAR | PLURAL | NEUTER:
        return lower not in NEUTER or lower == "it"
    if lower in ("you", "who", "whoever") or (lower in _NOT_VOICES and of_quantity(head).i == head.i):
        return False
    if is_name(head):
        return head.ent_type_ not in _UNNAMED and (lower not in THINGS or head.ent_type_ == "PERSON" or _is_list(head))
    if lower in QUANTITIES or head.pos_ == "NUM":
        return bool(of_quantity(head).i != head.i or head.pos_ != "NUM")
    if lemma in THINGS or head.pos_ not in ("NOUN", "PROPN", "PRON"):
        return False
    return bool(is_human(lemma) or lemma in BODY_WORDS or head.tag_ == "NNS")


def _is_list(head: "Token") -> bool:
    # "The Civic List", "the Unity Project": parties and bodies are named so, a list by itself is none.
    return head.lower_ in _BODIES_TOO and any(child.dep_ == "compound" and is_name(child) for child in head.children)


def of_quantity(head: "Token") -> "Token":
    """Whom a quantity counts: "nobody at the Federation" and "most of the dockers" speak for the Federation and the dockers."""
    if head.lower_ not in QUANTITIES:
        return head
    # "One of them, Ada Varga, said".
    named = next((word for word in head.subtree if word.dep_ == "appos" and is_name(word) and word.i > head.i), None)
    if named is not None:
        return named
    for child in head.children:
        if child.dep_ == "prep" and child.lower_ in ("of", "at", "from", "in", "on"):
            noun = next((word for word in child.children if word.dep_ == "pobj"), None)
            if noun is not None:
                return noun
    return head


def stands_beside(verb: "Token") -> bool:
    """Whether the verb's clause stands beside the main one (and, while, a semicolon) rather than inside of what is said there."""
    while verb.dep_ != "ROOT":
        against = verb.dep_ == "advcl" and any(child.lower_ in _CONTRASTS for child in verb.children)
        if not (against or verb.dep_ == "conj" or (verb.dep_ in ("ccomp", "parataxis") and _parted(verb))):
            return False
        verb = verb.head
    return True


def _parted(verb: "Token") -> bool:
    # Two clauses side by side, which the parser makes one the complement of the other.
    between = verb.doc[min(verb.i, verb.head.i) : max(verb.i, verb.head.i)]
    if any(token.text in (";", "—", "–") for token in between):
        return True
    # "The Liberals welcomed it, the Greens had doubts": with an object of its own the later verb does not tell the clause before.
    listed = any(token.text == "," for token in between) and verb.i < verb.head.i
    return listed and any(child.dep_ == "dobj" and child.i > verb.head.i for child in verb.head.children)


def depth_of(token: "Token") -> int:
    """How far the word is below the main clause; relative clauses weigh most."""
    depth = 0
    while token.head.i != token.i:
        depth += _SUBORDINATE.get(token.dep_, 0)
        token = token.head
    return depth


def is_break(token: "Token") -> bool:
    """Whether the word is a punctuation mark that parts clauses."""
    return bool(token.is_punct) and token.text not in ("-", "(", "'s", "’s")


def ends_soon(verb: "Token") -> bool:
    """Whether a break follows the verb with nothing but its addressee between ("told reporters,")."""
    for token in verb.doc[verb.i + 1 : verb.i + 6]:
        if is_break(token) or token.is_space:
            return True
        if token.pos_ not in ("NOUN", "PROPN", "ADV", "ADP", "DET", "PRON", "PART", "ADJ", "NUM"):
            return False
    return bool(verb.i + 6 >= len(verb.doc))


def stretch_of(cue: "Token", first: "Token", others: "Sequence[Token]") -> tuple[int, int]:
    """Characters of the clause of `cue`, from the words that name its voice (`first`) on, without the clauses of the other cues."""
    inside = {token.i for token in cue.subtree} | set(range(min(first.left_edge.i, cue.i), max(first.i, cue.i) + 1))
    if cue.tag_ == "VBN" and first.i > cue.i:
        # "The initiative, backed by Washington": the participle is said of the noun before it.
        noun = next((token for token in reversed(cue.doc[: cue.i]) if not is_break(token)), cue)
        inside |= set(range(noun.left_edge.i if noun.pos_ in ("NOUN", "PROPN") else cue.i, cue.i))
    for other in others:
        if other.i in inside and not other.is_ancestor(cue):
            inside -= {token.i for token in other.subtree}
    start, end = _run_around(cue, inside)
    doc = cue.doc
    while end > start and (doc[end].is_punct or doc[end].dep_ == "cc"):
        end -= 1
    while start < end and (doc[start].is_punct or doc[start].dep_ in ("cc", "mark")):
        start += 1
    return doc[start].idx, doc[end].idx + len(doc[end])


def _run_around(token: "Token", words: "Collection[int]") -> tuple[int, int]:
    """The first and the last of the words in a row, given by their places, that the token stands among."""
    first = last = token.i
    while first - 1 in words:
        first -= 1
    while last + 1 in words:
        last += 1
    return first, last

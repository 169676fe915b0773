"""Everybody who has been named in an article so far, and who is meant when a later sentence names them in fewer words."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Literal

from stancekit.news.cues import PLURAL, SINGULAR
from stancekit.news.names import Kind, Mention, slug
from stancekit.news.world import Entity, entities, match_of, state_of_adjective, state_of_possessive


@dataclass(slots=True)
class Person:
    """One voice: a person, a body or a group.

    seen: sentence and place of the latest mention. spoke, led: the sentence it last held or was a subject in.
    """

    name: str
    kind: Kind
    titles: set[str] = field(default_factory=set)
    gender: Literal["m", "f"] | None = None
    seen: tuple[int, int] = (-1, -1)
    spoke: int = -1
    led: int = -1
    honorific: str | None = None
    sure: bool = True
    proper: bool = False
    entity: str | None = None
    words: list[str] = field(init=False)

    def __post_init__(self) -> None:
        self.rename(self.name)

    def rename(self, name: str) -> None:
        """Give the voice another name. words: of the name, as they are compared."""
        self.name, self.words = name, slug(name).split("-")

    @property
    def id(self) -> str:
        """Id of the state or institution; else the slug of the name, a lone surname with its title ("Councillor Medlock")."""
        if self.entity is not None:
            return self.entity
        found = slug(self.name if self.honorific is None or len(self.words) > 1 else f"{self.honorific} {self.name}")
        # "The author of the report" is cited; the bare word stands for the writer of the article.
        return f"the-{found}" if found == "author" else found

    @property
    def initials(self) -> str:
        """EU for European Union, in small letters."""
        return "".join(word[0] for word in self.name.split() if word[0].isupper()).lower()

    def see(self, at: int, start: int) -> None:
        """Note a mention; of one sentence, the first place counts, as subjects come first."""
        if at > self.seen[0] or self.seen[1] < 0:
            self.seen = (at, start)

    def salience(self, at: int, aside: bool) -> tuple[bool, int, int, bool, int, int]:
        """How readily a pronoun in sentence `at` means this voice; larger is readier."""
        spoke = self.spoke if at - self.spoke <= 3 else -1
        led = self.led if at - self.led <= 3 else -1
        return (self.led if aside else self.seen[0]) == at, max(spoke, led), spoke, self.sure, self.seen[0], -self.seen[1]


class Cast:
    """Those named so far, in an article read sentence by sentence; `meet` registers names, `refer` looks back for a pronoun."""

    def __init__(self) -> None:
        self._people: list[Person] = []
        self._speaker: Person | None = None
        # By each word that may lead to them: an article may name thousands.
        self._by_word: defaultdict[str, dict[int, Person]] = defaultdict(dict)

    def meet(self, mention: Mention, at: int) -> Person | None:
        """The voice that a name stands for, taken into the cast when it is new. None for pronouns and the like."""
        if mention.kind in ("pronoun", "author") or not slug(mention.core):
            return None
        words = slug(mention.core).split("-")
        entity = None if self._surname(words) else entity_named(mention.core, of_a_body=mention.kind == "body")
        known = self._known(mention, words) if entity is None else self._of_entity(entity)
        if known is None:
            known = Person(mention.core, mention.kind, sure=mention.sure)
            self._people.append(known)
        elif known.entity is None and len(mention.core.split()) > len(known.name.split()) and mention.core[:1].isupper():
            known.rename(mention.core)
        if mention.sure and not known.sure:
            known.kind, known.sure = mention.kind, True
        known.titles |= mention.titles
        known.honorific = known.honorific or mention.honorific
        # A person called Georgia is none of the state's voices.
        known.proper = known.entity is not None or ((known.proper or mention.proper) and known.id not in entities())
        known.gender = known.gender or mention.gender
        known.see(at, mention.start)
        known.led = at if mention.subject else known.led
        for word in {*known.words, *known.titles, known.initials}:
            self._by_word[word][id(known)] = known
        return known

    def first_person(self) -> Person | None:
        """The first person named: in an interview, the one who answers."""
        people = [one for one in self._people if one.kind == "person" and one.name[:1].isupper()]
        return next((one for one in people if one.sure and one.proper), people[0] if people else None)

    def label(self, mention: Mention, at: int) -> Person | None:
        """`meet` for the name before a colon, which says who speaks until another does."""
        self._speaker = self.meet(mention, at)
        return self._speaker

    def answering(self) -> Person | None:
        """Who answers in an interview: the one whose name stood last before a colon, else the first person named."""
        return self._speaker or self.first_person()

    def refer(self, mention: Mention, at: int, aside: bool) -> Person | None:
        """Whom a pronoun means: the first fitting voice of its own sentence, else one that has just spoken, else the latest named.

        aside: the pronoun stands in a mere tag (", she added,"); names around it that are no subjects are then what she speaks of.
        """
        before = [one for one in self._people if one.seen < (at, mention.start)]
        fitting = [one for one in before if _fits(mention, one)] or [one for one in before if _may_fit(mention, one)]
        found = max(fitting, key=lambda one: one.salience(at, aside), default=None)
        if found is not None:
            found.gender = found.gender or mention.gender
            found.see(at, mention.start)
            if mention.core in SINGULAR:
                found.kind, found.sure = "person", True
        return found

    def _surname(self, words: list[str]) -> bool:
        # "Ireland said" means Perrin Ireland where the article has one.
        named = self._sharing(words)
        return any(one.kind == "person" and one.entity is None and len(one.words) > 1 and one.words[-1:] == words for one in named)

    def _sharing(self, words: list[str]) -> list[Person]:
        """Those with one of these words in their name or titles, the latest mentioned first."""
        found = {key: one for word in words for key, one in self._by_word.get(word, {}).items()}
        return sorted(found.values(), key=lambda one: one.seen, reverse=True)

    def _of_entity(self, entity: Entity) -> Person:
        known = next((one for one in self._people if one.entity == entity.id), None)
        if known is None:
            known = Person(entity.name, "body", proper=True, entity=entity.id)
            self._people.append(known)
        return known

    def _known(self, mention: Mention, words: list[str]) -> Person | None:
        latest = self._sharing(words)
        same = next((one for one in latest if one.words == words), None)
        if same is not None:
            return same
        if mention.core[:1].isupper() and not mention.definite:
            return next((one for one in latest if _short_of(words, one, bool(mention.titles)) or _full_of(words, one)), None)
        if mention.definite and len(words) == 1:
            return next((one for one in latest if _described(words[0], one)), None)
        if mention.definite and mention.core[:1].isupper():
            return next((one for one in latest if one.kind != "person" and one.name[:1].isupper() and words[0] == one.words[0]), None)
        return None


def _fits(pronoun: Mention, one: Person) -> bool:
    if pronoun.core in SINGULAR:
        return one.kind == "person" and one.gender in (None, pronoun.gender)
    return one.kind == "body" or (one.kind == "group" and pronoun.core in PLURAL)


def _may_fit(pronoun: Mention, one: Person) -> bool:
    return not one.sure and one.name[:1].isupper() and one.gender in (None, pronoun.gender)


def _short_of(words: list[str], one: Person, titled: bool) -> bool:
    # "Zakharova" for "Maria Zakharova", "Corvane" for "Corvane Power", "EU" for "European Union".
    if not one.name[:1].isupper() or len(words) >= len(one.words):
        return False
    if one.kind == "person" or not one.sure:
        return words == one.words[-len(words) :] or (not titled and words == one.words[: len(words)])
    if titled:
        return False
    return words == one.words[: len(words)] or words == [one.initials]


def _full_of(words: list[str], one: Person) -> bool:
    return len(one.words) == 1 < len(words) and one.name[:1].isupper() and words[-1] == one.words[0]


def _described(noun: str, one: Person) -> bool:
    # "the minister" for somebody titled so, "the ministry" or "the Federation" for a body whose name has that word as its head.
    if noun in one.titles:
        return True
    heads = {one.words[-1]} | ({one.words[one.words.index("of") - 1]} if "of" in one.words[1:] else set())
    return one.kind in ("body", "group") and len(one.words) > 1 and noun in heads


def entity_named(name: str, of_a_body: bool = False) -> Entity | None:
    """The state or institution that speaks under this name; the people of a state do not speak for it, its government does.

    of_a_body: the name is taken for that of no person, so that "Georgia" is the state.
    """
    first, _, last = name.rpartition(" ")
    if last == "government" and first:
        return state_of_adjective(first) or state_of_possessive(first)
    match = match_of(name)
    if match is None or match.by in ("adjective", "people"):
        return None
    # Every country has its Senate.
    state = of_a_body and match.by == "name" and match.entity.kind == "state"
    return match.entity if state or not match.ambiguous else None

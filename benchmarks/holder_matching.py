"""When a holder that the rules found is the holder that the labels mean. Used by benchmarks/holders.py, which says the rule in full."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from stancekit.data.corpus import LabelledArticle
from stancekit.data.labels import Label
from stancekit.news.cues import FIRST_PERSON, NEUTER, PLURAL, SINGULAR, TITLES
from stancekit.news.holders import Holder
from stancekit.news.names import slug

PRONOUNS = FIRST_PERSON | SINGULAR | PLURAL | NEUTER | {"who", "one"}
DETERMINERS = frozenset(["the", "a", "an", "this", "that", "these", "those", "its", "their", "his", "her", "our", "my"])
PREPOSITIONS = re.compile(r"-(?:of|in|at|for|from|on|to|with)-")


def bare(name: str) -> str:
    """The slug of a name without articles, possessive pronouns and titles before it; possessive endings are dropped."""
    words = [word for word in slug(re.sub(r"['’]s\b|['’]", "", name)).split("-") if word]
    while len(words) > 1 and (words[0] in DETERMINERS or words[0] in TITLES):
        words = words[1:]
    return "-".join(words)


def full(name: str) -> str:
    """As `bare`, with the titles kept: "finance minister" stays what it is."""
    words = [word for word in slug(re.sub(r"['’]s\b|['’]", "", name)).split("-") if word]
    while len(words) > 1 and words[0] in DETERMINERS:
        words = words[1:]
    return "-".join(words)


def is_part(short: str, long: str) -> bool:
    """Whether people say `short` for `long`: its last words (a surname, "ministry" for "finance-ministry"), or it without its "of ..."."""
    return bool(short) and (long == short or long.endswith(f"-{short}") or PREPOSITIONS.split(long)[0] == short)


@dataclass(frozen=True, slots=True)
class Names:
    """The forms, as slugs, by which the labels of one article name each of its holders."""

    forms: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, labels: Iterable[Label]) -> "Names":
        """Of the labels of one article: every wording of a holder but pronouns, and the words of its id."""
        forms: dict[str, set[str]] = {}
        for label in labels:
            if label.holder is not None and label.holder_id is not None:
                known = forms.setdefault(label.holder_id, {label.holder_id})
                if label.holder.lower() not in PRONOUNS:
                    known |= {bare(label.holder), full(label.holder)}
                    # "Flamingo wardens and salt cutters" are one holder; which of them a program names is all the same.
                    known |= {bare(member) for member in label.holder.split(" and ")}
        return cls({holder: frozenset(known) for holder, known in forms.items()})

    def same(self, found: Holder, gold: str) -> bool:
        """Whether `found` is the voice that the labels call `gold`."""
        if found.id == gold:
            return True
        if found.name is None:
            return False
        tried = {bare(found.name), full(found.name)}
        if tried & self.forms[gold]:
            return True
        meant = [
            holder
            for holder, forms in self.forms.items()
            if any(_either(name, form) for name in tried for form in forms) or any(_inside(name, holder) for name in tried)
        ]
        return meant == [gold]


def _inside(name: str, holder: str) -> bool:
    # Ids have a place before or behind the name ("old-clerk-sokanda"); a single word could be the place.
    return name.count("-") > 0 and f"-{name}-" in f"-{holder}-"


def _either(name: str, form: str) -> bool:
    return is_part(name, form) or is_part(form, name)


def labels_of(article: LabelledArticle) -> Iterator[Label]:
    """All labels of an article, those of further voices too."""
    for sentence in article.sentences:
        yield from (*sentence.labels, *sentence.also)

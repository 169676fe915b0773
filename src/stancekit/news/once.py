"""Articles that are copies of each other speak once: what of all opinions counts, and whose it is."""

from collections.abc import Iterable, Mapping

from stancekit.records import ArticleFacts, Opinion, known_within, normalized


def groups_of(facts: Iterable[ArticleFacts]) -> dict[str, str]:
    """For each article the first of its copies, itself where it is none."""
    return {one.id: one.copy_of or one.id for one in facts}


def said_once(opinions: Iterable[Opinion], groups: Mapping[str, str]) -> list[Opinion]:
    """The opinions without those that a copy repeats in the same words; what a copy adds stays.

    groups: from `groups_of`; an article that is not in it stands alone. Within one article nothing is left out: one sentence may show
    two stances of one holder.
    """
    first: dict[tuple[str, str | None, str, str], str] = {}
    kept = []
    for one in opinions:
        said = (groups.get(one.article, one.article), voice_of(one, groups), one.proposal_id, normalized(one.sentence))
        if first.setdefault(said, one.article) == one.article:
            kept.append(one)
    return kept


def voice_of(opinion: Opinion, groups: Mapping[str, str]) -> str | None:
    """The holder's id, the same in all copies of an article also where it holds within an article alone."""
    if opinion.holder_id is None or not known_within(opinion.article, opinion.holder_id):
        return opinion.holder_id
    return groups.get(opinion.article, opinion.article) + opinion.holder_id.removeprefix(opinion.article)

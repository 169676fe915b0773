"""Tallies: how often each side of a proposal is taken, by article, holder, outlet and time."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Literal, NamedTuple, get_args

import numpy as np

from stancekit.news.answers import Answers
from stancekit.news.correction import Correction, FloatArray, IntArray, Spread
from stancekit.news.once import days_of, said_once, side_of_voice, voices_of
from stancekit.records import ArticleFacts, Opinion, known_within
from stancekit.shares import Interval
from stancekit.stance import STANCES
from stancekit.tallies import SIDES, By, Grain, Tally, groups_of, key_of

BYS: tuple[By, ...] = get_args(By)


class _Slice(NamedTuple):
    by: By
    key: str
    proposal_id: str


class _Asked(NamedTuple):
    counts: IntArray
    probabilities: FloatArray


def tallies_of(
    opinions: Iterable[Opinion],
    facts: Sequence[ArticleFacts],
    answers: Answers | None = None,
    correction: Correction | str | None = None,
    bys: Collection[By] = BYS,
) -> list[Tally]:
    """One tally a slice and proposal, by slice, key and proposal.

    facts: of all articles. A group of copies counts once in each slice, and in time on its earliest day. Holders known within one article
    have no tally of their own. answers: what the model answered to all pairs it was asked; None leaves corrections out. correction: as
    `Correction.of` gives it, so possibly why there is none. bys: which slices are wanted.
    """
    groups = groups_of(facts)
    keys: dict[By, dict[str, str]] = {by: _keys(by, facts) for by in BYS if by in bys and by != "holder"}
    kept: dict[_Slice, list[Opinion]] = defaultdict(list)
    for opinion in opinions:
        for by, of_article in keys.items():
            if opinion.article in of_article:
                kept[_Slice(by, of_article[opinion.article], opinion.proposal_id)].append(opinion)
        if "holder" in bys and opinion.holder_id is not None and not known_within(opinion.article, opinion.holder_id):
            kept[_Slice("holder", opinion.holder_id, opinion.proposal_id)].append(opinion)
    asked = {} if answers is None else _asked(answers, keys, groups)
    titles = {one.id: one.title or one.id for one in facts}
    slices = sorted({*kept, *asked}, key=lambda one: (BYS.index(one.by), one.key, one.proposal_id))
    return [_tally(one, kept[one], asked.get(one), groups, titles, correction) for one in slices]


def _tally(
    of: _Slice,
    opinions: Sequence[Opinion],
    asked: _Asked | None,
    groups: Mapping[str, str],
    titles: Mapping[str, str],
    correction: Correction | str | None,
) -> Tally:
    once = said_once(opinions, groups)
    sums = _voices(once, groups)
    said = Counter(one.stance.value for one in once)
    corrected = _corrected(of.by, asked, correction)
    return Tally(
        by=of.by,
        key=of.key,
        name=_name(of, once, titles),
        proposal_id=of.proposal_id,
        voices={side: int(count) for side, count in zip(SIDES, sums.sum(axis=0), strict=True)},
        sentences={stance.value: said[stance.value] for stance in STANCES},
        articles=len(sums),
        shares=dict(zip(SIDES, Spread.of(sums).intervals(), strict=True)) if len(sums) else {},
        pairs=0 if asked is None else int(asked.counts.sum()),
        answered=None if asked is None else _means(asked, asked.counts),
        expected=None if asked is None else _means(asked, asked.probabilities),
        corrected=None if isinstance(corrected, str) else corrected,
        note=f"not corrected: {corrected}" if isinstance(corrected, str) else None,
    )


def _means(asked: _Asked, sums: IntArray | FloatArray) -> dict[str, float]:
    pairs = int(asked.counts.sum())
    return {one.value: float(sums[:, one.label_id].sum()) / pairs for one in STANCES}


def _corrected(by: By, asked: _Asked | None, correction: Correction | str | None) -> dict[str, Interval] | str:
    if by == "holder":
        return "whose the sentences without an opinion are is not known"
    if correction is None:
        return "no labelled pairs of news were given"
    if isinstance(correction, str):
        return correction
    if asked is None:
        return "nothing is known of the sentences without an opinion"
    return correction.shares(asked.probabilities)


def _voices(once: Sequence[Opinion], groups: Mapping[str, str]) -> FloatArray:
    """How many voices of each article take each of SIDES, shape (articles, 4)."""
    sides: dict[str, Counter[str]] = defaultdict(Counter)
    for (article, _, _), said in voices_of(once, groups).items():
        sides[article][side_of_voice(said)] += 1
    return np.array([[found[side] for side in SIDES] for found in sides.values()], dtype=np.float64).reshape(-1, len(SIDES))


def _name(of: _Slice, once: Sequence[Opinion], titles: Mapping[str, str]) -> str:
    if of.by == "article":
        return titles.get(of.key, of.key)
    if of.by == "holder":
        return max((one.holder for one in once if one.holder), key=len, default=of.key)
    return of.key


def _keys(by: Literal["all", "article", "outlet"] | Grain, facts: Sequence[ArticleFacts]) -> dict[str, str]:
    """The key of each article that has one."""
    if by == "all":
        return {one.id: "all" for one in facts}
    if by == "article":
        return {one.id: one.id for one in facts}
    if by == "outlet":
        return {one.id: one.outlet for one in facts if one.outlet}
    return {article: key_of(day, by) for article, day in days_of(facts).items()}


def _asked(answers: Answers, keys: Mapping[By, Mapping[str, str]], groups: Mapping[str, str]) -> dict[_Slice, _Asked]:
    """What was answered in each slice, by the first of the copies it has that was asked: not all are near to the same proposals."""
    found = {}
    for proposal in answers.proposals:
        asked = answers.asked(proposal)
        for by, of_article in keys.items():
            first: dict[tuple[str, str], str] = {}
            for article, key in of_article.items():
                if article in asked:
                    first.setdefault((key, groups[article]), article)
            kept = {article: key for (key, _), article in first.items()}
            for key, (counts, probabilities) in answers.by_key(proposal, kept).items():
                found[_Slice(by, key, proposal)] = _Asked(counts, probabilities)
    return found

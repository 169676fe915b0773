"""SEESAW: who feels what toward whom, sentence by sentence, in US political news (Zhang et al., EMNLP 2022).

A release is the folders annotations/ and articles/ (a file an article, three articles a story) and meta/ (a file a story).
Only what is felt toward a `Topic` becomes an example: people and organizations are no proposals. The topic's canonical
name is the proposal, the subject the holder, the story the group.

An annotator has one vote a side for each sentence and topic, however many subjects take that side in it. More votes make
the stance; as many for it as against it leave the pair out. Who marked nothing does not vote: silence beside a mark is
more often a thing missed than a thing seen. A sentence is neutral toward a topic of its article when it names it and no
annotator marked a stance toward it there. See `named`, and `listed_as_topic` for topics that annotators typed differently.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from stancekit.config import SeesawSource, SplitName
from stancekit.data.sources import Located
from stancekit.errors import StancekitError
from stancekit.files import read_json
from stancekit.records import Example
from stancekit.stance import Stance

ANNOTATIONS, ARTICLES, META = "annotations", "articles", "meta"
STANCES = {"POS": Stance.SUPPORT, "NEG": Stance.OPPOSE}
SPLITS: dict[str, SplitName] = {"train": "train", "valid": "validation", "test": "test"}
ARTICLE = re.compile(r"TRIPLET_(?P<story>.+)_DOCUMENT_(?P<number>.+)")
TOPIC = "Topic"
NOBODY = ("None", "Not in the list")
WORD = re.compile(r"\w+")
Triplet = Mapping[str, Any]


def files(path: Path) -> list[Path]:
    """All files of the release's three folders."""
    return [file for folder in (ANNOTATIONS, ARTICLES, META) for file in sorted((path / folder).glob("*.json"))]


def read(source: SeesawSource, path: Path) -> Iterator[Located]:
    """One example a sentence and topic. Raises StancekitError where files are missing or do not fit together."""
    for file in sorted((path / ANNOTATIONS).glob("*.json")):
        name = ARTICLE.fullmatch(file.stem)
        if name is None:
            raise StancekitError(f"{file} is not named TRIPLET_<story>_DOCUMENT_<number>.json", fix="move it out of the release's folder")
        annotation, article, meta = map(_load, (file, path / ARTICLES / file.name, path / META / f"TRIPLET_{name['story']}.json"))
        try:
            split = SPLITS[meta["Split"]]
            for number, example in examples_of(annotation, article):
                identity = f"{source.name}:{name['story']}:{name['number']}:{number}:{example['proposal']}"
                group = f"{source.name}:{name['story']}"
                yield Located(f"{file} sentence {number}", Example(identity, source=source.name, group=group, **example), split)
        except (KeyError, TypeError, ValueError, AttributeError) as fault:
            missing = f"{fault} is not where it should be" if isinstance(fault, KeyError) else "its parts have another form"
            raise StancekitError(f"{file} is not SEESAW: {missing}", fix="take all three folders from one release") from fault


def examples_of(annotation: Mapping[str, Any], article: Mapping[str, Any]) -> Iterator[tuple[int, dict[str, Any]]]:
    """(sentence number, statement, proposal, stance, holder and votes of an example), over all sentences and topics."""
    names = [entity[0] for entity in annotation["entity lists"]]
    topics = [name for name, types, *_ in annotation["entity lists"] if listed_as_topic(types)]
    sentences = {sentence["id"]: " ".join(sentence["text"].split()) for sentence in article["text"]}
    marked = {int(number): triplets for number, triplets in annotation["sentence-level stances"].items()}
    if not marked.keys() <= sentences.keys():
        raise ValueError("a stance stands on a sentence that the article does not have")
    for number, text in sentences.items():
        for topic in topics:
            triplets = [triplet for triplet in marked.get(number, []) if triplet["object"] == topic]
            label = _label(triplets) if triplets else {"stance": Stance.NEUTRAL} if named(topic, text, names) else None
            if label is not None:
                yield number, {"statement": text, "proposal": topic, **label}


def listed_as_topic(types: Sequence[str]) -> bool:
    """Whether more than half of the annotators who listed an entity typed it so."""
    return 2 * types.count(TOPIC) > len(types)


def named(topic: str, text: str, names: Iterable[str]) -> bool:
    """Whether `text` names the topic: all its words side by side, whatever their case, plural and possessive.

    Scattered words are not enough (a rate of pay for working overtime is not overtime pay), nor is a place inside the
    name of another entity of the article (names), which is then what the sentence is about: a debt ceiling is no debt.
    """
    wanted, found = _words(topic), _words(text)
    longer = [words for words in map(_words, names) if len(words) > len(wanted) and _places(wanted, words)]
    covered = {place + step for words in longer for place in _places(words, found) for step in range(len(words))}
    return any(covered.isdisjoint(range(place, place + len(wanted))) for place in _places(wanted, found))


def _words(text: str) -> list[str]:
    possessives = text.lower().replace("’", "'").replace("'s", "")
    return [word.removesuffix("s") for word in WORD.findall(possessives)]


def _places(words: list[str], text: list[str]) -> list[int]:
    return [place for place in range(len(text) - len(words) + 1) if words and text[place : place + len(words)] == words]


def _label(triplets: Sequence[Triplet]) -> dict[str, Any] | None:
    voters = {(STANCES[triplet["sentiment"]], annotator) for triplet in triplets for annotator in triplet["annotators"]}
    votes = Counter(stance for stance, _ in voters)
    if votes[Stance.SUPPORT] == votes[Stance.OPPOSE]:
        return None
    stance = max(votes, key=lambda side: votes[side])
    counts = {side.value: votes[side] for side in Stance if votes[side]}
    return {"stance": stance, "votes": counts, "holder": _holder(triplets, stance)}


def _holder(triplets: Sequence[Triplet], stance: Stance) -> str | None:
    # Of several subjects on the side that counts, the one that most annotators saw there, and then the first.
    seen: Counter[str] = Counter()
    for triplet in triplets:
        if STANCES[triplet["sentiment"]] is stance and triplet["subject"] not in NOBODY:
            seen[triplet["subject"]] += len(triplet["annotators"])
    return seen.most_common(1)[0][0] if seen else None


def _load(path: Path) -> Any:
    return read_json(
        path, absent="set raw to the folder that holds SEESAW's annotations/, articles/ and meta/", damaged="download the file again"
    )

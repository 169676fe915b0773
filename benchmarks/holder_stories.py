"""The cases of benchmarks/holders.py out of SEESAW: whose stance the annotators marked in a sentence."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from holder_matching import bare, full, is_part
from stancekit.data.importers.seesaw import ANNOTATIONS, ARTICLE, ARTICLES, META, NOBODY, listed_as_topic
from stancekit.errors import StancekitError
from stancekit.files import read_json
from stancekit.news.holders import Attribution, Holder, HolderFinder
from stancekit.news.world import entity_of
from stancekit.records import Statement

Judged = TypeVar("Judged")


def read_stories(finder: HolderFinder, folder: Path, judge: Callable[..., Judged]) -> dict[str, list[Judged]]:
    """Cases of the train stories: toward Topics (all, and of stories with an even and an odd number), and toward any object."""
    parts: dict[str, list[Judged]] = {f"seesaw {name}": [] for name in ("topics", "topics, even", "topics, odd", "any object")}
    files = sorted((folder / ANNOTATIONS).glob("*.json"))
    if not files:
        raise StancekitError(f"{folder} has no {ANNOTATIONS}/*.json", fix="give --raw the folder in which seesaw/ is")
    for file in files:
        name = ARTICLE.fullmatch(file.stem)
        if name is None or _read(folder / META / f"TRIPLET_{name['story']}.json")["Split"] != "train":
            continue
        half = "even" if int(name["story"]) % 2 == 0 else "odd"
        listed = [entity[0] for entity in _read(file)["entity lists"]]
        for topics, everything, text, found in _sentences(finder, file, folder / ARTICLES / file.name):
            for part, gold in (("topics", topics), (f"topics, {half}", topics), ("any object", everything)):
                if gold:
                    parts[f"seesaw {part}"].append(judge(file.stem, text, found, sorted(gold), {"same": partial(same, listed=listed)}))
    return parts


def _sentences(finder: HolderFinder, annotations: Path, texts: Path) -> Iterator[tuple[set[str], set[str], str, list[Attribution]]]:
    annotation, article = _read(annotations), _read(texts)
    topics = {name for name, types, *_ in annotation["entity lists"] if listed_as_topic(types)}
    sentences = [(sentence["id"], " ".join(sentence["text"].split())) for sentence in article["text"]]
    found = finder.find([Statement(f"{annotations.stem}:{number}", text) for number, text in sentences])
    marked = {int(number): triplets for number, triplets in annotation["sentence-level stances"].items()}
    for (number, text), voices in zip(sentences, found, strict=True):
        held = [triplet for triplet in marked.get(number, []) if triplet["subject"] not in NOBODY]
        subjects = {triplet["subject"] for triplet in held}
        yield {triplet["subject"] for triplet in held if triplet["object"] in topics}, subjects, text, voices


def same(found: Holder, gold: str, listed: Iterable[str] = ()) -> bool:
    """Whether a holder found is the entity with this canonical name. listed: all canonical names of the article."""
    if found.name is None:
        return False
    entity = entity_of(gold)
    if entity is not None and (found.id == entity.id or entity_of(found.name) == entity):
        return True
    tried, meant = {_singular(bare(found.name)), _singular(full(found.name))}, {_singular(bare(gold)), _singular(full(gold))}
    if any(is_part(one, other) or is_part(other, one) for one in tried for other in meant):
        return True
    # "Charles Grassley" is the list's Chuck Grassley where it has no other Grassley.
    last = gold.split()[-1]
    namesakes = [name for name in listed if name.split()[-1:] == [last]]
    names = (found.name.split(), gold.split())
    return found.proper and names[0][-1] == last and all(len(name) == 2 for name in names) and len(namesakes) == 1


def _singular(words: str) -> str:
    return "-".join(word.removesuffix("s") for word in words.split("-"))


def _read(path: Path) -> Any:
    return read_json(path, absent="take all three folders from one release", damaged="download the file again")

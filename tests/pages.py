"""Reads pages strictly; and the made report.json of a prepared data set."""

from html.parser import HTMLParser
from typing import Any

HOSTILE = '<script>alert("x")</script>\'"&{{ 987*789 }}'
VOID = {"meta", "link", "br", "img", "hr", "input"}


class Structure(HTMLParser):
    """Reads a page strictly: every element is closed, in order; ids are single; collects text and attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[tuple[str, str]] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.article_text = ""
        self.feed(text)
        self.close()
        assert not self.open
        ids = [attributes["id"] for _, attributes in self.seen if "id" in attributes]
        assert len(ids) == len(set(ids))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append((tag, dict(attrs).get("class") or ""))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        styles = [style for _, style in self.open]
        if "text" in styles and not any(style.startswith("ref ") for style in styles):
            self.article_text += data

    def count(self, tag: str, **attributes: str | None) -> int:
        return sum(name == tag and attributes.items() <= found.items() for name, found in self.seen)


def report(text: str = "harbour", contradictions: int = 1) -> dict[str, Any]:
    split = {
        "examples": 1214,
        "proposals": 86,
        "statements": 801,
        "groups": 44,
        "made": 12,
        "classes": {"oppose": 402, "neutral": 451, "support": 361},
    }
    found = {"statement": text, "proposal": text, "stances": {"support": [f"{text}:12"], "neutral": [f"{text}:14"]}}
    return {
        "name": text,
        "splits": {"train": split, "validation": split, "test": split},
        "sources": {text: {"read": 4000, "kept": 3642}},
        "dropped": {"exact_repeats": 17, "contradictions": 5, "leaks": 3, "long_proposals": 2},
        "contradictions": [found] * contradictions,
        "kept_apart": {"shared_statements": 611, "shared_proposals": 119, "groups": 72, "largest_group": 61},
        "augmentation": {"foreign": {"wanted": 9, "made": 8}, "negated": {"wanted": 4, "made": 4, "no_rule": 211}},
        "unlabelled": 7,
    }

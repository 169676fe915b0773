"""Articles in Markdown: the plain text of what it shows as text, each stretch with its place in the file, and what the front matter tells.

Code, tables, pictures, HTML, the targets of links, marks of footnotes and commands of site generators are no article text.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from stancekit.errors import StancekitError, reason
from stancekit.news.heads import day_of
from stancekit.news.tables import COLUMNS
from stancekit.records import Article, Run, normalized

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token

Rule = Callable[["StateInline", bool], bool]
_LINE_END = re.compile(r"\r\n?|\n")
# Two rules with text between them are no front matter: that begins with a key.
_KEY = r"(?=(?:#[^\r\n]*(?:\r\n?|\n))*[A-Za-z_][\w.-]*[ \t]*:\s)"
_FRONT = re.compile(rf"---[ \t]*(?:\r\n?|\n){_KEY}(.{{0,20000}}?(?:\r\n?|\n))(?:---|\.\.\.)[ \t]*(?:\r\n?|\n|\Z)", re.DOTALL)
_FOOTNOTE = re.compile(r"\[\^[^\]\s]{1,60}\]")
_DEFINES = re.compile(r":[ \t]*")
# Of Jekyll, Hugo and their like: {% include %}, {{< figure >}}, {: .lead}. A picture that was saved in the file is longer than any link.
_COMMAND = re.compile(
    r"\{%.{0,1000}?%\}|\{\{.{0,1000}?\}\}|\{:[^{}\n]{0,200}\}|!\[[^\[\]]{0,500}\]\(<?data:[^()\s]*(?:\s[^()\n]{0,500})?\)", re.DOTALL
)
# What stands before a stretch of text and is none of it: marks of emphasis, blanks at the beginning of a line.
MOST_MARKS = 1_000
# From each bracket the parser looks for the one that closes it.
LONGEST_LINK = 1_000
MOST_BRACKETS = 20_000
# Some seconds; the longest articles of newspapers have a twentieth of that.
MOST_CHARACTERS = 2_000_000
FIX = "give articles one by one, or their text as .txt"


class Front(NamedTuple):
    """What stands before the text. end: where the text begins. fault: why it could not be read."""

    values: Mapping[str, str]
    end: int
    fault: str | None = None


class _Block(NamedTuple):
    """A paragraph, heading or item, as it is shown. runs: see Article.runs, here from the beginning of the block."""

    text: str
    runs: Sequence[Run]
    headline: bool


def markdown_article(source: str, name: str, path: str) -> tuple[Article, list[str]]:
    """The article in the text of a Markdown file, without a byte order mark, and what of its front matter cannot be read.

    The title is the front matter's, else the first heading of the first level. A title that the text lacks is put in front of it.
    Raises StancekitError for what is no article by its size, and where the parser fails.
    """
    if len(source) > MOST_CHARACTERS or source.count("[") > MOST_BRACKETS:
        problem = f"{path} is Markdown of more than {MOST_CHARACTERS:,} characters, or {MOST_BRACKETS:,} opening brackets"
        raise StancekitError(problem, fix=FIX)
    # The parser replaces them too.
    source = source.replace("\0", "\ufffd")
    front = front_of(source)
    blocks = list(_blocks(source, front.end, path))
    title = front.values.get("title") or next((one.text.strip() for one in blocks if one.headline), None)
    if title is not None and blocks and not any(normalized(one.text) == normalized(title) for one in blocks):
        place = source.find(title, 0, front.end)
        blocks.insert(0, _Block(title, () if place < 0 else ((0, len(title), place, place + len(title)),), headline=True))
    pieces, runs, length = list[str](), list[Run](), 0
    for block in blocks:
        runs += [(start + length, end + length, first, last) for start, end, first, last in block.runs]
        pieces.append(block.text)
        length += len(block.text) + 2
    text = "\n\n".join(pieces) + "\n" if pieces else ""
    date = front.values.get("date")
    day = day_of(date)
    problems = [] if front.fault is None else [f"its front matter cannot be read: {front.fault}"]
    if date is not None and day is None:
        problems.append(f"its date {date!r} cannot be read as a day")
    return Article(name, text, path, title, day, front.values.get("outlet"), runs=tuple(runs)), problems


def front_of(source: str) -> Front:
    """Title, date and outlet of the front matter, as they are written there: keys go by the names that columns of tables have."""
    import yaml  # type: ignore[import-untyped]

    found = _FRONT.match(source)
    if found is None:
        return Front({}, 0)
    try:
        # The base loader makes texts, lists and tables, and no objects: a date stays as it is written.
        values = yaml.BaseLoader(found[1]).get_single_data()
    except (yaml.YAMLError, RecursionError, ValueError) as fault:
        return Front({}, found.end(), " ".join(reason(fault).split()))
    if not isinstance(values, dict):
        return Front({}, found.end(), "it has no keys")
    told = {str(key).lower(): " ".join(value.split()) for key, value in values.items() if isinstance(value, str)}
    told = {key: value for key, value in told.items() if value not in ("", "~", "null")}
    # There, a source is an outlet unless it is an address.
    outlets = [*COLUMNS["outlet"], *(("source",) if "//" not in told.get("source", "//") else ())]
    roles = {"title": COLUMNS["title"], "date": COLUMNS["date"], "outlet": outlets}
    return Front(
        {role: next(told[key] for key in keys if key in told) for role, keys in roles.items() if told.keys() & {*keys}}, found.end()
    )


def _blocks(source: str, start: int, path: str) -> Iterator[_Block]:
    """Those with a letter or digit in them, in their order."""
    try:
        tokens = _parser().parse(source[start:])
    except Exception as fault:  # as of pages: what the parser may raise is not told
        raise StancekitError(f"{path} cannot be read as Markdown: {reason(fault)}", fix=FIX) from fault
    edges = [start, *(found.end() for found in _LINE_END.finditer(source, start)), len(source)]
    tables, tag = 0, ""
    for token in tokens:
        tables += (token.type == "table_open") - (token.type == "table_close")
        if token.type == "inline" and token.map is not None and not tables:
            block = _block(token, _Lines(token.content, source, edges, token.map[0]), headline=tag == "h1")
            if any(character.isalnum() for character in block.text):
                yield block
        tag = token.tag


@cache
def _parser() -> "MarkdownIt":
    from markdown_it import MarkdownIt
    from markdown_it.rules_inline import autolink, image, link

    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    # Joined stretches would no longer be what stands in the file.
    parser.disable(["text_join", "fragments_join"])
    for name, rule in (("link", link), ("image", image), ("autolink", autolink)):
        parser.inline.ruler.at(name, _ending(rule))
    parser.inline.ruler.before("link", "unseen", _unseen)
    return parser


def _block(token: "Token", lines: "_Lines", headline: bool) -> _Block:
    pieces, runs, length, done = list[str](), list[Run](), 0, 0
    for child in token.children or ():
        # What is marked up stands in the file as it is shown, and what stands otherwise there is told as such.
        written = child.markup if child.type == "text_special" else child.content
        shown = {"softbreak": " ", "hardbreak": "\n", "html_inline": _break(child.content), "image": ""}.get(child.type, child.content)
        if written and child.type != "footnote":
            place = lines.flat.find(written, done, done + len(written) + MOST_MARKS)
            done = done if place < 0 else place + len(written)
            if place >= 0 and child.type != "html_inline":
                runs += lines.runs(length, len(shown), place, len(written))
        done = child.meta.get("end", done)
        pieces.append(shown)
        length += len(shown)
    return _Block("".join(pieces), runs, headline)


def _break(tag: str) -> str:
    return "\n" if tag[:3].lower() == "<br" else ""


class _Lines:
    """The content of a block, which has lost the marks before its lines, and where these stand in the file.

    flat: the content with blanks for line ends. edges: where the lines of the file begin. first: the line in which the block does.
    """

    def __init__(self, content: str, source: str, edges: Sequence[int], first: int) -> None:
        self.flat = content.replace("\n", " ")
        self._begins, self._shifts = list[int](), list[int | None]()
        begin = 0
        for number, line in enumerate(content.split("\n"), first):
            bare = line.strip()
            # Marks stand before the text of a line, and behind that of a heading.
            place = source.rfind(bare, edges[number], edges[number + 1])
            self._begins.append(begin)
            self._shifts.append(None if place < 0 else place - begin - (len(line) - len(line.lstrip())))
            begin += len(line) + 1

    def runs(self, at: int, shown: int, place: int, written: int) -> Iterator[Run]:
        """Of a stretch that is shown at `at` and stands at `place` of the content, each with its length. One a line."""
        number = bisect_right(self._begins, place) - 1
        end = place + written
        while number < len(self._begins) and self._begins[number] < end:
            start = max(place, self._begins[number])
            stop = min(end, self._begins[number + 1] - 1 if number + 1 < len(self._begins) else end)
            shift = self._shifts[number]
            if shift is not None and start < stop:
                first = at + start - place
                yield first, at + shown if shown != written else first + stop - start, start + shift, stop + shift
            number += 1


def _ending(rule: Rule) -> Rule:
    """The same rule, which looks no farther than LONGEST_LINK and tells where what it found ends: a link's target leaves no other trace."""

    def ending(state: "StateInline", silent: bool) -> bool:
        end, state.posMax = state.posMax, min(state.posMax, state.pos + LONGEST_LINK)
        found = rule(state, silent)
        state.posMax = end
        if found and not silent:
            state.tokens[-1].meta["end"] = state.pos
        return found

    return ending


def _unseen(state: "StateInline", silent: bool) -> bool:
    """Commands, and marks of footnotes. Where a line begins with such a mark, the note itself begins."""
    command = _COMMAND.match(state.src, state.pos, state.posMax)
    found = command or _FOOTNOTE.match(state.src, state.pos, state.posMax)
    if found is None:
        return False
    opens = command is None and (state.pos == 0 or state.src[state.pos - 1] == "\n")
    colon = _DEFINES.match(state.src, found.end(), state.posMax) if opens else None
    if not silent:
        token = state.push("footnote", "", 0)
        token.content = "\n\n" if colon is not None and state.pos > 0 else ""
    state.pos = found.end() if colon is None else colon.end()
    if not silent:
        token.meta["end"] = state.pos
    return True

"""What stands among an article's lines and is none of it: adverts, share bars, captions, notices. Rules over lines, each with a name.

They would rather leave an advert in than take a sentence out: a line goes only by the words that it begins with or consists of. A headline
that is repeated as the first paragraph is read once.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from stancekit.news.heads import head_line
from stancekit.records import Article, bare_title, normalized


class Skipped(NamedTuple):
    """A line that is no article text, by its place in it, and the rule that says so."""

    start: int
    end: int
    rule: str


# What a line begins with.
BEGINNINGS: dict[str, tuple[str, ...]] = {
    "advert": (r"(?:advertisement|advertising|sponsored(?: content| by)?|promoted)\b(?:\W*$|\s*:|\s+[-–—]\s)",),
    "more": (
        r"(?:read (?:more|next|also|on)|related(?: (?:articles?|stories|links?|content|topics?|roundups?|coverage|video))"
        r"?|see also|also read|most (?:read|popular|viewed)|more (?:from|on|stories)\b[^.]{0,60}|"
        r"you (?:may|might) also like|recommended(?: for you)?|don['’]t miss|up next|watch(?: more|"
        r" now| live)?|listen(?: now)?|trending(?: now)?|(?:photo )?gallery|photo gallery|in pictures|"
        r"quiz|podcast|webcast|special|(?:full )?video|live updates?|(?:we|editors) recommend)\s*(?::|\||»|>|-\s|–\s|—\s|$)",
        r"more: ",
        r"stay tuned\b",
        r"scroll (?:down|up) (?:for|to)\b[^.]{0,60}$",
    ),
    "update": (
        r"this is a (?:developing|breaking)(?: news)? story\b",
        r"this (?:post|page|live ?blog) (?:has been|was|will be|is being) updated\b",
    ),
    # Where a report was found: a few words without an end.
    "origin": (r"(?:sources?|via|h/t|hat tip)\s*:\s*(?:\S+ ){0,5}\S*[^\s.!?:”\"]$", r"(?:via|h/t) (?-i:[A-Z0-9]).{1,40}(?<![.!?:”\"])$"),
    "caption": (
        r"(?:(?:file |stock )?(?:photo(?:graph)?|picture|image|illustration|graphic|chart|map|caption|"
        r"photo credit|credit)s?(?: by| courtesy of)?\s*[:/|]|getty images\W*$|!\[)",
        r"[^:]{3,160}\b(?-i:Photo|Picture|Image|Illustration): (?-i:[A-Z])[^.:]{0,60}$",
        r"(?:image|photo|picture|screenshot|video)s? (?:via|by|from|courtesy of) [^\]]{2,80}\]$",
    ),
    "share": (
        r"(?:share|tweet|pin|print|email|e-mail|save|copy link|comments?|like|retweet)\b(?: (?:this|"
        r"on|via|it|with|by|to|story|article|page|post|live|blog|facebook|twitter|x|whatsapp|linkedin|"
        r"reddit|email|a|friend|friends|your))*\W*(?:\|.*)?$",
        r"share this (?:on|with|via)\b",
    ),
    "follow": (
        r"(?:please )?(?:(?:follow|like|join|find|add|connect with) (?:us|our page|our channel|me)|follow (?-i:[A-Z]\S*|the [A-Z]\S*))\b"
        r".{0,80}?\b(?:on|via|in|to) [^.!?]{2,80}[.!:]?\W*$",
        r"download (?:our|the) app\b",
    ),
    "newsletter": (
        r"(?:sign up|subscribe|register|log in|become a (?:member|subscriber)|donate)\b(?:\W*$|.{0,100}\b(?:newsletters?|e-?mails?|inbox"
        r"|alerts?|briefing|updates|today|now|here|free|online|account|month|reading|channel|digest|trial)\b)",
        r"get (?:our|the) .{0,60}(?:newsletter|e-?mail|inbox)|support (?:our|independent) journalism|already a subscriber"
        r"|start your (?:free )?trial",
    ),
    "comments": (
        r"(?:the |readers['’]? |your |all )?(?:comments?|views?|opinions?) (?:are|is|have been) (?:now )?(?:closed|moderated|disabled)",
        r"(?:the |all )?(?:comments?|views?|opinions?) (?:of (?:our )?|posted|expressed|left|made)\b.{0,30}\b(?:readers|columnists|users"
        r"|contributors|authors?|writers?|here|below|above|this (?:article|page|story|site))\b",
        r"readers['’]? comments\b|kindly refrain|(?:please )?refrain from (?:using|posting)|do not comment on|join the (?:conversation|"
        r"discussion|debate)\b.{0,20}[:!]|have your say\W*(?:$|[:!])|(?:post|leave|add|write) (?:a|your) (?:comment|reply)",
        r"the (?:\w+ ){1,3}takes no responsibility for (?:the )?(?:opinions|views|comments|content)\b",
        r"sorry,? .{0,40}\bcomments?\b.{0,30}\W*$",
    ),
    "contact": (
        r"(?:got a (?:story|tip|question|view)|(?:do|have|are) you\b.{0,60}\?\s*(?:tell|contact|"
        r"email|e-mail|get in touch|write|let us)|(?:get in touch|contact us|write to us|tell us|"
        r"send us|email us)(?:\W*$|:| (?:at|via|your)\b)|reach the (?:reporter|writer|author))",
        r"write to .{2,160}@\S+\W*$",
    ),
    "copyright": (
        r"(?:©|\(c\) ?\d{4}|copyright\W*(?:$|©|\(c\)|\d{4}|by\b)|all rights reserved|\d{4} .{2,40}\. all rights reserved|"
        r"this (?:article|story|piece|interview) (?:(?:was )?(?:first |originally )?(?:appeared|"
        r"published|produced|updated)|has been (?:edited|updated|corrected|shortened|amended))|a version of this (?:article|"
        r"story)|our standards:|terms (?:of (?:use|service)|and conditions)\W*$|privacy (?:policy|notice)\W*$)",
    ),
    "publisher": (r"published by [^,.]{2,60}\W*$", r"[\w .'’-]{2,30} is not an? (?:investment|financial) advis\w*\W*$", r"loading\W*$"),
    "cookies": (
        r"(?:we(?: and our [\w ]+)? use cookies|this (?:site|website) uses cookies|by (?:continuing|"
        r"using)\b.{0,60}cookies|(?:accept|reject) (?:all )?cookies|manage (?:cookies|preferences)"
        r")",
    ),
    "credit": (
        r"\(?(?:additional )?(?:reporting|editing|writing|compiled|edited|written|with inputs?|agencies contributed)"
        r" (?:by|from)\b[^.]{0,140}\)?\.?\W*$",
        r"[^.“\"]{2,140}\bcontributed (?:(?:reporting )?to this (?:report|story|article|post)|reporting)\b[^.]{0,40}\.?\W*$",
    ),
    "byline": (
        r"(?i:by) (?:our |local |the )?(?:[a-z]+ )*[A-Z][\w.'’-]*(?:[ ,]+(?:and |of |the |for |"
        r"van |de |von )*[A-Z][\w.'’-]*){0,9}(?:, [a-z][\w ]{2,40})?\W*$",
    ),
    "paywall": (
        r"(?:you have (?:read|reached) .{0,40}(?:free|limit)|[\w .'’-]{2,40} is free because (?:of )?(?:our )?readers\b|"
        r"to (?:continue|keep) reading|this (?:content|article) is (?:for|exclusive|"
        r"only)|click here|tap here)\b",
    ),
}
RULES = {name: re.compile(rf"\W*(?:{'|'.join(those)})", re.IGNORECASE if name != "byline" else 0) for name, those in BEGINNINGS.items()}
_ADDRESS = re.compile(r"\W*(?:https?://|www\.)\S+\W*$|\W*\S+@\S+\.\w{2,}\W*$|\W*<a\b[^>]*>[^<]{0,80}</a>\W*$")
# Under a post that is quoted: "— Orrin Baths (@orrinbaths) March 3, 2031".
_SIGNATURE = re.compile(r"[—–-]+\s*[^@]{0,60}@\w+\)?,?\s[^.]{0,24}\d{4}\W*$")
# "[Orrin Gazette]" alone in a line: where a report or a picture comes from.
_BRACKETED = re.compile(r"\[[A-Z][^\[\].!?]{1,40}\]$")
# What somebody says, run on behind a caption, is worth more than the caption is a nuisance.
_SPEECH = re.compile(r"[“\"][^”\"]{20,}[”\"]")
_GRAPHIC = re.compile(r"(?:[A-Z][\w'’-]*\s+){1,4}(?:graphic|photo|illustration|image|video)s?:", re.MULTILINE)
_HANDLE = re.compile(r"\[advertisement\b.*\]\s*$", re.IGNORECASE)
_EMPHASIS = re.compile(r"^[*_\[>\s-]+|[*_]+$")
# Longer lines are paragraphs: of these only notices that say so themselves go.
LINE = 220
NOTICES = ("comments", "cookies", "copyright", "newsletter", "paywall", "caption")
LONGEST_NOTICE = 420
LONGEST_ADDRESS = 500
# With its marks of emphasis and white space.
MOST_OF_A_LINE = 2 * LONGEST_ADDRESS
# A notice quotes nobody.
DOUBTED = ("follow", "newsletter", "comments", "contact", "copyright", "paywall", "credit")
_SPOKEN = re.compile(r"\b(?:said|says|told|tells|argued|warned|warns)\b")
# Lines from the top in which a day and names are the head.
LONGEST_HEAD = 7


def furniture_of(article: Article) -> Iterator[Skipped]:
    """The lines of the text that are no article text, in their order."""
    title = None if article.title is None else normalized(article.title)
    headlines = 0
    for number, (start, end) in enumerate(_lines(article.text)):
        line = article.text[start:end]
        if title is not None and normalized(bare_title(line)) == title:
            headlines += 1
            if headlines > 1:
                yield Skipped(start, end, "headline again")
            continue
        rule = rule_of(line) or ("head" if number < LONGEST_HEAD and (head_line(line) or line.strip(" *_#") == article.outlet) else None)
        if rule is not None:
            yield Skipped(start, end, rule)


def rule_of(line: str) -> str | None:
    """The name of the rule by which a line is no article text, None for article text."""
    # Addresses are sought in time that grows with the square of the line's length.
    if len(line) > MOST_OF_A_LINE:
        return None
    bare = _EMPHASIS.sub("", line.strip())
    if not bare or len(bare) > LONGEST_ADDRESS:
        return None
    if _ADDRESS.match(bare):
        return "address"
    if _SIGNATURE.match(line.strip()):
        return "signature"
    if _HANDLE.match(line.strip()):
        return "advert"
    if len(bare) <= LINE and _GRAPHIC.match(bare):
        return "caption"
    for name, pattern in RULES.items():
        if len(bare) <= (LONGEST_NOTICE if name in NOTICES else LINE) and pattern.match(bare):
            spoken = _SPEECH if name == "caption" else _SPOKEN if name in DOUBTED else None
            return None if spoken is not None and spoken.search(bare) else name
    return "origin" if _BRACKETED.match(line.strip()) else None


def skipped_in(article: Article) -> tuple[tuple[int, int], ...]:
    """What `Article.skipped` holds of them."""
    return tuple((one.start, one.end) for one in furniture_of(article))


def _lines(text: str) -> Iterator[tuple[int, int]]:
    for found in re.finditer(r"[^\r\n]+", text):
        line = found[0]
        if line.strip():
            yield found.start() + len(line) - len(line.lstrip()), found.start() + len(line.rstrip())

"""Whether an article is about a proposal at all, by the words that they share.

A small stance model answers every question it is asked, so an article on rockets must not be asked about a sea wall.
"""

import re

from stancekit.records import Article, Proposal

# Forms of one word (launch, launched, launches) mostly share their first letters.
STEM = 5
_WORD = re.compile(r"[^\W\d_]{3,}")


def word_overlap(article: Article, proposal: Proposal) -> float:
    """Share of the proposal's content words that the article has too, in [0, 1]; 1 for a proposal of function words alone."""
    wanted = content_words(proposal.text)
    return len(wanted & content_words(article.text)) / len(wanted) if wanted else 1.0


def content_words(text: str) -> frozenset[str]:
    """The stems of a text's words that are no function words."""
    from spacy.lang.en.stop_words import STOP_WORDS

    return frozenset(word[:STEM] for word in _WORD.findall(text.lower()) if word not in STOP_WORDS)

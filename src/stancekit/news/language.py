"""Whether a text is English at all."""

import re

# Of fewer letters the answer is a guess.
LEAST_LETTERS = 200
READ = 3_000
_LETTERS = re.compile(r"[^\W\d_]")


def foreign(text: str) -> str | None:
    """What to say of a text that is clearly in another language than English, None where it is English or too short to tell."""
    import py3langid

    beginning = text[:READ]
    if len(_LETTERS.findall(beginning)) < LEAST_LETTERS:
        return None
    language, _ = py3langid.classify(beginning)
    return None if language == "en" else f"it is not in English (by its words it is {language!r})"

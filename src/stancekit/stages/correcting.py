"""Labelled pairs of news to the correction of shares."""

from pathlib import Path

import numpy as np

from stancekit.data.examples import read_examples
from stancekit.inference.model import StanceModel
from stancekit.news.correction import Correction
from stancekit.stance import STANCES


def correction_by(labelled: Path, model: StanceModel) -> Correction | str:
    """What the model answers to the pairs of a file of examples, as a correction, or why these give none.

    Pairs of one `group` are taken for one article's, pairs without a group for articles of their own. Made pairs are left out: a model
    finds them easier than what stands in the news. Raises StancekitError for bad rows.
    """
    examples = [one for one in read_examples(labelled) if not one.made]
    answers = model.probabilities([(one.statement, one.proposal) for one in examples]).reshape(-1, len(STANCES))
    gold = np.array([one.stance.label_id for one in examples], dtype=np.int64)
    return Correction.of(answers, gold, [one.group or one.id for one in examples])

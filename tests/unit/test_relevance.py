"""What an article is asked about, by the embeddings of its sentences."""

from collections.abc import Sequence

import numpy as np
import pytest

from stancekit.inference.embedding import Embedder
from stancekit.news.relevance import LEAST, SHARE, Gate, asked_about, behind, shares, speaking
from stancekit.records import Proposal

HARBOUR = (
    "The harbour toll in Orrin will double next spring.",
    "Fishermen blocked the quay with nets on Monday.",
    "It would be a disaster.",
    "The council votes on the toll in June.",
)
ROCKETS = (
    "A company wants to launch rockets from the old airfield.",
    "The pads stay empty in summer.",
    "Members vote on the lease in June.",
)
TOLL = Proposal("toll", "The harbour toll should be raised.")
ROCKET = Proposal("rocket", "Rockets should be allowed to start from the islands.")


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return Embedder(threads=1)


def test_an_article_passes_for_what_it_is_about_and_for_nothing_else(embedder: Embedder) -> None:
    toll, rocket = Gate([TOLL, ROCKET], embedder).relevance([HARBOUR, ROCKETS])
    assert toll.article[0] >= LEAST > toll.article[1]
    assert rocket.article[1] >= LEAST > rocket.article[0]


def test_the_sentences_most_like_a_proposal_speak_for_the_article(embedder: Embedder) -> None:
    (found,) = Gate([TOLL], embedder).relevance([HARBOUR])
    assert found.sentences.shape == (4, 1)
    # A third of four sentences, rounded up.
    assert found.article[0] == pytest.approx(np.sort(found.sentences[:, 0])[2:].mean(), abs=1e-4)


@pytest.mark.parametrize(("sentences", "count"), [(1, 1), (3, 1), (4, 2), (6, 2), (7, 3), (500, 3)])
def test_three_sentences_speak_for_an_article_and_fewer_for_a_short_one(sentences: int, count: int) -> None:
    assert speaking(sentences) == count


def test_what_is_far_behind_the_nearest_proposal_is_not_asked_about_but_by_a_limit_of_none() -> None:
    article = np.array([0.7, 0.7 * SHARE, 0.7 * SHARE - 0.01, 0.2, -0.1])
    assert asked_about(article, LEAST) == [0, 1]
    assert asked_about(article[2:], LEAST) == [0]
    assert asked_about(article, 0.4) == [0]
    assert asked_about(article, 0) == [0, 1, 2, 3, 4]
    assert asked_about(np.zeros(0), LEAST) == []


def test_shares_are_of_the_nearest() -> None:
    assert shares(np.array([0.6, 0.3])).tolist() == [1, 0.5]
    assert shares(np.array([-0.2, -0.1])).tolist() == [1, 1]


def test_a_sentence_is_behind_by_what_it_and_the_one_before_say() -> None:
    sentences = np.array([[0.5, 0.1], [0.1, 0.3], [0.0, 0.4]])
    assert behind(sentences).tolist() == [[0, 0.4], [0, 0.1], [0.3, 0]]
    assert behind(sentences[:, :1]).tolist() == [[0], [0], [0]]
    assert behind(sentences[:, :0]).shape == (3, 0)


def test_an_article_of_one_sentence_is_that_sentence(embedder: Embedder) -> None:
    (found,) = Gate([TOLL], embedder).relevance([HARBOUR[:1]])
    assert found.article[0] == found.sentences[0, 0]


def test_each_distinct_sentence_is_embedded_once_however_many_proposals_there_are() -> None:
    class Counting:
        asked: int = 0

        def embed(self, texts: Sequence[str]) -> np.ndarray:
            self.asked += len(texts)
            return np.ones((len(texts), 4), dtype=np.float32) / 2

    counting = Counting()
    Gate([TOLL, ROCKET] * 50, counting).relevance([HARBOUR])
    assert counting.asked == 100 + len(HARBOUR)


def test_a_sentence_has_the_same_vector_beside_any_others(embedder: Embedder) -> None:
    texts = [*HARBOUR, *ROCKETS, "word " * 300]
    beside = embedder.embed(texts)
    for text, vector in zip(texts, beside, strict=True):
        assert np.array_equal(embedder.embed([text])[0], vector)
    assert np.linalg.norm(beside, axis=1) == pytest.approx(1, abs=1e-5)


def test_vectors_are_those_of_the_encoder_but_for_rounding(embedder: Embedder) -> None:
    import torch
    from transformers import AutoModel, AutoTokenizer

    from stancekit.modeling.embedded import embedded_encoder

    encoder, tokenizer = AutoModel.from_pretrained(embedded_encoder()), AutoTokenizer.from_pretrained(embedded_encoder())
    with torch.inference_mode():
        inputs = tokenizer([*HARBOUR, *ROCKETS], padding=True, return_tensors="pt")
        mask = inputs["attention_mask"].unsqueeze(-1)
        hidden = encoder(**inputs).last_hidden_state
        exact = torch.nn.functional.normalize((hidden * mask).sum(1) / mask.sum(1), dim=1).numpy()
    assert (exact * embedder.embed([*HARBOUR, *ROCKETS])).sum(axis=1).min() > 0.98


def test_an_article_is_asked_the_same_whatever_is_read_and_asked_beside_it(embedder: Embedder) -> None:
    (alone,) = Gate([TOLL], embedder).relevance([HARBOUR])
    _, beside = Gate([ROCKET, TOLL, ROCKET], embedder).relevance([ROCKETS, HARBOUR])
    assert beside.article[1] == alone.article[0]
    assert np.array_equal(beside.sentences[:, 1], alone.sentences[:, 0])


def test_no_text_gives_no_vectors(embedder: Embedder) -> None:
    assert embedder.embed([]).shape == (0, 384)


def test_marks_of_the_tokenizer_in_a_text_are_text(embedder: Embedder) -> None:
    assert not np.array_equal(embedder.embed(["the toll [SEP] rises"]), embedder.embed(["the toll rises"]))

"""True pairs: the statement may be cut, the proposal never is, whatever the tokenizer was published with."""

import json
import random
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
from tokenizers import Tokenizer

from stancekit.errors import StancekitError
from stancekit.modeling.pairs import LEAST_STATEMENT, PairTokenizer, model_inputs

ALL = ("input_ids", "attention_mask", "token_type_ids")
LENGTH = 40
WORDS = ("council", "ferry", "harbour", "toll", "keep", "dyke", "tram", "market", "lantern", "Oda", "Brask", "wool", "tax")
# What other programs leave in a published tokenizer.json.
LEFT_BEHIND: dict[str, dict[str, object]] = {
    "nothing": {},
    "longest first": {"truncation": {"max_length": 24, "strategy": "LongestFirst", "direction": "Right", "stride": 0}},
    "cut the proposal": {"truncation": {"max_length": 24, "strategy": "OnlySecond", "direction": "Left", "stride": 4}},
    "padding": {
        "padding": {
            "strategy": {"Fixed": 64},
            "direction": "Left",
            "pad_to_multiple_of": 8,
            "pad_id": 0,
            "pad_type_id": 0,
            "pad_token": "[PAD]",
        }
    },
}


def opened(folder: Path, inputs: tuple[str, ...] = ALL) -> PairTokenizer:
    return PairTokenizer.of_folder(folder, LENGTH, 0, inputs)


@pytest.fixture(params=list(LEFT_BEHIND))
def tokenizer(request: pytest.FixtureRequest, tmp_path: Path, tiny_encoder: Path) -> PairTokenizer:
    content = json.loads((tiny_encoder / "tokenizer.json").read_text(encoding="utf-8"))
    (tmp_path / "tokenizer.json").write_text(json.dumps(content | LEFT_BEHIND[request.param]), encoding="utf-8")
    return opened(tmp_path)


def text(rng: random.Random, least: int, most: int) -> str:
    return " ".join(rng.choices(WORDS, k=rng.randint(least, most)))


def bare(tokenizer: PairTokenizer, words: str) -> list[int]:
    """Token ids of a text without special tokens, by a tokenizer that cuts nothing."""
    free = Tokenizer.from_str(tokenizer.tokenizer.to_str())
    free.no_truncation()
    return list(free.encode(words, add_special_tokens=False).ids)


def test_the_proposal_is_whole_however_long_the_statement(tokenizer: PairTokenizer) -> None:
    rng = random.Random(11)
    pairs = [(text(rng, 1, 120), text(rng, 1, 20)) for _ in range(60)]
    pairs = [(statement, proposal) for statement, proposal in pairs if len(bare(tokenizer, proposal)) <= LENGTH - 3 - LEAST_STATEMENT]
    tokenizer.check_proposals(proposal for _, proposal in pairs)
    cut = 0
    for (statement, proposal), encoding in zip(pairs, tokenizer.encode(pairs), strict=True):
        second = [token for token, side in zip(encoding.ids, encoding.sequence_ids, strict=True) if side == 1]
        first = [token for token, side in zip(encoding.ids, encoding.sequence_ids, strict=True) if side == 0]
        assert second == bare(tokenizer, proposal)
        assert tokenizer.tokenizer.decode(second) == tokenizer.tokenizer.decode(bare(tokenizer, proposal))
        # What is left of the statement is its beginning, and all that there is room for.
        whole = bare(tokenizer, statement)
        assert first == whole[: LENGTH - 3 - len(second)]
        assert len(encoding.ids) == min(LENGTH, len(whole) + len(second) + 3)
        cut += len(first) < len(whole)
    assert cut > 20


def test_statement_and_proposal_have_types_of_their_own(tokenizer: PairTokenizer) -> None:
    encoding = tokenizer.encode([("the ferry", "keep the toll")])[0]
    columns = tokenizer.columns(encoding)
    border = columns["input_ids"].index(3) + 1
    assert columns["token_type_ids"] == [0] * border + [1] * (len(encoding.ids) - border)
    assert columns["input_ids"][0] == 2
    assert columns["input_ids"][-1] == 3


def test_batches_are_padded_on_the_right_to_the_longest(tokenizer: PairTokenizer) -> None:
    encodings = tokenizer.encode([("toll", "keep"), ("the ferry to the market in the harbour", "keep the dyke")])
    lengths = [len(encoding.ids) for encoding in encodings]
    assert lengths[0] < lengths[1] < LENGTH
    batch = tokenizer.batch(encodings)
    assert list(batch) == list(ALL)
    assert all(array.shape == (2, lengths[1]) and array.dtype.name == "int64" for array in batch.values())
    assert batch["input_ids"][0].tolist() == encodings[0].ids + [0] * (lengths[1] - lengths[0])
    assert batch["attention_mask"].sum(axis=1).tolist() == lengths
    assert batch["attention_mask"][0, : lengths[0]].all()
    assert batch["input_ids"][1].tolist() == encodings[1].ids


def test_a_padding_id_other_than_zero_is_used(tiny_encoder: Path) -> None:
    tokenizer = PairTokenizer.of_folder(tiny_encoder, LENGTH, 7, ALL)
    batch = tokenizer.batch(tokenizer.encode([("toll", "keep"), ("the ferry to the market", "keep the dyke")]))
    assert batch["input_ids"][0, -1] == 7
    assert batch["attention_mask"][0, -1] == 0


def test_models_without_token_types_get_none(tiny_encoder: Path) -> None:
    tokenizer = opened(tiny_encoder, ("input_ids", "attention_mask"))
    encodings = tokenizer.encode([("the ferry", "keep the toll")])
    assert tokenizer.columns(encodings[0]).keys() == {"input_ids", "attention_mask"}
    assert tokenizer.batch(encodings).keys() == {"input_ids", "attention_mask"}


def test_a_proposal_that_fills_the_room_is_taken_and_one_token_more_is_refused(tiny_encoder: Path) -> None:
    tokenizer = opened(tiny_encoder)
    room = LENGTH - 3 - LEAST_STATEMENT
    tokenizer.check_proposals(["ferry " * room])
    with pytest.raises(StancekitError, match=f"has {room + 1} tokens, {room} fit beside a statement") as refusal:
        tokenizer.check_proposals(["keep the toll", "ferry " * (room + 1)])
    assert "max_length" in refusal.value.fix


def test_the_length_of_a_far_too_long_proposal_is_told_in_full(tiny_encoder: Path) -> None:
    with pytest.raises(StancekitError, match="has 500 tokens"):
        opened(tiny_encoder).check_proposals(["ferry " * 500])


def test_a_short_text_of_many_tokens_is_refused() -> None:
    from tokenizers import models, pre_tokenizers, processors

    # Byte-level, as RoBERTa's: a sign outside of ASCII is up to four tokens.
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    bytewise = Tokenizer(models.BPE(vocab={letter: number for number, letter in enumerate(alphabet)}, merges=[]))
    bytewise.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bytewise.post_processor = processors.ByteLevel()
    tokenizer = PairTokenizer(bytewise, LENGTH, 0, ("input_ids", "attention_mask"))
    tokenizer.check_proposals(["x" * 20])
    with pytest.raises(StancekitError, match="has 60 tokens"):
        tokenizer.check_proposals(["渡" * 20])


@pytest.mark.parametrize("proposal", ["", "   ", "\n\t", "​"], ids=["nothing", "spaces", "lines", "zero width"])
def test_an_empty_proposal_is_refused(tiny_encoder: Path, proposal: str) -> None:
    with pytest.raises(StancekitError, match="a proposal is empty"):
        opened(tiny_encoder).check_proposals(["keep the toll", proposal])


def test_a_folder_without_a_fast_tokenizer_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StancekitError, match=r"tokenizer\.json is missing"):
        opened(tmp_path)


def test_a_tokenizer_that_is_cut_short_is_refused(tmp_path: Path, tiny_encoder: Path) -> None:
    shutil.copy(tiny_encoder / "tokenizer.json", tmp_path)
    half = (tmp_path / "tokenizer.json").read_text(encoding="utf-8")[:2000]
    (tmp_path / "tokenizer.json").write_text(half, encoding="utf-8")
    with pytest.raises(StancekitError, match="cannot be loaded"):
        opened(tmp_path)


@pytest.mark.parametrize(
    ("config", "types"),
    [
        ({"type_vocab_size": 2}, True),
        ({"type_vocab_size": 1}, False),
        ({"type_vocab_size": 0}, False),
        ({"type_vocab_size": None}, False),
        ({}, False),
    ],
)
def test_token_types_are_asked_for_where_there_are_two(config: dict[str, int | None], types: bool) -> None:
    assert ("token_type_ids" in model_inputs(SimpleNamespace(**config))) is types


def test_special_tokens_in_a_text_are_text(tiny_encoder: Path) -> None:
    tokenizer = PairTokenizer.of_folder(tiny_encoder, 64, 0, ("input_ids", "attention_mask", "token_type_ids"))
    plain, hostile = tokenizer.encode([("the toll", "the toll"), ("the [SEP] toll [CLS]", "the toll")])
    separator = plain.ids[-1]
    assert plain.ids.count(separator) == 2
    assert hostile.ids.count(separator) == 2

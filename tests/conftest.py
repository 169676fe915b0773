"""What all tests share: no network, and a model so small that training it takes seconds."""

import gc
import io
import ipaddress
import itertools
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn

import pytest

# The hub client reads this when it is first imported, so no fixture could set it in time.
os.environ["HF_HUB_OFFLINE"] = "1"
# So do torch and all processes that tests start. Tiny models are faster with one thread, and tests that run side by side do
# not take each other's cores.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# Fixtures of several modules, by what they are about.
pytest_plugins = ["jobs", "refusals", "trials"]

Rows = Iterable[Mapping[str, Any]]
WriteJsonl = Callable[[Path, Rows], Path]

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
TOPICS = (
    "the harbour toll", "the night tram", "the dyke at Orrin", "the wool tax", "the lantern market", "the ferry to Sael",
    "the quarry at Tolm", "the school garden", "the glass bridge", "the river fence",
    "the Marrow canal", "the stone mill", "the winter fair",
)  # fmt: skip
TEMPLATES = (
    ("Mayor Ilse Varn said {} deserves every coin it costs.", "support"),
    ("The guild of bakers welcomed {} with open arms.", "support"),
    ("Farmers called {} a disgrace and want it stopped.", "oppose"),
    ("Councillor Oda Brask rejected {} outright.", "oppose"),
    ("The hearing on {} begins at noon on Friday.", "neutral"),
    ("A report of forty pages describes {} in detail.", "neutral"),
)
# Drawn as wide as this, so small a model answers different pairs differently.
SMALL = {"initializer_range": 0.5, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32, "hidden_size": 16}
FAMILIES: dict[str, dict[str, Any]] = {
    "bert": {"model_type": "bert", **SMALL, "max_position_embeddings": 64},
    "roberta": {"model_type": "roberta", **SMALL, "max_position_embeddings": 66, "type_vocab_size": 1},
    "distilbert": {
        "model_type": "distilbert", "initializer_range": 0.5, "dim": 16, "n_layers": 1, "n_heads": 2, "hidden_dim": 32,
        "max_position_embeddings": 64,
    },
    "deberta": {
        "model_type": "deberta-v2", **SMALL, "max_position_embeddings": 64, "type_vocab_size": 0, "relative_attention": True,
        "pos_att_type": ["p2c", "c2p"],
    },
    "modernbert": {
        "model_type": "modernbert", **SMALL, "num_hidden_layers": 2, "global_attn_every_n_layers": 2, "local_attention": 8,
        "max_position_embeddings": 64, "bos_token_id": 0, "cls_token_id": 0, "eos_token_id": 2, "sep_token_id": 2,
    },
}  # fmt: skip
PARTS = {"train": TOPICS[:10], "validation": TOPICS[10:12], "test": TOPICS[12:]}


def made_rows(topics: Iterable[str]) -> list[dict[str, Any]]:
    """Six examples a topic, two of each stance, as rows of an examples file."""
    return [
        {
            "id": f"{topic.replace(' ', '-')}-{number}",
            "statement": template.format(topic),
            "proposal": f"The council should keep {topic}.",
            "stance": stance,
            "source": "made",
        }
        for topic in topics
        for number, (template, stance) in enumerate(TEMPLATES, 1)
    ]


@pytest.fixture(scope="session", autouse=True)
def no_network() -> Iterator[None]:
    """Names are not looked up and nothing beyond this machine is connected to."""
    lookup, connect = socket.getaddrinfo, socket.socket.connect

    def refuse(host: object) -> NoReturn:
        raise OSError(f"tests have no network: {host}")

    def is_local(host: object) -> bool:
        if host in (None, "", b"", "localhost", b"localhost"):
            return True
        try:
            return ipaddress.ip_address(str(host)).is_loopback
        except ValueError:
            return False

    def local_lookup(host: Any, *args: Any, **kwargs: Any) -> Any:
        return lookup(host, *args, **kwargs) if is_local(host) else refuse(host)

    def local_connect(self: socket.socket, address: Any) -> None:
        # Sockets of the machine's own kind (AF_UNIX) have a path for an address.
        if isinstance(address, tuple) and not is_local(address[0]):
            refuse(address[0])
        connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", local_lookup)
        patch.setattr(socket.socket, "connect", local_connect)
        yield


@pytest.fixture(scope="module", autouse=True)
def frozen() -> None:
    """Leave what there is to no more collections of garbage.

    A training collects twice, and to go through all that the libraries hold took twice as long as a tiny training itself.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def write_jsonl() -> WriteJsonl:
    """Write rows to a path as JSONL and return the path."""

    def write(path: Path, rows: Rows) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
        return path

    return write


@pytest.fixture
def stancekit(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Callable[..., subprocess.CompletedProcess[str]]]:
    """Run the command line in this process: `stancekit("check", path, stdin=b"...")` gives exit code, output and errors."""
    from stancekit.cli import main
    from stancekit.progress import LOG

    before = LOG.handlers, LOG.propagate, LOG.level

    def run(*words: object, stdin: bytes = b"") -> subprocess.CompletedProcess[str]:
        arguments = [str(word) for word in words]
        monkeypatch.setattr(sys, "argv", ["stancekit", *arguments])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        output, errors = capsys.readouterr()
        return subprocess.CompletedProcess(arguments, int(ended.value.code or 0), output, errors)

    yield run
    # The command line has set up the log; the next test finds it as it was.
    LOG.handlers, LOG.propagate = before[:2]
    LOG.setLevel(before[2])


@pytest.fixture(scope="module")
def one_thread() -> Iterator[None]:
    """The number of threads decides on the order of sums, and so on the last bit; tiny models are faster with one."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def tiny_data(tmp_path_factory: pytest.TempPathFactory, write_jsonl: WriteJsonl) -> Path:
    """A folder with train.jsonl (60 examples), validation.jsonl (12) and test.jsonl (6), no proposal in two of them."""
    folder = tmp_path_factory.mktemp("tiny-data")
    for name, topics in PARTS.items():
        write_jsonl(folder / f"{name}.jsonl", made_rows(topics))
    return folder


@pytest.fixture(scope="session")
def tiny_encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a BERT with one layer, drawn at random, and a WordPiece tokenizer trained on the made examples."""
    import torch
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    texts = [text for row in made_rows(TOPICS) for text in (row["statement"], row["proposal"])]
    trainer = trainers.WordPieceTrainer(vocab_size=400, special_tokens=list(SPECIAL), show_progress=False)
    tokenizer.train_from_iterator(texts, trainer)
    ends = [(token, SPECIAL.index(token)) for token in ("[CLS]", "[SEP]")]
    single, pair = "[CLS] $A [SEP]", "[CLS] $A [SEP] $B:1 [SEP]:1"
    tokenizer.post_processor = processors.TemplateProcessing(single=single, pair=pair, special_tokens=ends)
    folder = tmp_path_factory.mktemp("tiny-encoder")
    names = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]", "mask_token": "[MASK]"}
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=64, **names)
    fast.save_pretrained(folder)
    torch.manual_seed(7)
    size = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}
    # Drawn as usual (0.02), so small a model answers every pair alike, and no test could tell one pair from another.
    shape = BertConfig(vocab_size=len(fast), max_position_embeddings=64, pad_token_id=0, initializer_range=0.5, **size)
    BertModel(shape).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def family_encoder() -> Callable[..., Path]:
    """Saves a tiny model of a family with a tokenizer: `family_encoder("deberta", folder)`, a bare encoder drawn at random.

    kind: another Auto class; further settings go into its config, such as id2label.
    """
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers, processors, trainers
    from transformers import AutoConfig, AutoModel, PreTrainedTokenizerFast

    # Byte-level as RoBERTa's, with its pairs: two separators in between, no token types.
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    texts = [text for row in made_rows(TOPICS) for text in (row["statement"], row["proposal"])]
    tokenizer.train_from_iterator(texts, trainers.BpeTrainer(vocab_size=400, special_tokens=special, show_progress=False))
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), add_prefix_space=False)
    names = {"bos_token": "<s>", "cls_token": "<s>", "eos_token": "</s>", "sep_token": "</s>", "unk_token": "<unk>", "mask_token": "<mask>"}
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="<pad>", **names)

    def save(family: str, folder: Path, kind: Any = AutoModel, **settings: Any) -> Path:
        shape = AutoConfig.for_model(**FAMILIES[family], vocab_size=len(fast), pad_token_id=1, **settings)
        torch.manual_seed(1)
        kind.from_config(shape).save_pretrained(folder)
        fast.save_pretrained(folder)
        return folder

    return save


@pytest.fixture(scope="session")
def tiny_config(tiny_data: Path, tiny_encoder: Path) -> Callable[..., Any]:
    """Makes the TrainConfig of a training that takes a second: `tiny_config(output, optim={"epochs": 1}, seed=3)`."""
    from stancekit.config import TrainConfig

    def config(output: Path, **changes: Any) -> TrainConfig:
        values: dict[str, Any] = {
            "encoder": str(tiny_encoder),
            "output": str(output),
            "data": {"train": str(tiny_data / "train.jsonl"), "validation": str(tiny_data / "validation.jsonl")},
            "pairs": {"max_length": 48},
            "optim": {"epochs": 3, "batch_size": 10, "learning_rate": 0.01},
            "hardware": {"device": "cpu", "precision": "fp32"},
        }
        return TrainConfig.model_validate(values | changes)

    return config


@pytest.fixture(scope="session")
def tiny_run(tmp_path_factory: pytest.TempPathFactory, tiny_config: Callable[..., Any]) -> Path:
    """The folder of a finished run. Not to be changed by a test."""
    from stancekit.stages.train import train

    folder = tmp_path_factory.mktemp("tiny") / "run"
    train(tiny_config(folder))
    return folder


@pytest.fixture(scope="session")
def tiny_family(tmp_path_factory: pytest.TempPathFactory, tiny_config: Callable[..., Any]) -> Path:
    """The folder of a training with the seeds 3, 4 and 5. Not to be changed by a test."""
    from stancekit.stages.seeds import train_seeds

    folder = tmp_path_factory.mktemp("tiny") / "runs"
    train_seeds(tiny_config(folder, seed=3, optim={"epochs": 1, "batch_size": 10, "learning_rate": 0.003}), 3)
    return folder


@pytest.fixture(scope="session")
def tiny_bundle(tmp_path_factory: pytest.TempPathFactory, tiny_run: Path) -> Path:
    """The run as a bundle, ONNX included. Not to be changed by a test."""
    from gates import UNTIMED
    from stancekit.stages.export import export

    folder = tmp_path_factory.mktemp("tiny") / "bundle"
    export(tiny_run, folder, gate=UNTIMED)
    return folder


@pytest.fixture(scope="module")
def ever_better() -> Iterator[None]:
    """Every evaluation is better than the one before, so that the weights kept are those after the last step."""
    from stancekit.training import loop

    counted = itertools.count(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop, "metrics_of", lambda _: {"macro_f1": next(counted) / 1000, "accuracy": 0.0})
        yield


@pytest.fixture(scope="module")
def undisturbed(ever_better: None, tiny_config: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four epochs with a checkpoint in the middle of each."""
    from stancekit.stages.train import train
    from trainings import TWICE

    folder = tmp_path_factory.mktemp("undisturbed") / "run"
    train(tiny_config(folder, **TWICE, optim={"epochs": 4, "batch_size": 10, "learning_rate": 0.003}))
    return folder

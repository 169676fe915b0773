"""Write the graph that reading tells relevant sentences by: src/stancekit/embedder/minilm.int8.onnx. Needed once."""

from pathlib import Path

from stancekit.data.corpus import read_corpus
from stancekit.export.embedder import write_embedder
from stancekit.inference.embedding import GRAPH

CORPUS = Path(__file__).parents[1] / "data" / "newsroom"
SENTENCES = 400


def main() -> None:
    """Of the corpus's train part, as many sentences as show what is usual."""
    train = [sentence.text for _, article in read_corpus(CORPUS) if article.split == "train" for sentence in article.sentences]
    GRAPH.parent.mkdir(exist_ok=True)
    write_embedder(GRAPH, train[:: len(train) // SENTENCES])
    print(f"wrote {GRAPH} ({GRAPH.stat().st_size / 1e6:.1f} MB)")


if __name__ == "__main__":
    main()

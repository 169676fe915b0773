"""Fine-tune an encoder on example pairs: the same as `stancekit train`."""

from stancekit.cli import main

if __name__ == "__main__":
    main("train")

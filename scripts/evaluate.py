"""Judge a model on examples it has not seen: the same as `stancekit evaluate`."""

from stancekit.cli import main

if __name__ == "__main__":
    main("evaluate")

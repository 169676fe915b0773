"""Stances of statements toward proposals: the same as `stancekit predict`."""

from stancekit.cli import main

if __name__ == "__main__":
    main("predict")

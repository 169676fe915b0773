"""Labelled data to clean, leak-free splits: the same as `stancekit prepare`."""

from stancekit.cli import main

if __name__ == "__main__":
    main("prepare")

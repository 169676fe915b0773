"""Labelled data to clean, leak-free splits: the same as `stancekit prepare`."""

import sys

from stancekit.cli import main

if __name__ == "__main__":
    sys.argv.insert(1, "prepare")
    main()

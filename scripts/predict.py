"""Stances of statements toward proposals: the same as `stancekit predict`."""

import sys

from stancekit.cli import main

if __name__ == "__main__":
    sys.argv.insert(1, "predict")
    main()

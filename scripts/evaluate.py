"""Judge a model on examples it has not seen: the same as `stancekit evaluate`."""

import sys

from stancekit.cli import main

if __name__ == "__main__":
    sys.argv.insert(1, "evaluate")
    main()

"""Fine-tune an encoder on example pairs: the same as `stancekit train`."""

import sys

from stancekit.cli import main

if __name__ == "__main__":
    sys.argv.insert(1, "train")
    main()

"""Who stands where in articles: the same as `stancekit read`."""

import sys

from stancekit.cli import main

if __name__ == "__main__":
    sys.argv.insert(1, "read")
    main()

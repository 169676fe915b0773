"""A finished run as a bundle to ship: the same as `stancekit export`."""

import sys

from stancekit.cli import main

if __name__ == "__main__":
    sys.argv.insert(1, "export")
    main()

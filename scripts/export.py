"""A finished run as a bundle to ship: the same as `stancekit export`."""

from stancekit.cli import main

if __name__ == "__main__":
    main("export")

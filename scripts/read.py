"""Who stands where in articles: the same as `stancekit read`."""

from stancekit.cli import main

if __name__ == "__main__":
    main("read")

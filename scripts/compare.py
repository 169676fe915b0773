"""Whether one model is shown to be better than another: the same as `stancekit compare`."""

from stancekit.cli import main

if __name__ == "__main__":
    main("compare")

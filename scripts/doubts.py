"""Find doubtful labels of a training set: the same as `stancekit doubts`."""

from stancekit.cli import main

if __name__ == "__main__":
    main("doubts")

"""`python -m stancekit` is the console command."""

from stancekit.cli import main

main()

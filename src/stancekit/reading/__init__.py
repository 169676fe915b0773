"""Articles to opinions: what `stancekit read` does to each article."""

"""Raw files to labelled examples, cleaned and split without leaks."""

"""One file an outside format; each yields examples with their place in the file."""

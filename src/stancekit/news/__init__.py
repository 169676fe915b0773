"""Articles to sentences, holders and opinions."""

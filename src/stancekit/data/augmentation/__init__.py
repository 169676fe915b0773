"""Training rows that are made, not written: what each kind does, and how often it is right, stands in docs/augmentation.md."""

"""One loop for every recipe, on the transformers Trainer."""

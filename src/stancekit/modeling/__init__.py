"""Encoders, pair tokenization, devices and checkpoints."""

"""Batched scoring and the Python API."""

"""Bundles, ONNX, the parity check and the model card."""

"""One function a command, composed of the packages above it."""

"""The demonstration: a believable network of synthetic answers, the same for the same seed and day."""

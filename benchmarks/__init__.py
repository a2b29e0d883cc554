"""Speed and size, each as a ratio to a floor that is measured in the same run: ``python -m benchmarks``."""

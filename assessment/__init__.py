"""Asking and keeping: people, centers, pairs, cycles and responses; every table and every write."""

"""Fifty people at once against the real server: what they do, how they are timed, what is kept of it."""

"""Signing in, and who may do what: people, their roles and centers."""

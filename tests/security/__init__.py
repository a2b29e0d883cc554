"""Hostile input: a test for each line of the security checklist, and a fuzz of every form and import."""

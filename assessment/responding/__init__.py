"""Answering: forms, saves, conflicts, submitting, reopening."""

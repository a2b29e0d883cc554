"""Scoring, comparing, showing: frames in, frames out; figures and the pages that show them."""

"""Fusion centers, EOCs and the pairs between them."""

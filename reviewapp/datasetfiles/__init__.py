"""Rows of labels → files: plain rows in, bytes out, one row in memory at a time."""

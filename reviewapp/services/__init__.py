"""Writes: one function is one business verb and one transaction."""

"""Benchmarks that print JSON: each says what machine, which versions, and what load."""

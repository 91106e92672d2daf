"""Writes of the measuring half."""

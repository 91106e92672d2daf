"""Thin doors for the command line and templates."""

"""Filters and tags that turn figures into the words of a page."""

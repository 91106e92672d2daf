"""Filters and tags that turn values into the words of a page."""

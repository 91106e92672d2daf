"""Figures from counts and arrays: no clock, no rows, no threshold, no Django."""

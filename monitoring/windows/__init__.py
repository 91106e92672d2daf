"""The one door from rows to numbers and arrays."""

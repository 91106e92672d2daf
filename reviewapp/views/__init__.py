"""The browser's door to the review half: check, call, render."""

"""The browser's door to the measuring half."""

"""The demo factory: items with known truth, people with known faults, drift at will."""

"""The demo: three lines that live, told through the product's own services."""

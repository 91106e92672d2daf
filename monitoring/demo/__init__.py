"""The demo: four lines that live, told through the product's own services."""

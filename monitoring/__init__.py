"""The measuring half of Rung: it reads what the review half stored, and judges it."""

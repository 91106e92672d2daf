"""The review half of Rung: it receives, routes, shows and decides items."""

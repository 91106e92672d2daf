"""PostgreSQL and the broker from wheels, for a laptop; nothing above knows of it."""

"""PostgreSQL, as Django's engine ``reviewapp.database``."""

"""Model runtimes: what models see, their files, the host that runs them, its client."""

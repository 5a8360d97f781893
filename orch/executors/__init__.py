"""How an attempt is started: adapters found by name, imported on first use."""

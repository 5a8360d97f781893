"""Who does the work: adapters found by name, imported on first use."""

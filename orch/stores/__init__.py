"""Where tasks live: adapters found by name, imported on first use."""

"""Use cases: one per file. Hold the lock, read, decide (core), act (host, adapters), record."""

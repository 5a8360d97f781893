"""Effects: one module per outside thing, and the only place where that thing is touched."""

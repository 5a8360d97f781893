"""orch: hand tasks to coding agents in isolated git checkouts and see each one through."""

__version__ = "0.1.0"

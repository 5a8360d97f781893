"""Where tasks live: local, in directories of their own. The other modules are its parts."""

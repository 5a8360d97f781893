"""`make bench`: how fast orch is, as ratios within one run (design section 12). README.md says how to read it."""

"""One command per file, thin: parse, call one flow, print."""

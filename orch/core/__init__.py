"""Pure code: values in, values out. No files, no clock, no environment, no randomness, no processes; `now` is an argument."""

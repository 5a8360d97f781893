"""The commands: one file per word, thin. Parse the command line, call one flow, print what it returns.

A file exports `command` (click; its callback gets the World by `click.pass_obj` and may return an exit status), or, where click would
cost too much, `main(args, world) -> int` with the help as the module's docstring. Printing happens here and nowhere below.
"""

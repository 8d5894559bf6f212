"""The command line: a body parses, runs a stage, renders."""

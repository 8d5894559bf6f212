"""Doors to other systems: sources to read and targets to write."""

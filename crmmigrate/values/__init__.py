"""Pure functions on single values: str to str or None, never an exception, never a guess."""

"""Frame to frame, per field kind and region: the vectorised twins of values."""

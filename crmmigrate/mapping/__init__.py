"""From source rows to canonical records."""

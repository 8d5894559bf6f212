"""Compare what should be with what is, and turn the difference into operations."""

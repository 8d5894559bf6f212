"""Find duplicates, explain them, merge them."""

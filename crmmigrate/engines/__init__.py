"""How a kernel meets many rows."""

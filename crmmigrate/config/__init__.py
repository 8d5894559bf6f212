"""YAML files become frozen, closed models; a mistake is reported with file and line."""

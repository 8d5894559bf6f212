"""Profiles, validation rules and gates."""

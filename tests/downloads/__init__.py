"""The downloads room."""

"""The start page: the one place that looks into every room."""

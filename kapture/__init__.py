"""The ground floor of Kapture: everything that knows no domain."""

"""The only door to a vendor: one package a role, the official SDK behind it, and one breaker each."""

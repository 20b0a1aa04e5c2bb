"""The stand-ins, spoken to over real sockets by the vendors' own SDKs."""

"""The media gateway, over real sockets and with real files."""

"""The end of an account: a state machine whose every step may be repeated."""

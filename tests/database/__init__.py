"""The database engine of the test suite."""

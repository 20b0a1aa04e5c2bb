"""The pages of an account, one module for each part of the settings."""

"""All that is kept of a person as one file that they can take away."""

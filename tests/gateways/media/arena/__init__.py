"""A small internet in a network namespace: a public host, name servers that lie, and canaries everywhere else."""

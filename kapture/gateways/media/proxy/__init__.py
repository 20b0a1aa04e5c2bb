"""The only way out of a process that fetches: an HTTP proxy that vets each target before it connects there."""

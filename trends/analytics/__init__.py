"""What captured posts tell together: figures, what rises, and which platform was first. Formulas: docs/analytics.md."""

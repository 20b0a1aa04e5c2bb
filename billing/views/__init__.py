"""The pages of usage, plans, paying and invoices."""

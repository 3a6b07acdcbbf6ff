"""Statuses as values: computed here, written elsewhere."""

"""Executes what was accepted: one idempotent step at a time, from what the cluster looks like now."""

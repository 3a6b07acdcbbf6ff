"""Machines as something that can be frozen and thawed, whoever runs them."""

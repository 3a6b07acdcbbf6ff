"""Snapgate itself as components of the lab, from the checkout it is in."""

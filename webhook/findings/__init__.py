"""What can be found wrong or worth knowing, and what policy makes of it."""

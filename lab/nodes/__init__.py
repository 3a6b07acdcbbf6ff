"""A node without a container runtime: pods run as processes of this machine, each with its own address and files."""

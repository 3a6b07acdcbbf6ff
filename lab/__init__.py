"""A real Kubernetes control plane on this machine, and what nodes, storage and machines must do for it."""

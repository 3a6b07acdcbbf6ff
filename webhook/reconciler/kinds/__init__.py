"""One module per kind: what a pass does in each phase."""

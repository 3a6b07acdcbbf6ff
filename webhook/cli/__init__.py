"""The command `snapgate`."""

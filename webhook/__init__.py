"""Snapgate: admission gate and executor for virtual machine snapshots."""

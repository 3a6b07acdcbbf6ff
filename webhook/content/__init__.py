"""What a machine's snapshot saves beside its disks, in the platform's format."""

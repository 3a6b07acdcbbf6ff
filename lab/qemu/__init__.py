"""Real machines: QEMU guests with the real guest agent, on the disks of the CSI driver."""

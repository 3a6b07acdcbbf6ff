"""The lab's storage: a CSI driver over a directory, and the real CSI sidecars in front of it.

Bytes are real, so that a test can write to a disk, take a snapshot, and compare what a restore brings back.
"""

DRIVER_NAME = "directory.csi.snapgate.lab"

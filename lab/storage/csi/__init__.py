"""The Container Storage Interface as generated from csi.proto; `make lab-csi` writes it anew."""

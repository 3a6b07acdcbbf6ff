"""The kinds Snapgate reads and writes, each described once."""

"""What the page asks of each operation, one module per operation. Pure: no I/O, no clock, no policy."""

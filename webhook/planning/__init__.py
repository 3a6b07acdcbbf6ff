"""What an operation would do, step by step, and under which names. Pure."""

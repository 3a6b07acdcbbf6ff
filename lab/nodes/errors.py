"""What this node does not do."""


class UnsupportedError(Exception):
    """A pod asks for something that only a real node has. The message names the field."""


class NotYetError(Exception):
    """Something that a pod needs is not there yet. The message names it."""

"""What the lab tells the person who started it."""


class LabError(Exception):
    """The message says what is, and what to do next; it is shown without a traceback."""

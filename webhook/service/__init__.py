"""The HTTP faces of the webhook process: admission, probes and metrics."""

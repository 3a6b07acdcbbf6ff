"""Facts from the API server: the watch cache, and live reads beside it."""

"""Talking to the API server: transport, errors, list and watch, Events."""

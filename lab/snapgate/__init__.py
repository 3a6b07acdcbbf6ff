"""Snapgate in the lab: its chart, installed by helm."""

"""The one decision: what is found about a request, and what policy makes of it."""

"""Single effects. Each recognises its own work and may be repeated after any crash."""

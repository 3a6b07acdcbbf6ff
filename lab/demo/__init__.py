"""The tour: what a newcomer sees Snapgate do."""

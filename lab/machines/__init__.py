"""The platform's machine side, played for the lab: disks become claims, machines run, guests freeze.

Snapgate's own machine driver and reconciler meet it only through the API server, as they would meet the platform.
"""

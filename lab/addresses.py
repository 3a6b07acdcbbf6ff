"""The lab's address plan, the same in each lab because each has a network of its own."""

from ipaddress import IPv4Address, IPv4Network

SERVICES = IPv4Network("10.96.0.0/16")
KUBERNETES_SERVICE = IPv4Address("10.96.0.1")

PODS = IPv4Network("10.97.0.0/16")
"""What a pod would have: Service endpoints must not be loopback addresses (validation of EndpointSlice)."""
API_SERVER = IPv4Address("10.97.0.1")
API_SERVER_PORT = 6443

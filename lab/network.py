"""The network inside the lab: one loopback device, on which all addresses of the address plan are local."""

from socket import AF_INET

from pyroute2 import IPRoute

from lab.addresses import API_SERVER, PODS, SERVICES

_RT_TABLE_LOCAL = 255
_RTN_LOCAL = 2
_RT_SCOPE_HOST = 254


def set_up_network() -> None:
    """Called inside the new network namespace.

    A route of type local makes every address of a range bindable without adding each (Linux calls it AnyIP), so a
    process can take a pod address of its own with no privilege. kube-apiserver wants its address on a device.
    """
    with IPRoute() as route:
        loopback = route.link_lookup(ifname="lo")[0]
        route.link("set", index=loopback, state="up")
        for network in (SERVICES, PODS):
            route.route(
                "add",
                family=AF_INET,
                dst=str(network),
                oif=loopback,
                table=_RT_TABLE_LOCAL,
                type=_RTN_LOCAL,
                scope=_RT_SCOPE_HOST,
            )
        route.addr("add", index=loopback, address=str(API_SERVER), prefixlen=32)

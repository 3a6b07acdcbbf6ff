import grpc
from google.protobuf.message import Message
from google.protobuf.wrappers_pb2 import BoolValue

from lab.storage import DRIVER_NAME
from lab.storage.csi.csi_pb2 import (
    GetPluginCapabilitiesRequest,
    GetPluginCapabilitiesResponse,
    GetPluginInfoRequest,
    GetPluginInfoResponse,
    PluginCapability,
    ProbeRequest,
    ProbeResponse,
)
from lab.storage.rpc import method


class Identity:
    """The csi.v1.Identity service."""

    def handlers(self) -> "grpc.GenericRpcHandler[Message, Message]":
        return grpc.method_handlers_generic_handler(
            "csi.v1.Identity",
            {
                "GetPluginInfo": method(GetPluginInfoRequest, self.plugin_info),
                "GetPluginCapabilities": method(GetPluginCapabilitiesRequest, self.plugin_capabilities),
                "Probe": method(ProbeRequest, self.probe),
            },
        )

    async def plugin_info(self, _: GetPluginInfoRequest) -> GetPluginInfoResponse:
        return GetPluginInfoResponse(name=DRIVER_NAME, vendor_version="1")

    async def plugin_capabilities(self, _: GetPluginCapabilitiesRequest) -> GetPluginCapabilitiesResponse:
        # VOLUME_ACCESSIBILITY_CONSTRAINTS is left out: with it csi-provisioner waits for CSINodes; the lab has none.
        controller = PluginCapability.Service(type=PluginCapability.Service.CONTROLLER_SERVICE)
        expansion = PluginCapability.VolumeExpansion(type=PluginCapability.VolumeExpansion.ONLINE)
        return GetPluginCapabilitiesResponse(
            capabilities=[PluginCapability(service=controller), PluginCapability(volume_expansion=expansion)]
        )

    async def probe(self, _: ProbeRequest) -> ProbeResponse:
        return ProbeResponse(ready=BoolValue(value=True))

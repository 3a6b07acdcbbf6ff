"""Kinds whose objects are Ready as soon as they exist: the lab imports no image and has no nodes to look for."""

from __future__ import annotations

from lab.machines.conditions import Observation, observed
from webhook.api.cluster_virtual_image import ClusterVirtualImage
from webhook.api.image import ConditionType as ImageConditionType
from webhook.api.image import ImageStatus
from webhook.api.image import Phase as ImagePhase
from webhook.api.virtual_image import VirtualImage
from webhook.api.virtual_machine_class import ConditionType as ClassConditionType
from webhook.api.virtual_machine_class import Phase as ClassPhase
from webhook.api.virtual_machine_class import VirtualMachineClass, VirtualMachineClassStatus

Image = VirtualImage | ClusterVirtualImage


def image_status(image: Image, now: str) -> ImageStatus:
    deleting, generation = image.metadata.deleting, image.metadata.generation
    ready = Observation(ImageConditionType.READY, True, "Ready")
    return ImageStatus(
        phase=ImagePhase.TERMINATING if deleting else ImagePhase.READY,
        progress="100%",
        conditions=observed(
            image.status.conditions, [ready], owned={ImageConditionType.READY}, generation=generation, now=now
        ),
        observed_generation=generation,
    )


def class_status(machine_class: VirtualMachineClass, now: str) -> VirtualMachineClassStatus:
    deleting, generation = machine_class.metadata.deleting, machine_class.metadata.generation
    ready = Observation(ClassConditionType.READY, True, "Ready")
    return VirtualMachineClassStatus(
        phase=ClassPhase.TERMINATING if deleting else ClassPhase.READY,
        conditions=observed(
            machine_class.status.conditions, [ready], owned={ClassConditionType.READY}, generation=generation, now=now
        ),
        observed_generation=generation,
    )

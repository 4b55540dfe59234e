"""Networks of the book and of torchvision.

Those of torchvision have its structure and its parameters' names, so that its trained weights fit. They are loaded from
a file that torchvision's own process writes:

    from safetensors.torch import save_file
    save_file(torchvision.models.resnet18(weights="DEFAULT").state_dict(), "resnet18.safetensors")

Example
-------
>>> net = sc.models.resnet18(num_classes=10)
>>> sum(parameter.numel() for parameter in net.parameters())
11181642
>>> net.load_state_dict(sc.load("resnet18.safetensors"))  # doctest: +SKIP
<All keys matched successfully>
"""

from __future__ import annotations

from .alexnet import AlexNet, alexnet
from .densenet import DenseNet, densenet121
from .googlenet import GoogLeNet, GoogLeNetOutputs, googlenet
from .lenet import LeNet
from .mobilenet import MobileNetV2, mobilenet_v2
from .nin import NiN
from .resnet import ResNet, resnet18, resnet34, resnet50
from .vgg import VGG, vgg11, vgg11_bn, vgg13, vgg13_bn, vgg16, vgg16_bn, vgg19, vgg19_bn

__all__ = [
    "VGG",
    "AlexNet",
    "DenseNet",
    "GoogLeNet",
    "GoogLeNetOutputs",
    "LeNet",
    "MobileNetV2",
    "NiN",
    "ResNet",
    "alexnet",
    "densenet121",
    "googlenet",
    "mobilenet_v2",
    "resnet18",
    "resnet34",
    "resnet50",
    "vgg11",
    "vgg11_bn",
    "vgg13",
    "vgg13_bn",
    "vgg16",
    "vgg16_bn",
    "vgg19",
    "vgg19_bn",
]

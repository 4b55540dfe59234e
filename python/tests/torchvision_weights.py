"""Weights and images for comparing networks with torchvision's, made from names so that no file has to hold them."""

import math
import zlib

import numpy

# The networks, and the height and width of the image that each is tried on.
NETWORKS = {
    "alexnet": 80,
    "vgg11": 40,
    "vgg11_bn": 40,
    "vgg13": 40,
    "vgg13_bn": 40,
    "vgg16": 40,
    "vgg16_bn": 40,
    "vgg19": 40,
    "vgg19_bn": 40,
    "googlenet": 64,
    "resnet18": 64,
    "resnet34": 64,
    "resnet50": 64,
    "densenet121": 64,
    "mobilenet_v2": 64,
}
OPTIONS = {"googlenet": {"aux_logits": False, "init_weights": False}}


def image(size):
    """One image ``(1, 3, size, size - 3)``."""
    return numpy.random.default_rng(size).random((1, 3, size, size - 3), dtype=numpy.float32)


def state_like(shapes):
    """Values for all names, of a size that lets signals through, and far from those of new networks."""
    return {name: _values(name, shape) for name, shape in shapes.items()}


def _values(name, shape):
    kind = name.rpartition(".")[2]
    if kind == "num_batches_tracked":
        return numpy.array(7, numpy.int64)
    noise = numpy.random.default_rng(zlib.crc32(name.encode())).random(shape, dtype=numpy.float32)
    if kind == "running_var":
        return noise + numpy.float32(0.5)
    if kind in ("running_mean", "bias"):
        return noise * numpy.float32(0.4) - numpy.float32(0.2)
    if len(shape) == 1:
        return noise * numpy.float32(0.6) + numpy.float32(0.7)
    # Uniform with the variance that keeps the size of signals through ReLU.
    bound = numpy.float32(math.sqrt(6 / math.prod(shape[1:])))
    return (noise * 2 - 1) * bound

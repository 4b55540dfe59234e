"""``mxnet.gluon.data.vision``: MNIST, Fashion-MNIST, and transforms of images."""

from .....dialects.switch import missing as _missing
from . import transforms
from .datasets import MNIST, FashionMNIST

__all__ = ["MNIST", "FashionMNIST", "transforms"]

__getattr__ = _missing("mxnet", "mxnet.gluon.data.vision", globals())

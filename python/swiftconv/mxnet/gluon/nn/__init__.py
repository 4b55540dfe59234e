"""``mxnet.gluon.nn``: layers."""

from ....dialects.switch import missing as _missing
from ..block import Block, HybridBlock
from .activations import ELU, GELU, SELU, Activation, LeakyReLU, SiLU, Swish
from .basic import Dense, Dropout, Embedding, Flatten, HybridLambda, HybridSequential, Lambda, Sequential
from .conv import Conv1D, Conv2D, Conv2DTranspose, Conv3D
from .normalization import BatchNorm, LayerNorm
from .pooling import AvgPool1D, AvgPool2D, GlobalAvgPool1D, GlobalAvgPool2D, GlobalMaxPool2D, MaxPool1D, MaxPool2D

__all__ = [
    "ELU",
    "GELU",
    "SELU",
    "Activation",
    "AvgPool1D",
    "AvgPool2D",
    "BatchNorm",
    "Block",
    "Conv1D",
    "Conv2D",
    "Conv2DTranspose",
    "Conv3D",
    "Dense",
    "Dropout",
    "Embedding",
    "Flatten",
    "GlobalAvgPool1D",
    "GlobalAvgPool2D",
    "GlobalMaxPool2D",
    "HybridBlock",
    "HybridLambda",
    "HybridSequential",
    "Lambda",
    "LayerNorm",
    "LeakyReLU",
    "MaxPool1D",
    "MaxPool2D",
    "Sequential",
    "SiLU",
    "Swish",
]

__getattr__ = _missing("mxnet", "mxnet.gluon.nn", globals())

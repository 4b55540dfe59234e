"""``tf.keras.layers``."""

from __future__ import annotations

from typing import Any

from ...dialects import missing as _missing
from . import _layers, _windows
from ._engine import Layer
from ._layers import *  # noqa: F403
from ._layers import InputLayer
from ._windows import *  # noqa: F403
from ._windows import (
    AveragePooling1D,
    AveragePooling2D,
    AveragePooling3D,
    Conv1D,
    Conv2D,
    Conv2DTranspose,
    Conv3D,
    GlobalAveragePooling1D,
    GlobalAveragePooling2D,
    GlobalMaxPooling1D,
    GlobalMaxPooling2D,
    MaxPooling1D,
    MaxPooling2D,
    MaxPooling3D,
)

AvgPool1D, AvgPool2D, AvgPool3D = AveragePooling1D, AveragePooling2D, AveragePooling3D
MaxPool1D, MaxPool2D, MaxPool3D = MaxPooling1D, MaxPooling2D, MaxPooling3D
GlobalAvgPool1D, GlobalAvgPool2D = GlobalAveragePooling1D, GlobalAveragePooling2D
GlobalMaxPool1D, GlobalMaxPool2D = GlobalMaxPooling1D, GlobalMaxPooling2D
Convolution1D, Convolution2D, Convolution3D = Conv1D, Conv2D, Conv3D
Convolution2DTranspose = Conv2DTranspose

# Where Keras keeps its layers, which shows when they are printed.
_HOMES = {
    "activation.leaky_relu": "LeakyReLU",
    "activation.relu": "ReLU",
    "activation.softmax": "Softmax",
    "convolutional.conv1d": "Conv1D",
    "convolutional.conv2d": "Conv2D",
    "convolutional.conv2d_transpose": "Conv2DTranspose",
    "convolutional.conv3d": "Conv3D",
    "convolutional.depthwise_conv2d": "DepthwiseConv2D",
    "core.activation": "Activation",
    "core.dense": "Dense",
    "core.embedding": "Embedding",
    "core.lambda_layer": "Lambda",
    "merging.add": "Add",
    "merging.average": "Average",
    "merging.concatenate": "Concatenate",
    "merging.maximum": "Maximum",
    "merging.multiply": "Multiply",
    "merging.subtract": "Subtract",
    "normalization.batch_normalization": "BatchNormalization",
    "normalization.layer_normalization": "LayerNormalization",
    "pooling.average_pooling1d": "AveragePooling1D",
    "pooling.average_pooling2d": "AveragePooling2D",
    "pooling.average_pooling3d": "AveragePooling3D",
    "pooling.global_average_pooling1d": "GlobalAveragePooling1D",
    "pooling.global_average_pooling2d": "GlobalAveragePooling2D",
    "pooling.global_max_pooling1d": "GlobalMaxPooling1D",
    "pooling.global_max_pooling2d": "GlobalMaxPooling2D",
    "pooling.max_pooling1d": "MaxPooling1D",
    "pooling.max_pooling2d": "MaxPooling2D",
    "pooling.max_pooling3d": "MaxPooling3D",
    "regularization.dropout": "Dropout",
    "regularization.gaussian_noise": "GaussianNoise",
    "reshaping.flatten": "Flatten",
    "reshaping.permute": "Permute",
    "reshaping.reshape": "Reshape",
    "reshaping.up_sampling2d": "UpSampling2D",
    "reshaping.zero_padding2d": "ZeroPadding2D",
}

for _module in (_layers, _windows):
    for _name, _class in list(vars(_module).items()):
        if isinstance(_class, type) and issubclass(_class, Layer) and _class is not Layer and _name[:1] != "_":
            globals()[_name] = _class
for _home, _name in _HOMES.items():
    globals()[_name].__module__ = f"keras.layers.{_home}"


def Input(
    shape: Any = None, batch_size: int | None = None, name: str | None = None, dtype: Any = None, **_: Any
) -> Any:
    """Return a symbolic input; layers called on it describe a model.

    Example
    -------
    >>> import swiftconv.tensorflow as tf
    >>> x = tf.keras.Input((4,))
    >>> model = tf.keras.Model(x, tf.keras.layers.Dense(2)(x))
    >>> model(tf.ones((3, 4))).shape
    TensorShape([3, 2])
    """
    return InputLayer(shape, batch_size, dtype, name).output


__getattr__ = _missing("tensorflow", "tensorflow.keras.layers", globals())

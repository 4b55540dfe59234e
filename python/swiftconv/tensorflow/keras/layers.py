"""``tf.keras.layers``."""

from __future__ import annotations

from typing import Any

from ...dialects import missing as _missing
from . import _layers, _windows
from ._engine import Layer
from ._layers import *  # noqa: F403
from ._symbolic import KerasTensor as _KerasTensor
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

for _module, _shown in ((_layers, "keras.layers.core"), (_windows, "keras.layers.convolutional")):
    for _name, _class in list(vars(_module).items()):
        if isinstance(_class, type) and issubclass(_class, Layer) and _class is not Layer and _name[:1] != "_":
            globals()[_name] = _class


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
    return _KerasTensor((batch_size, *shape), dtype or "float32", None, name or "input")


__getattr__ = _missing("tensorflow", "tensorflow.keras.layers", globals())

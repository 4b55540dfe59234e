"""Layers with windows: convolutions and pooling."""

from __future__ import annotations

from typing import Any

from ... import ops as _ops
from ..._core import apply as _apply
from ..._core import operators as _operators
from .. import _math
from .. import nn as _nn
from .._tensor import EagerTensor, native
from . import activations, initializers, regularizers
from ._checks import InputSpec, check_padding
from ._engine import WEIGHT_OPTIONS, Layer, last_only, no_others


class _Conv(Layer):
    rank = 2
    _told = (
        "filters",
        "kernel_size",
        "strides",
        "padding",
        "data_format",
        "dilation_rate",
        "groups",
        "activation",
        *WEIGHT_OPTIONS,
    )

    def __init__(
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: Any = None,
        dilation_rate: Any = 1,
        groups: int = 1,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.data_format = last_only(self, data_format)
        if filters is not None and filters <= 0:
            raise ValueError(
                f"Invalid value for argument `filters`. Expected a strictly positive value. Received filters={filters}."
            )
        if filters is not None and filters % groups:
            raise ValueError(
                f"The number of filters must be evenly divisible by the number of groups. Received: groups={groups}, "
                f"filters={filters}"
            )
        self.filters, self.groups = filters, groups
        self.kernel_size = _nn.window(kernel_size, self.rank, "kernel_size")
        self.strides = _nn.window(strides, self.rank, "strides", allow_zero=True)
        self.dilation_rate = _nn.window(dilation_rate, self.rank, "dilation_rate")
        self.padding = check_padding(padding)
        if 0 in self.strides:
            raise ValueError(f"The argument `strides` cannot contains 0(s). Received: {self.strides}")
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            raise ValueError(
                f"`strides > 1` not supported in conjunction with `dilation_rate > 1`. Received: "
                f"strides={self.strides} and dilation_rate={self.dilation_rate}"
            )
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        no_others(self, activity_regularizer, kernel_constraint, bias_constraint)
        self.bias = None
        self.input_spec = InputSpec(min_ndim=self.rank + 2)

    def _kernel_shape(self, channels: int) -> tuple[int, ...]:
        return (*self.kernel_size, channels // self.groups, self.filters)

    def build(self, input_shape: Any) -> None:
        """Make `kernel` (window, inputs / groups, filters) and `bias` (filters)."""
        channels = input_shape[-1]
        if channels % self.groups:
            raise ValueError(
                "The number of input channels must be evenly divisible by the number of groups. Received "
                f"groups={self.groups}, but the input has {channels} channels (full input shape is {input_shape})."
            )
        self.input_spec = InputSpec(min_ndim=self.rank + 2, axes={-1: channels})
        shape = self._kernel_shape(channels)
        self.kernel = self.add_weight("kernel", shape, None, self.kernel_initializer, self.kernel_regularizer)
        if self.use_bias:
            self.bias = self.add_weight("bias", [self.filters], None, self.bias_initializer, self.bias_regularizer)
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Return the activation of the convolution."""
        result = _nn.convolution(
            inputs, self.kernel, self.bias, self.strides, self.padding, self.dilation_rate, self.groups
        )
        return self.activation(result)


class Conv1D(_Conv):
    """Slides kernels over signals ``(N, W, C)``."""

    rank = 1


class Conv2D(_Conv):
    """Slides kernels over images ``(N, H, W, C)``; the kernel is ``(kh, kw, C / groups, filters)``.

    Example
    -------
    >>> import swiftconv.tensorflow as tf
    >>> tf.keras.layers.Conv2D(6, kernel_size=5, padding="same")(tf.ones((1, 28, 28, 1))).shape
    TensorShape([1, 28, 28, 6])
    """


class Conv3D(_Conv):
    """Slides kernels over volumes ``(N, D, H, W, C)``."""

    rank = 3


class DepthwiseConv2D(_Conv):
    """Slides kernels over every channel on its own."""

    def __init__(
        self, kernel_size: Any, strides: Any = 1, padding: str = "valid", depth_multiplier: int = 1, **kwargs: Any
    ) -> None:
        kernel_initializer = kwargs.pop("depthwise_initializer", "glorot_uniform")
        super().__init__(None, kernel_size, strides, padding, kernel_initializer=kernel_initializer, **kwargs)
        self.depth_multiplier = depth_multiplier

    def build(self, input_shape: Any) -> None:
        """Make `depthwise_kernel` (kh, kw, C, multiplier) and `bias`."""
        channels = input_shape[-1]
        self.input_spec = InputSpec(min_ndim=self.rank + 2, axes={-1: channels})
        shape = (*self.kernel_size, channels, self.depth_multiplier)
        self.depthwise_kernel = self.add_weight("depthwise_kernel", shape, None, self.kernel_initializer)
        if self.use_bias:
            self.bias = self.add_weight("bias", [channels * self.depth_multiplier], None, self.bias_initializer)
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Return the activation of the convolution."""
        channels = inputs.shape[-1]
        kernel = _math.reshape(self.depthwise_kernel, (*self.kernel_size, 1, channels * self.depth_multiplier))
        result = _nn.convolution(inputs, kernel, self.bias, self.strides, self.padding, self.dilation_rate, channels)
        return self.activation(result)


class Conv2DTranspose(_Conv):
    """The transpose of `Conv2D`; the kernel is ``(kh, kw, filters, C)``."""

    def __init__(self, filters: int, kernel_size: Any, strides: Any = 1, padding: str = "valid", **kwargs: Any) -> None:
        kwargs.pop("output_padding", None)
        super().__init__(filters, kernel_size, strides, padding, **kwargs)

    def _kernel_shape(self, channels: int) -> tuple[int, ...]:
        return (*self.kernel_size, self.filters, channels)

    def call(self, inputs: Any) -> Any:
        """Return the activation of the transposed convolution."""
        weight = _ops.permute(native(self.kernel), (3, 2, 0, 1))
        # "same" makes the output `strides` times as large: what is too much is cut off, or what lacks is added.
        gaps = [kernel - stride for kernel, stride in zip(self.kernel_size, self.strides, strict=True)]
        bias = native(self.bias) if self.use_bias else None
        x = _nn.channels_first(native(inputs))
        extra = tuple(max(-gap, 0) for gap in gaps)
        full = _apply(_operators["conv_transpose"], x, weight, bias, self.strides, (0, 0), extra, self.dilation_rate, 1)
        if self.padding == "same":
            for axis, gap in enumerate(gaps):
                before = max(gap, 0) // 2
                full = full.narrow(axis + 2, before, inputs.shape[axis + 1] * self.strides[axis])
        return self.activation(EagerTensor(_nn.channels_last(full)))


class _Pooling(Layer):
    rank = 2
    kind = "max"
    _told = ("pool_size", "padding", "strides", "data_format")

    def __init__(
        self, pool_size: Any = 2, strides: Any = None, padding: str = "valid", data_format: Any = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.pool_size = _nn.window(pool_size, self.rank, "pool_size")
        self.strides = self.pool_size if strides is None else _nn.window(strides, self.rank, "strides")
        self.padding = check_padding(padding)
        self.data_format = last_only(self, data_format)
        self.input_spec = InputSpec(ndim=self.rank + 2)

    def call(self, inputs: Any) -> Any:
        """Return one value for every window."""
        return _nn.pool(self.kind, inputs, self.pool_size, self.strides, self.padding)


class MaxPooling1D(_Pooling):
    """The largest element of every window of signals."""

    rank = 1


class MaxPooling2D(_Pooling):
    """The largest element of every window of images."""


class MaxPooling3D(_Pooling):
    """The largest element of every window of volumes."""

    rank = 3


class AveragePooling1D(_Pooling):
    """The mean of every window of signals."""

    rank, kind = 1, "avg"


class AveragePooling2D(_Pooling):
    """The mean of every window of images."""

    kind = "avg"


class AveragePooling3D(_Pooling):
    """The mean of every window of volumes."""

    rank, kind = 3, "avg"


class _Global(Layer):
    rank = 2
    _reduce = staticmethod(_math.reduce_mean)
    _told = ("data_format", "keepdims")

    def __init__(self, data_format: Any = None, keepdims: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.data_format, self.keepdims = last_only(self, data_format), keepdims
        self.input_spec = InputSpec(ndim=self.rank + 2)

    def call(self, inputs: Any) -> Any:
        """Return one value for every channel."""
        return type(self)._reduce(inputs, list(range(1, self.rank + 1)), self.keepdims)


class GlobalAveragePooling1D(_Global):
    """The mean of every channel of signals."""

    rank = 1


class GlobalAveragePooling2D(_Global):
    """The mean of every channel of images."""


class GlobalMaxPooling1D(_Global):
    """The largest element of every channel of signals."""

    rank = 1
    _reduce = staticmethod(_math.reduce_max)


class GlobalMaxPooling2D(_Global):
    """The largest element of every channel of images."""

    _reduce = staticmethod(_math.reduce_max)


class ZeroPadding2D(Layer):
    """Puts zeros around images."""

    _told = ("padding", "data_format")

    def __init__(self, padding: Any = (1, 1), data_format: Any = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.data_format = last_only(self, data_format)
        pair = (padding, padding) if isinstance(padding, int) else tuple(padding)
        self.padding = tuple((each, each) if isinstance(each, int) else tuple(each) for each in pair)

    def call(self, inputs: Any) -> Any:
        """Return the images with their border."""
        return _math.pad(inputs, [(0, 0), *self.padding, (0, 0)])


class UpSampling2D(Layer):
    """Repeats the rows and columns of images."""

    _told = ("size", "data_format")

    def __init__(self, size: Any = (2, 2), data_format: Any = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.data_format = last_only(self, data_format)
        self.size = _nn.window(size, 2, "size")

    def call(self, inputs: Any) -> Any:
        """Return the larger images."""
        return _math.repeat(_math.repeat(inputs, self.size[0], 1), self.size[1], 2)

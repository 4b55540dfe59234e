"""Convolutional layers, on batches of shape ``(N, C, ...)``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ....nn import functional
from ..._values import wrap
from ...array import ndarray
from ...autograd import run
from ...base import MXNetError
from ..block import HybridBlock
from .activations import Activation

_LAYOUTS = {1: "NCW", 2: "NCHW", 3: "NCDHW"}


def sizes(value: Any, rank: int) -> tuple[int, ...]:
    """Return one number for every axis of a window."""
    return (int(value),) * rank if not isinstance(value, (tuple, list)) else tuple(int(each) for each in value)


def check_rank(x: ndarray, rank: int, name: str) -> None:
    """Refuse what is not a batch ``(N, C, ...)`` with `rank` axes for the window."""
    if x.ndim != rank + 2:
        raise MXNetError(f"{name}: the input has shape {x.shape}, expected {rank + 2} axes, {_LAYOUTS[rank]}")


class _Conv(HybridBlock):
    """What the layers share: arguments, deferred shapes and text."""

    _rank = 2
    _compute: Callable[..., Any]

    def __init__(
        self,
        channels: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
        layout: str | None = None,
        activation: str | None = None,
        use_bias: bool = True,
        weight_initializer: Any = None,
        bias_initializer: Any = "zeros",
        in_channels: int = 0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if layout not in (None, _LAYOUTS[self._rank]):
            raise NotImplementedError(f"{type(self).__name__}: layout is {layout!r}, expected {_LAYOUTS[self._rank]!r}")
        self._channels, self._in_channels, self._groups = channels, in_channels, groups
        self._kernel = sizes(kernel_size, self._rank)
        self._stride = sizes(strides, self._rank)
        self._padding = sizes(padding, self._rank)
        self._dilation = sizes(dilation, self._rank)
        with self.name_scope():
            shape = self._weight_shape(in_channels)
            self.weight = self.params.get("weight", shape=shape, init=weight_initializer, allow_deferred_init=True)
            self.bias = None
            if use_bias:
                self.bias = self.params.get("bias", shape=(channels,), init=bias_initializer, allow_deferred_init=True)
            self.act = Activation(activation, prefix=f"{activation}_") if activation is not None else None

    def _alias(self) -> str:
        return "conv"

    def _weight_shape(self, in_channels: int) -> tuple[int, ...]:
        return (self._channels, in_channels // self._groups, *self._kernel)

    def infer_shape(self, x: ndarray, *_: Any) -> None:
        """Find the number of input channels."""
        self.weight.shape = self._weight_shape(x.shape[1])

    def forward(self, x: ndarray) -> ndarray:
        """Slide the kernels over the input."""
        check_rank(x, self._rank, type(self).__name__)
        self._ready(x)
        weight = self.weight.data()._value
        bias = None if self.bias is None else self.bias.data()._value
        out = wrap(run(self._slide, x._value, weight, bias))
        return out if self.act is None else self.act(out)

    def _slide(self, x: Any, weight: Any, bias: Any) -> Any:
        return type(self)._compute(x, weight, bias, self._stride, self._padding, self._dilation, self._groups)

    def __repr__(self) -> str:
        shape = self.weight.shape or ()
        parts = [f"{shape[1]} -> {shape[0]}, kernel_size={self._kernel}, stride={self._stride}"]
        if any(self._padding):
            parts.append(f"padding={self._padding}")
        if any(each != 1 for each in self._dilation):
            parts.append(f"dilation={self._dilation}")
        if self._groups != 1:
            parts.append(f"groups={self._groups}")
        if self.bias is None:
            parts.append("bias=False")
        if self.act is not None:
            parts.append(repr(self.act))
        return f"{self.__class__.__name__}({', '.join(parts)})"


class Conv1D(_Conv):
    """A convolution along one axis, on ``(N, C, W)``; see `Conv2D`."""

    _rank = 1
    _compute = staticmethod(functional.conv1d)


class Conv2D(_Conv):
    """A convolution over images, ``(N, C, H, W)``.

    Parameters
    ----------
    channels : int
        The number of output channels.
    kernel_size : int or (int, int)
        The size of the window.
    strides, padding, dilation : int or (int, int)
        Distance between windows, zeros around the image, distance within a window.
    groups : int
        Into how many parts the channels are divided that do not see each other.
    layout : str, optional
        Only "NCHW".
    activation : str, optional
        Such as "relu".
    use_bias : bool
        Whether there is a bias.
    weight_initializer, bias_initializer : Initializer or str, optional
        How the parameters begin.
    in_channels : int
        The number of input channels; found with the first batch if 0.

    Example
    -------
    >>> from swiftconv.mxnet import np
    >>> from swiftconv.mxnet.gluon import nn
    >>> conv = nn.Conv2D(1, kernel_size=(1, 2), use_bias=False)
    >>> conv.initialize()
    >>> conv(np.ones((1, 1, 6, 8))).shape
    (1, 1, 6, 7)
    """

    _compute = staticmethod(functional.conv2d)


class Conv3D(_Conv):
    """A convolution over volumes, ``(N, C, D, H, W)``; see `Conv2D`."""

    _rank = 3
    _compute = staticmethod(functional.conv3d)


class Conv2DTranspose(_Conv):
    """The transpose of a convolution, which makes images larger; `output_padding` is added at the end."""

    def __init__(
        self,
        channels: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: Any = 0,
        output_padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
        **kwargs: Any,
    ) -> None:
        self._output_padding = sizes(output_padding, 2)
        super().__init__(channels, kernel_size, strides, padding, dilation, groups, **kwargs)

    def _weight_shape(self, in_channels: int) -> tuple[int, ...]:
        return (in_channels, self._channels // self._groups, *self._kernel)

    def _slide(self, x: Any, weight: Any, bias: Any) -> Any:
        return functional.conv_transpose2d(
            x, weight, bias, self._stride, self._padding, self._output_padding, self._groups, self._dilation
        )

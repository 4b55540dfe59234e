"""Pooling layers, on batches of shape ``(N, C, ...)``."""

from __future__ import annotations

from typing import Any

from ....nn import functional
from ..._values import wrap
from ...array import ndarray
from ...autograd import run
from ..block import HybridBlock
from .conv import check_rank, sizes


class _Pool(HybridBlock):
    """What the layers share."""

    _rank = 2
    _kind = "max"
    _is_global = False

    def __init__(
        self,
        pool_size: Any = 2,
        strides: Any = None,
        padding: Any = 0,
        layout: str | None = None,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._layout = "NCHW" if self._rank == 2 else "NCW"
        if layout not in (None, self._layout):
            raise NotImplementedError(f"{type(self).__name__}: layout is {layout!r}, expected {self._layout!r}")
        self._kernel = sizes(pool_size, self._rank)
        self._stride = self._kernel if strides is None else sizes(strides, self._rank)
        self._padding = sizes(padding, self._rank)
        self._ceil_mode = ceil_mode
        self._count_include_pad = count_include_pad

    def _alias(self) -> str:
        return "pool"

    def forward(self, x: ndarray) -> ndarray:
        """Pool every window."""
        check_rank(x, self._rank, type(self).__name__)
        return wrap(run(self._pool, x._value))

    def _pool(self, x: Any) -> Any:
        if self._kind == "max":
            pool = functional.max_pool2d if self._rank == 2 else functional.max_pool1d
            return pool(x, self._kernel, self._stride, self._padding, ceil_mode=self._ceil_mode)
        pool = functional.avg_pool2d if self._rank == 2 else functional.avg_pool1d
        return pool(x, self._kernel, self._stride, self._padding, self._ceil_mode, self._count_include_pad)

    def __repr__(self) -> str:
        return (
            f"{self.__class__.__name__}(size={self._kernel}, stride={self._stride}, padding={self._padding}, "
            f"ceil_mode={self._ceil_mode}, global_pool={self._is_global}, pool_type={self._kind}, "
            f"layout={self._layout})"
        )


class MaxPool2D(_Pool):
    """The largest element of every window of ``(N, C, H, W)``.

    Parameters
    ----------
    pool_size : int or (int, int)
        The size of the window.
    strides : int or (int, int), optional
        Distance between windows; their size if not given.
    padding : int or (int, int)
        Places around the image.

    Example
    -------
    >>> from swiftconv.mxnet import np
    >>> from swiftconv.mxnet.gluon import nn
    >>> nn.MaxPool2D(3)(np.arange(16).reshape(1, 1, 4, 4))
    array([[[[10.]]]])
    """


class MaxPool1D(_Pool):
    """The largest element of every window of ``(N, C, W)``."""

    _rank = 1


class AvgPool2D(_Pool):
    """The mean of every window of ``(N, C, H, W)``; see `MaxPool2D`."""

    _kind = "avg"


class AvgPool1D(_Pool):
    """The mean of every window of ``(N, C, W)``."""

    _rank = 1
    _kind = "avg"


class _GlobalPool(_Pool):
    _is_global = True

    def __init__(self, layout: str | None = None, **kwargs: Any) -> None:
        super().__init__(1, None, 0, layout, True, **kwargs)

    def _pool(self, x: Any) -> Any:
        if self._rank == 1:
            return functional.adaptive_avg_pool1d(x, 1)
        pool = functional.adaptive_avg_pool2d if self._kind == "avg" else functional.adaptive_max_pool2d
        return pool(x, 1)


class GlobalAvgPool2D(_GlobalPool):
    """The mean of every channel, ``(N, C, 1, 1)``."""

    _kind = "avg"


class GlobalMaxPool2D(_GlobalPool):
    """The largest element of every channel, ``(N, C, 1, 1)``."""


class GlobalAvgPool1D(_GlobalPool):
    """The mean of every channel, ``(N, C, 1)``."""

    _rank = 1
    _kind = "avg"

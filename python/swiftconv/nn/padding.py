"""Layers that put a border around their input."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._arguments import repeated
from . import functional as F
from .module import Module

if TYPE_CHECKING:
    from ..tensor import Tensor


class _Pad(Module):
    """What all borders share: the width on each side of the last `rank` axes."""

    rank: int
    mode = "constant"
    value = 0.0

    def __init__(self, padding: int | tuple[int, ...]) -> None:
        super().__init__()
        self.padding = repeated(padding, 2 * self.rank, f"{type(self).__name__}: padding")

    def forward(self, input: Tensor) -> Tensor:
        """Return the input with the border."""
        return F.pad(input, self.padding, self.mode, self.value)

    def extra_repr(self) -> str:
        return str(self.padding)


class _ConstantPad(_Pad):
    def __init__(self, padding: Any, value: float) -> None:
        super().__init__(padding)
        self.value = value

    def extra_repr(self) -> str:
        return f"padding={self.padding}, value={self.value}"


class ConstantPad1d(_ConstantPad):
    """A border of one value along the last axis; arguments as for `ConstantPad2d`.

    Example
    -------
    >>> nn.ConstantPad1d(1, 9.0)(sc.tensor([[[1.0, 2.0]]]))
    tensor([[[9., 1., 2., 9.]]])
    """

    rank = 1


class ConstantPad2d(_ConstantPad):
    """A border of one value along the last two axes.

    Parameters
    ----------
    padding : int or tuple of int
        ``(left, right, top, bottom)``, or one number for all sides.
    value : float
        What the border consists of.

    Example
    -------
    >>> nn.ConstantPad2d((1, 0, 0, 1), 7)(sc.ones(1, 1, 1, 1))
    tensor([[[[7., 1.],
              [7., 7.]]]])
    """

    rank = 2


class ConstantPad3d(_ConstantPad):
    """A border of one value along the last three axes; arguments as for `ConstantPad2d`.

    Example
    -------
    >>> nn.ConstantPad3d(1, 0.5)(sc.ones(1, 1, 2, 2, 2)).shape
    swiftconv.Size([1, 1, 4, 4, 4])
    """

    rank = 3


class ZeroPad1d(_Pad):
    """A border of zeros along the last axis; arguments as for `ZeroPad2d`.

    Example
    -------
    >>> nn.ZeroPad1d(1)(sc.tensor([[[1.0, 2.0]]]))
    tensor([[[0., 1., 2., 0.]]])
    """

    rank = 1


class ZeroPad2d(_Pad):
    """A border of zeros along the last two axes.

    Parameters
    ----------
    padding : int or tuple of int
        ``(left, right, top, bottom)``, or one number for all sides.

    Source
    ------
    Dive into Deep Learning, section 7.3.1.

    Example
    -------
    >>> nn.ZeroPad2d(1)
    ZeroPad2d((1, 1, 1, 1))
    """

    rank = 2


class ZeroPad3d(_Pad):
    """A border of zeros along the last three axes; arguments as for `ZeroPad2d`.

    Example
    -------
    >>> nn.ZeroPad3d(1)(sc.ones(1, 1, 2, 2, 2)).shape
    swiftconv.Size([1, 1, 4, 4, 4])
    """

    rank = 3


class ReflectionPad1d(_Pad):
    """A border that mirrors the last axis; arguments as for `ReflectionPad2d`.

    Example
    -------
    >>> nn.ReflectionPad1d(1)(sc.tensor([[[1.0, 2.0, 3.0]]]))
    tensor([[[2., 1., 2., 3., 2.]]])
    """

    rank, mode = 1, "reflect"


class ReflectionPad2d(_Pad):
    """A border that mirrors the image, without repeating its edge; arguments as for `ZeroPad2d`.

    Example
    -------
    >>> nn.ReflectionPad2d((2, 0, 0, 0))(sc.tensor([[[1.0, 2.0, 3.0]]]))
    tensor([[[3., 2., 1., 2., 3.]]])
    """

    rank, mode = 2, "reflect"


class ReflectionPad3d(_Pad):
    """A border that mirrors the last three axes; arguments as for `ReflectionPad2d`.

    Example
    -------
    >>> nn.ReflectionPad3d(1)(sc.ones(1, 1, 2, 2, 2)).shape
    swiftconv.Size([1, 1, 4, 4, 4])
    """

    rank, mode = 3, "reflect"


class ReplicationPad1d(_Pad):
    """A border that repeats the ends of the last axis; arguments as for `ReplicationPad2d`.

    Example
    -------
    >>> nn.ReplicationPad1d(1)(sc.tensor([[[1.0, 2.0]]]))
    tensor([[[1., 1., 2., 2.]]])
    """

    rank, mode = 1, "replicate"


class ReplicationPad2d(_Pad):
    """A border that repeats the image's edge; arguments as for `ZeroPad2d`.

    Example
    -------
    >>> nn.ReplicationPad2d((2, 0, 0, 0))(sc.tensor([[[1.0, 2.0, 3.0]]]))
    tensor([[[1., 1., 1., 2., 3.]]])
    """

    rank, mode = 2, "replicate"


class ReplicationPad3d(_Pad):
    """A border that repeats the edges of the last three axes; arguments as for `ReplicationPad2d`.

    Example
    -------
    >>> nn.ReplicationPad3d(1)(sc.ones(1, 1, 2, 2, 2)).shape
    swiftconv.Size([1, 1, 4, 4, 4])
    """

    rank, mode = 3, "replicate"


class CircularPad1d(_Pad):
    """A border that shows the other end of the last axis; arguments as for `CircularPad2d`.

    Example
    -------
    >>> nn.CircularPad1d(1)(sc.tensor([[[1.0, 2.0, 3.0]]]))
    tensor([[[3., 1., 2., 3., 1.]]])
    """

    rank, mode = 1, "circular"


class CircularPad2d(_Pad):
    """A border that shows the image's other side, as if it were tiled; arguments as for `ZeroPad2d`.

    Example
    -------
    >>> nn.CircularPad2d((2, 0, 0, 0))(sc.tensor([[[1.0, 2.0, 3.0]]]))
    tensor([[[2., 3., 1., 2., 3.]]])
    """

    rank, mode = 2, "circular"


class CircularPad3d(_Pad):
    """A border that shows the other sides of the last three axes; arguments as for `CircularPad2d`.

    Example
    -------
    >>> nn.CircularPad3d(1)(sc.ones(1, 1, 2, 2, 2)).shape
    swiftconv.Size([1, 1, 4, 4, 4])
    """

    rank, mode = 3, "circular"

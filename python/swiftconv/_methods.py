"""Methods of tensors that are not functions as well: spellings of shapes, tensors like this one, and `backward`."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from . import autograd
from ._arguments import normal_axis, sizes
from ._core import apply, operators
from ._core import backward as walk

if TYPE_CHECKING:
    from ._dtype import dtype as DType
    from .tensor import Tensor

_RESHAPE = operators["reshape"]
_VIEW = operators["view"]
_PERMUTE = operators["permute"]
_EXPAND = operators["expand"]
_FLIP = operators["flip"]
_WHERE = operators["where"]

# ---- Shapes ----------------------------------------------------------------------------------------------------------


def reshape(self: Tensor, *shape: int | Sequence[int]) -> Tensor:
    """Return the elements in another shape, given as several numbers or one sequence; see `swiftconv.reshape`.

    Example
    -------
    >>> sc.arange(4).reshape(2, -1)
    tensor([[0, 1],
            [2, 3]])
    """
    return apply(_RESHAPE, self, sizes(shape, "reshape"))


def reshape_as(self: Tensor, other: Tensor) -> Tensor:
    """Return the elements in the shape of another tensor.

    Example
    -------
    >>> sc.arange(4).reshape_as(sc.zeros(2, 2))
    tensor([[0, 1],
            [2, 3]])
    """
    return apply(_RESHAPE, self, tuple(other.shape))


def view(self: Tensor, *shape: int | Sequence[int]) -> Tensor:
    """Return a view in another shape.

    Raises
    ------
    ValueError
        When the memory's layout does not allow a view; `reshape` copies then.

    Example
    -------
    >>> sc.arange(4).view(2, 2)
    tensor([[0, 1],
            [2, 3]])
    """
    return apply(_VIEW, self, sizes(shape, "view"))


def view_as(self: Tensor, other: Tensor) -> Tensor:
    """Return a view in the shape of another tensor.

    Example
    -------
    >>> sc.arange(4).view_as(sc.zeros(2, 2))
    tensor([[0, 1],
            [2, 3]])
    """
    return apply(_VIEW, self, tuple(other.shape))


def permute(self: Tensor, *dims: int | Sequence[int]) -> Tensor:
    """Return a view with the axes in another order; see `swiftconv.permute`.

    Example
    -------
    >>> sc.zeros(2, 3, 4).permute(2, 0, 1).shape
    swiftconv.Size([4, 2, 3])
    """
    return apply(_PERMUTE, self, sizes(dims, "permute"))


def expand(self: Tensor, *size: int | Sequence[int]) -> Tensor:
    """Return a view that repeats axes of size 1 without a copy; -1 leaves an axis as it is.

    Example
    -------
    >>> sc.tensor([[1], [2]]).expand(-1, 3)
    tensor([[1, 1, 1],
            [2, 2, 2]])
    """
    return apply(_EXPAND, self, sizes(size, "expand"))


def expand_as(self: Tensor, other: Tensor) -> Tensor:
    """Return a view expanded to the shape of another tensor.

    Example
    -------
    >>> sc.tensor([[1], [2]]).expand_as(sc.zeros(2, 3))
    tensor([[1, 1, 1],
            [2, 2, 2]])
    """
    return apply(_EXPAND, self, tuple(other.shape))


def repeat(self: Tensor, *repeats: int | Sequence[int]) -> Tensor:
    """Return copies of the tensor side by side, as many along each axis as given.

    Example
    -------
    >>> sc.tensor([1, 2]).repeat(2, 2)
    tensor([[1, 2, 1, 2],
            [1, 2, 1, 2]])
    """
    from .ops import tile

    counts = sizes(repeats, "repeat")
    if len(counts) < self.ndim:
        raise ValueError(f"repeat: {len(counts)} numbers for a tensor with {self.ndim} axes; give one for each")
    return tile(self, counts)


def tile(self: Tensor, *dims: int | Sequence[int]) -> Tensor:
    """Return copies of the tensor side by side; axes that are left out are the first ones. See `swiftconv.tile`.

    Example
    -------
    >>> sc.tensor([1, 2]).tile(2, 2)
    tensor([[1, 2, 1, 2],
            [1, 2, 1, 2]])
    """
    from .ops import tile

    return tile(self, sizes(dims, "tile"))


def flip(self: Tensor, *dims: int | Sequence[int]) -> Tensor:
    """Return the elements in reverse order along some axes; see `swiftconv.flip`.

    Example
    -------
    >>> sc.tensor([[1, 2], [3, 4]]).flip(0)
    tensor([[3, 4],
            [1, 2]])
    """
    return apply(_FLIP, self, sizes(dims, "flip"))


def unflatten(self: Tensor, dim: int, sizes: Sequence[int]) -> Tensor:
    """Return the elements with one axis split into several.

    Example
    -------
    >>> sc.zeros(6).unflatten(0, (2, 3)).shape
    swiftconv.Size([2, 3])
    """
    axis = normal_axis(dim, self.ndim, "unflatten")
    size, parts = self.shape[axis], tuple(sizes)
    if parts.count(-1) == 1:
        known = -math.prod(parts)
        parts = tuple((size // known if known else 0) if each == -1 else each for each in parts)
    if min(parts, default=0) < 0 or math.prod(parts) != size:
        raise ValueError(f"unflatten: the sizes {tuple(sizes)} do not multiply to the size {size} of axis {axis}")
    return apply(_RESHAPE, self, (*self.shape[:axis], *parts, *self.shape[axis + 1 :]))


def size(self: Tensor, dim: int | None = None) -> Any:
    """Return the shape, or the size of one axis.

    Example
    -------
    >>> x = sc.zeros(2, 3)
    >>> x.size(), x.size(-1)
    (swiftconv.Size([2, 3]), 3)
    """
    return self.shape if dim is None else self.shape[normal_axis(dim, self.ndim, "size")]


def stride(self: Tensor, dim: int | None = None) -> Any:
    """Return the distances between neighbours along the axes, in elements; or the one of an axis.

    Example
    -------
    >>> x = sc.zeros(2, 3)
    >>> x.stride(), x.t().stride(), x.stride(0)
    ((3, 1), (1, 3), 3)
    """
    return self.strides_ if dim is None else self.strides_[normal_axis(dim, self.ndim, "stride")]


def dim(self: Tensor) -> int:
    """Return the number of axes.

    Example
    -------
    >>> sc.zeros(2, 3).dim()
    2
    """
    return self.ndim


def where(self: Tensor, condition: Tensor, other: Tensor | float) -> Tensor:
    """Return the tensor's elements where the condition holds, and those of `other` elsewhere.

    Example
    -------
    >>> x = sc.tensor([1.0, -2.0, 3.0])
    >>> x.where(x > 0, 0)
    tensor([1., 0., 3.])
    """
    return apply(_WHERE, condition, self, other)


# ---- New tensors like this one ---------------------------------------------------------------------------------------


def new_tensor(self: Tensor, data: Any, *, dtype: DType | None = None, requires_grad: bool = False) -> Tensor:
    """Return `swiftconv.tensor` of the data, in this tensor's dtype.

    Example
    -------
    >>> sc.zeros(2, dtype=sc.float64).new_tensor([1, 2])
    tensor([1., 2.], dtype=swiftconv.float64)
    """
    from .conversion import tensor

    return tensor(data, dtype=dtype or self.dtype, requires_grad=requires_grad)


def new_empty(self: Tensor, *size: Any, dtype: DType | None = None, requires_grad: bool = False) -> Tensor:
    """Return `swiftconv.empty` in this tensor's dtype.

    Example
    -------
    >>> sc.zeros(2, dtype=sc.int64).new_empty(2, 3).dtype
    swiftconv.int64
    """
    from .creation import empty

    return empty(*size, dtype=dtype or self.dtype, requires_grad=requires_grad)


def new_zeros(self: Tensor, *size: Any, dtype: DType | None = None, requires_grad: bool = False) -> Tensor:
    """Return `swiftconv.zeros` in this tensor's dtype.

    Example
    -------
    >>> sc.zeros(2, dtype=sc.int64).new_zeros(3)
    tensor([0, 0, 0])
    """
    from .creation import zeros

    return zeros(*size, dtype=dtype or self.dtype, requires_grad=requires_grad)


def new_ones(self: Tensor, *size: Any, dtype: DType | None = None, requires_grad: bool = False) -> Tensor:
    """Return `swiftconv.ones` in this tensor's dtype.

    Example
    -------
    >>> sc.zeros(2, dtype=sc.int64).new_ones(3)
    tensor([1, 1, 1])
    """
    from .creation import ones

    return ones(*size, dtype=dtype or self.dtype, requires_grad=requires_grad)


def new_full(
    self: Tensor, size: Any, fill_value: Any, *, dtype: DType | None = None, requires_grad: bool = False
) -> Tensor:
    """Return `swiftconv.full` in this tensor's dtype.

    Example
    -------
    >>> sc.zeros(2, dtype=sc.float64).new_full((2,), 7)
    tensor([7., 7.], dtype=swiftconv.float64)
    """
    from .creation import full

    return full(size, fill_value, dtype=dtype or self.dtype, requires_grad=requires_grad)


# ---- Autodiff --------------------------------------------------------------------------------------------------------


def backward(
    self: Tensor, gradient: Tensor | None = None, retain_graph: bool | None = None, create_graph: bool = False
) -> None:
    """Add the gradients of this tensor to the ``grad`` of the leaves it was computed from.

    Parameters
    ----------
    gradient : Tensor, optional
        The gradient of this tensor, in its shape; may be left out when the tensor has one element.
    retain_graph, create_graph
        As for `swiftconv.autograd.backward`.

    Raises
    ------
    RuntimeError
        As for `swiftconv.autograd.backward`.

    Source
    ------
    Dive into Deep Learning, section 2.5.

    Example
    -------
    >>> x = sc.tensor([1.0, 2.0], requires_grad=True)
    >>> (x * x).backward(sc.ones_like(x))
    >>> x.grad
    tensor([2., 4.])
    """
    if gradient is None and retain_graph is None and not create_graph:
        walk((self,), None, False, False)
    else:
        autograd.backward((self,), None if gradient is None else (gradient,), retain_graph, create_graph)


def iterate(self: Tensor) -> Iterator[Tensor]:
    """Return an iterator over views of the entries along the first axis."""
    if self.ndim == 0:
        raise TypeError("iteration over a 0-d tensor")
    return iter([self[place] for place in range(len(self))])

"""Products of matrices and vectors, and norms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .._arguments import axes
from .._core import apply, operators

if TYPE_CHECKING:
    from ..tensor import Tensor

__all__ = ["bmm", "dot", "inner", "matmul", "mm", "mv", "norm", "outer"]

_MATMUL = operators["matmul"]
_MUL = operators["mul"]
_SUM = operators["sum"]
_SQRT = operators["sqrt"]
_SQUARE = operators["square"]
_ABS = operators["abs"]
_AMAX = operators["amax"]
_AMIN = operators["amin"]
_POW = operators["pow"]
_EQ = operators["eq"]
_NE = operators["ne"]
_WHERE = operators["where"]


def matmul(input: Tensor, other: Tensor) -> Tensor:
    r"""Return the matrix product :math:`C_{ij} = \sum_k A_{ik} B_{kj}`.

    Parameters
    ----------
    input : Tensor
        ``(..., n, k)``, or ``(k,)`` for a row that the result leaves out again.
    other : Tensor
        ``(..., k, m)``, or ``(k,)`` for a column that the result leaves out again.

    Returns
    -------
    Tensor
        ``(..., n, m)``; leading axes are broadcast.

    Raises
    ------
    ValueError
        When the sizes do not fit.

    Example
    -------
    >>> sc.matmul(sc.tensor([[1.0, 2.0], [3.0, 4.0]]), sc.tensor([10.0, 1.0]))
    tensor([12., 34.])
    """
    return apply(_MATMUL, input, other)


def _check_ranks(name: str, input: Tensor, first: int, other: Tensor, second: int) -> None:
    if input.ndim != first or other.ndim != second:
        raise ValueError(
            f"{name}: expected tensors with {first} and {second} axes, got shapes {tuple(input.shape)} and "
            f"{tuple(other.shape)}; matmul takes any"
        )


def mm(input: Tensor, mat2: Tensor) -> Tensor:
    """Return the product of two matrices, ``(n, k)`` and ``(k, m)``.

    Example
    -------
    >>> sc.mm(sc.tensor([[1.0, 2.0]]), sc.tensor([[3.0], [4.0]]))
    tensor([[11.]])
    """
    _check_ranks("mm", input, 2, mat2, 2)
    return apply(_MATMUL, input, mat2)


def mv(input: Tensor, vec: Tensor) -> Tensor:
    """Return the product of a matrix ``(n, k)`` and a vector ``(k,)``.

    Example
    -------
    >>> sc.mv(sc.tensor([[1.0, 2.0], [3.0, 4.0]]), sc.tensor([1.0, 1.0]))
    tensor([3., 7.])
    """
    _check_ranks("mv", input, 2, vec, 1)
    return apply(_MATMUL, input, vec)


def bmm(input: Tensor, mat2: Tensor) -> Tensor:
    """Return the products of two batches of matrices, ``(b, n, k)`` and ``(b, k, m)``.

    Example
    -------
    >>> sc.bmm(sc.ones(2, 1, 3), sc.ones(2, 3, 1)).shape
    swiftconv.Size([2, 1, 1])
    """
    _check_ranks("bmm", input, 3, mat2, 3)
    return apply(_MATMUL, input, mat2)


def dot(input: Tensor, other: Tensor) -> Tensor:
    r"""Return :math:`\sum_i x_i y_i` of two vectors.

    Example
    -------
    >>> sc.dot(sc.tensor([1.0, 2.0]), sc.tensor([3.0, 4.0]))
    tensor(11.)
    """
    _check_ranks("dot", input, 1, other, 1)
    return apply(_MATMUL, input, other)


def inner(input: Tensor, other: Tensor) -> Tensor:
    """Return the products of the last axes of two tensors, summed.

    Example
    -------
    >>> sc.inner(sc.tensor([[1.0, 2.0], [3.0, 4.0]]), sc.tensor([1.0, 1.0]))
    tensor([3., 7.])
    """
    if input.ndim == 0 or other.ndim == 0:
        return apply(_MUL, input, other)
    return apply(_MATMUL, input, other if other.ndim == 1 else other.transpose(-1, -2))


def outer(input: Tensor, vec2: Tensor) -> Tensor:
    """Return the table :math:`x_i y_j` of two vectors.

    Example
    -------
    >>> sc.outer(sc.tensor([1.0, 2.0]), sc.tensor([3.0, 4.0]))
    tensor([[3., 4.],
            [6., 8.]])
    """
    _check_ranks("outer", input, 1, vec2, 1)
    return apply(_MUL, input.unsqueeze(1), vec2)


def _root(operator: int, total: Tensor, *exponent: float) -> Tensor:
    """A root whose slope at 0 is 0: there the norm has none, and infinity times 0 would be NaN."""
    if not total.requires_grad:
        return apply(operator, total, *exponent)
    is_zero = apply(_EQ, total, 0)
    return apply(_WHERE, is_zero, 0, apply(operator, apply(_WHERE, is_zero, 1, total), *exponent))


def norm(
    input: Tensor,
    p: float | str | None = "fro",
    dim: int | Sequence[int] | None = None,
    keepdim: bool = False,
    *,
    axis: int | Sequence[int] | None = None,
) -> Tensor:
    r"""Return :math:`(\sum |x|^p)^{1/p}` of all elements, or along axes.

    Parameters
    ----------
    input : Tensor
        Floating point.
    p : float or "fro"
        The order: "fro" for 2, infinities for the largest and smallest magnitude, 0 for the number of nonzero elements.
    dim : int or sequence of int, optional
        The axes; all when left out.
    keepdim : bool
        Keep reduced axes with size 1.

    Source
    ------
    Dive into Deep Learning, section 2.3.11.

    Example
    -------
    >>> sc.norm(sc.tensor([3.0, -4.0]))
    tensor(5.)
    """
    dims = axes(dim, axis, "norm")
    if p is None or p == "fro" or p == 2:
        return _root(_SQRT, apply(_SUM, apply(_SQUARE, input), dims, keepdim))
    magnitude = apply(_ABS, input)
    if p == float("inf"):
        return apply(_AMAX, magnitude, dims, keepdim)
    if p == float("-inf"):
        return apply(_AMIN, magnitude, dims, keepdim)
    if isinstance(p, str):
        raise ValueError(f"norm: p must be a number or 'fro', got {p!r}")
    if p == 0:
        return apply(_SUM, apply(_NE, input, 0), dims, keepdim).to(input.dtype)
    if p == 1:
        return apply(_SUM, magnitude, dims, keepdim)
    return _root(_POW, apply(_SUM, apply(_POW, magnitude, float(p)), dims, keepdim), 1.0 / p)

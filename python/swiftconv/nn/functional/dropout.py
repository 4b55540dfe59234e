"""Dropout: elements or whole channels set to zero at random."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy

from ..._core import apply, from_buffer, operators
from ...random import default_generator

if TYPE_CHECKING:
    from ...tensor import Tensor

__all__ = ["dropout", "dropout1d", "dropout2d", "dropout3d"]

_MUL = operators["mul"]


def _dropped(input: Tensor, shape: tuple[int, ...], p: float, training: bool, inplace: bool, name: str) -> Tensor:
    """The input times noise of a shape that broadcasts: 0 with probability p, and 1 / (1 - p) otherwise."""
    if not 0 <= p <= 1:
        raise ValueError(f"{name}: p must be a probability from 0 to 1, got {p}")
    if not input.dtype.is_floating_point:
        raise TypeError(f"{name}: expected a floating-point tensor, got {input.dtype}")
    if not training or p == 0:
        return input
    kept = default_generator().random(shape, dtype=numpy.float32) >= p
    noise = apply(_MUL, from_buffer(numpy.asarray(kept)).to(input.dtype), 0.0 if p == 1 else 1 / (1 - p))
    return input.mul_(noise) if inplace else apply(_MUL, input, noise)


def dropout(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """Return the input with elements set to zero at random, and the others enlarged so that the mean stays.

    Parameters
    ----------
    input : Tensor
        Floating point, any shape.
    p : float
        The probability of each element to become zero.
    training : bool
        Return the input as it is if False.
    inplace : bool
        Whether to store the result in the input.

    Raises
    ------
    ValueError
        When `p` is not between 0 and 1.

    Source
    ------
    Dive into Deep Learning, section 5.6. Srivastava et al., "Dropout", JMLR 15 (2014).

    Example
    -------
    >>> F.dropout(sc.ones(1000), 0.25).mean().item() > 0.9
    True
    >>> F.dropout(sc.ones(3), training=False)
    tensor([1., 1., 1.])
    """
    return _dropped(input, tuple(input.shape), p, training, inplace, "dropout")


def _dropped_channels(
    input: Tensor, p: float, training: bool, inplace: bool, rank: int, batched: tuple[int, ...]
) -> Tensor:
    """`_dropped` with one number of noise per channel. Inputs of ranks in `batched` have their channels on axis 1."""
    name, found = f"dropout{rank}d", input.ndim
    if found not in (rank + 1, rank + 2):
        axes = ", ".join(("D", "H", "W")[3 - rank :])
        raise ValueError(f"{name}: input has shape {tuple(input.shape)}, expected (N, C, {axes}) or (C, {axes})")
    kept = 2 if found in batched else 1
    shape = tuple(input.shape)[:kept] + (1,) * (found - kept)
    return _dropped(input, shape, p, training, inplace, name)


def dropout1d(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """Return ``(N, C, W)`` or ``(C, W)`` with whole channels set to zero at random; arguments as for `dropout`.

    Example
    -------
    >>> F.dropout1d(sc.ones(2, 3, 4), 1.0).sum()
    tensor(0.)
    """
    return _dropped_channels(input, p, training, inplace, 1, (3,))


def dropout2d(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """Return ``(N, C, H, W)`` with whole channels set to zero at random; arguments as for `dropout`.

    An input with three axes counts as ``(N, C, W)``, as in PyTorch.

    Source
    ------
    Tompson et al., "Efficient Object Localization Using Convolutional Networks", arXiv:1411.4280.

    Example
    -------
    >>> F.dropout2d(sc.ones(2, 3, 4, 4), 1.0).sum()
    tensor(0.)
    """
    return _dropped_channels(input, p, training, inplace, 2, (3, 4))


def dropout3d(input: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
    """Return ``(N, C, D, H, W)`` or ``(C, D, H, W)`` with whole channels set to zero; arguments as for `dropout`.

    Example
    -------
    >>> F.dropout3d(sc.ones(2, 3, 4, 4, 4), 1.0).sum()
    tensor(0.)
    """
    return _dropped_channels(input, p, training, inplace, 3, (5,))

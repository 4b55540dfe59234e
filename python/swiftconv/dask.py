"""Correlations of arrays that are larger than memory, in the blocks of Dask.

Needs Dask: ``pip install "swiftconv[dask]"``. The functions return lazy arrays; a block is computed together with the
rows and columns of its neighbours that the kernel reaches, and nothing else of the array is in memory.

Example
-------
>>> import dask.array as da
>>> from swiftconv.dask import corr2d
>>> X = da.ones((6, 8), chunks=(3, 4), dtype="float32")
>>> Y = corr2d(X, np.ones((2, 2), dtype=np.float32))
>>> Y.shape, Y.chunks
((5, 7), ((3, 2), (4, 3)))
>>> float(Y.sum().compute())
140.0
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy

from ._arguments import repeated
from .autograd import no_grad
from .conversion import as_tensor, from_numpy
from .correlation import corr2d as _corr2d
from .tensor import Tensor

if TYPE_CHECKING:
    import dask.array

__all__ = ["conv2d", "corr2d"]


def _dask_array() -> Any:
    try:
        import dask.array
    except ImportError as error:
        raise ImportError('swiftconv.dask needs Dask: pip install "swiftconv[dask]"') from error
    return dask.array


def corr2d(X: dask.array.Array, K: numpy.ndarray | Tensor) -> dask.array.Array:
    """Slide a kernel over a large image; `swiftconv.corr2d`, block by block.

    Parameters
    ----------
    X : dask.array.Array
        The image, ``(H, W)``.
    K : numpy.ndarray or Tensor
        The kernel, ``(h, w)`` with ``h <= H`` and ``w <= W``.

    Returns
    -------
    dask.array.Array
        ``(H - h + 1, W - w + 1)``, lazy, in the dtype that `swiftconv.corr2d` gives.

    Raises
    ------
    TypeError
        When `X` is no array of Dask.
    ValueError
        When an argument has not two axes, or the kernel is larger than the image.

    Example
    -------
    >>> import dask.array as da
    >>> from swiftconv.dask import corr2d
    >>> corr2d(da.arange(9, chunks=9).reshape(3, 3), np.ones((2, 2), dtype=np.int64)).compute().tolist()
    [[8, 12], [20, 24]]
    """
    kernel = K.detach().numpy() if isinstance(K, Tensor) else numpy.asarray(K)
    _check("corr2d", X, 2)
    if kernel.ndim != 2:
        raise ValueError(f"corr2d: K has shape {kernel.shape}, expected 2 axes (h, w)")
    return _in_blocks("corr2d", X, kernel.shape, (1, 1), None, lambda block: _corr2d(block, kernel))


def conv2d(
    input: dask.array.Array,
    weight: numpy.ndarray | Tensor,
    bias: numpy.ndarray | Tensor | None = None,
    stride: int | Sequence[int] = 1,
    padding: int | Sequence[int] = 0,
    dilation: int | Sequence[int] = 1,
    groups: int = 1,
) -> dask.array.Array:
    """Convolve large images, block by block; the arguments are those of `swiftconv.nn.functional.conv2d`.

    Nothing is recorded for gradients: this is for applying a network's layer.

    Parameters
    ----------
    input : dask.array.Array
        ``(n, ic, ih, iw)``, cut along the samples and the two spatial axes as one likes; the channels are joined.
    weight : numpy.ndarray or Tensor
        ``(oc, ic / groups, kh, kw)``, in the dtype of `input`.
    bias : numpy.ndarray or Tensor, optional
        ``(oc,)``.
    stride, padding, dilation : int or (int, int)
        In the order of the axes ``(h, w)``; the padding is zeros.
    groups : int
        Into how many groups the channels are divided.

    Returns
    -------
    dask.array.Array
        ``(n, oc, oh, ow)``, lazy.

    Raises
    ------
    TypeError
        When `input` is no array of Dask.
    ValueError
        When the shapes do not fit.

    Example
    -------
    >>> import dask.array as da
    >>> from swiftconv.dask import conv2d
    >>> x = da.ones((1, 3, 64, 64), chunks=(1, 3, 16, 16), dtype="float32")
    >>> y = conv2d(x, np.ones((8, 3, 3, 3), dtype=np.float32), stride=2, padding=1)
    >>> y.shape, float(y[0, 0, 5, 5].compute())
    ((1, 8, 32, 32), 27.0)
    """
    from .nn import functional as F

    _check("conv2d", input, 4)
    weight, bias = as_tensor(weight).detach(), None if bias is None else as_tensor(bias).detach()
    if weight.ndim != 4:
        raise ValueError(f"conv2d: weight has shape {tuple(weight.shape)}, expected 4 axes (oc, ic / groups, kh, kw)")
    strides, pads, dilations = (
        repeated(value, 2, f"conv2d: {name}")
        for value, name in ((stride, "stride"), (padding, "padding"), (dilation, "dilation"))
    )
    da = _dask_array()
    x = da.pad(input, ((0, 0), (0, 0), *((each, each) for each in pads))) if any(pads) else input
    x = x.rechunk({1: -1})
    reach = tuple((size - 1) * step + 1 for size, step in zip(weight.shape[2:], dilations, strict=True))

    def of_block(block: numpy.ndarray) -> numpy.ndarray:
        with no_grad():
            x = from_numpy(block)
            return F.conv2d(x, weight, bias, stride=strides, dilation=dilations, groups=groups).numpy()

    return _in_blocks("conv2d", x, reach, strides, weight.shape[0], of_block)


def _check(name: str, x: Any, axes: int) -> None:
    if not isinstance(x, _dask_array().Array):
        raise TypeError(f"{name}: expected an array of Dask, got {type(x).__name__}; swiftconv.{name} takes others")
    if x.ndim != axes:
        raise ValueError(f"{name}: the array has shape {x.shape}, expected {axes} axes")


def _in_blocks(
    name: str, x: Any, reach: tuple[int, ...], strides: tuple[int, ...], channels: int | None, compute: Any
) -> Any:
    """Applies a function to blocks with the neighbours they need.

    A block begins at a multiple of the stride, and computes the results whose windows begin in it. Of what follows it,
    it needs as much as a window reaches further, less one.
    """
    first = x.ndim - 2
    for size, window in zip(x.shape[first:], reach, strict=True):
        if window > size:
            raise ValueError(f"{name}: the kernel reaches over {window} elements of an axis of {size}; pad the array")
    cuts = {
        first + axis: _aligned(x.chunks[first + axis], strides[axis], reach[axis] - 1) for axis in range(len(reach))
    }
    x = x.rechunk(cuts)
    chunks = list(x.chunks)
    for axis, (step, window) in enumerate(zip(strides, reach, strict=True)):
        *inner, last = x.chunks[first + axis]
        chunks[first + axis] = (*(size // step for size in inner), (last - window) // step + 1)
    if channels is not None:
        chunks[1] = (channels,)
    halo = {first + axis: (0, window - 1) for axis, window in enumerate(reach)}
    sample = compute(numpy.zeros([*x.shape[:first], *reach], x.dtype)[:1] if first else numpy.zeros(reach, x.dtype))
    return x.map_overlap(
        compute, depth=halo, boundary="none", trim=False, allow_rechunk=False, chunks=tuple(chunks), dtype=sample.dtype,
        meta=numpy.empty((0,) * x.ndim, sample.dtype),
    )  # fmt: skip


def _aligned(chunks: tuple[int, ...], step: int, halo: int) -> tuple[int, ...]:
    """Pieces of an axis that begin at multiples of a step, each longer than the halo."""
    total, least = sum(chunks), halo + 1
    wanted = max(chunks[0], least, step)
    wanted += -wanted % step
    count = (total - least) // wanted + 1
    return (*(wanted,) * (count - 1), total - (count - 1) * wanted)

"""Convolutions over one, two and three axes, and their transposes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..._arguments import repeated
from ..._core import apply, operators

if TYPE_CHECKING:
    from ...tensor import Tensor

    Sizes = int | tuple[int, ...]

__all__ = ["conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d"]

_CONVOLUTION = operators["convolution"]
_CONV_TRANSPOSE = operators["conv_transpose"]


def _same_padding(
    padding: str, rank: int, weight: Tensor, stride: tuple[int, ...], dilation: tuple[int, ...]
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The padding before and after each axis, from its name."""
    name = f"conv{rank}d"
    if padding == "valid":
        return (0,) * rank, (0,) * rank
    if padding != "same":
        raise ValueError(f"{name}: padding must be numbers, 'same' or 'valid', got {padding!r}")
    if any(step != 1 for step in stride):
        raise ValueError(f"{name}: padding='same' needs stride 1, got {stride}; give the padding as numbers")
    kernel = weight.shape[2:]
    if len(kernel) != rank:
        axes = "(C_out, C_in / groups, " + ", ".join(("kd", "kh", "kw")[3 - rank :]) + ")"
        raise ValueError(f"{name}: weight has rank {weight.ndim} {tuple(weight.shape)}, expected {rank + 2} {axes}")
    # The whole is split in halves; of an odd number, the larger part goes after, as in PyTorch.
    totals = [each * (size - 1) for each, size in zip(dilation, kernel, strict=True)]
    return tuple(total // 2 for total in totals), tuple(total - total // 2 for total in totals)


def _per_axis(value: Any, rank: int, what: str) -> tuple[int, ...]:
    """One number for each axis. The usual forms are let through at once, and the core checks the numbers."""
    if type(value) is int:
        return (value,) * rank
    if type(value) is tuple and len(value) == rank:
        for each in value:
            if type(each) is not int:
                break
        else:
            return value
    return repeated(value, rank, f"conv{rank}d: {what}")


def convolution(
    rank: int, input: Tensor, weight: Tensor, bias: Any, stride: Any, padding: Any, dilation: Any, groups: int
) -> Tensor:
    """Return the convolution over `rank` axes; the functions below say with which arguments."""
    if type(stride) is tuple and type(padding) is tuple and type(dilation) is tuple and len(stride) == rank:
        # What layers pass. The core checks lengths and elements as well, in other words.
        try:
            return apply(_CONVOLUTION, input, weight, bias, stride, padding, padding, dilation, groups)
        except (TypeError, ValueError):
            for value, what in ((stride, "stride"), (dilation, "dilation"), (padding, "padding")):
                _per_axis(value, rank, what)
            raise
    stride = _per_axis(stride, rank, "stride")
    dilation = _per_axis(dilation, rank, "dilation")
    if isinstance(padding, str):
        before, after = _same_padding(padding, rank, weight, stride, dilation)
    else:
        before = after = _per_axis(padding, rank, "padding")
    return apply(_CONVOLUTION, input, weight, bias, stride, before, after, dilation, groups)


def conv1d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Sizes = 1,
    padding: str | Sizes = 0,
    dilation: Sizes = 1,
    groups: int = 1,
) -> Tensor:
    """Slide kernels over a batch of signals; arguments as for `conv2d`.

    Parameters
    ----------
    input : Tensor
        ``(N, C_in, W)``.
    weight : Tensor
        ``(C_out, C_in / groups, kw)``.

    Returns
    -------
    Tensor
        ``(N, C_out, W_out)``.

    Example
    -------
    >>> F.conv1d(sc.tensor([[[1.0, 2.0, 4.0]]]), sc.tensor([[[-1.0, 1.0]]]))
    tensor([[[1., 2.]]])
    """
    return convolution(1, input, weight, bias, stride, padding, dilation, groups)


def conv2d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Sizes = 1,
    padding: str | Sizes = 0,
    dilation: Sizes = 1,
    groups: int = 1,
) -> Tensor:
    r"""Slide kernels over a batch of images and add up the channels.

    .. math:: y_{n,o,i,j} = b_o + \sum_{c,a,b} x_{n,c,\,i s + a d - p,\,j s + b d - p} \, w_{o,c,a,b}

    Parameters
    ----------
    input : Tensor
        ``(N, C_in, H, W)``, float32 or float64.
    weight : Tensor
        ``(C_out, C_in / groups, kh, kw)``, in the dtype of `input`.
    bias : Tensor, optional
        ``(C_out,)``.
    stride : int or (int, int)
        Distance between two windows.
    padding : int, (int, int), "same" or "valid"
        Zeros around the image: so many on each side, as many as keep the size, or none.
    dilation : int or (int, int)
        Distance between the elements of a window.
    groups : int
        Into how many parts the channels are divided that do not see each other.

    Returns
    -------
    Tensor
        ``(N, C_out, H_out, W_out)`` with ``H_out = (H + 2 p - d (kh - 1) - 1) // s + 1``.

    Raises
    ------
    ValueError
        When shapes do not fit or the window is larger than the padded image.
    TypeError
        For dtypes that differ or are not floating point.

    Source
    ------
    Dive into Deep Learning, sections 7.2 to 7.4.

    Example
    -------
    >>> image, kernel = sc.ones(1, 1, 3, 3), sc.ones(1, 1, 2, 2)
    >>> F.conv2d(image, kernel, stride=2, padding=1)
    tensor([[[[1., 2.],
              [2., 4.]]]])
    """
    return convolution(2, input, weight, bias, stride, padding, dilation, groups)


def conv3d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Sizes = 1,
    padding: str | Sizes = 0,
    dilation: Sizes = 1,
    groups: int = 1,
) -> Tensor:
    """Slide kernels over a batch of volumes; arguments as for `conv2d`.

    Parameters
    ----------
    input : Tensor
        ``(N, C_in, D, H, W)``.
    weight : Tensor
        ``(C_out, C_in / groups, kd, kh, kw)``.

    Returns
    -------
    Tensor
        ``(N, C_out, D_out, H_out, W_out)``.

    Example
    -------
    >>> F.conv3d(sc.ones(1, 1, 2, 2, 2), sc.ones(1, 1, 2, 2, 2))
    tensor([[[[[8.]]]]])
    """
    return convolution(3, input, weight, bias, stride, padding, dilation, groups)


def _transposed(
    rank: int,
    input: Tensor,
    weight: Tensor,
    bias: Any,
    stride: Any,
    padding: Any,
    extra: Any,
    groups: int,
    dilation: Any,
) -> Tensor:
    name = f"conv_transpose{rank}d"
    if len(weight.shape) != rank + 2:
        raise ValueError(f"{name}: weight has rank {len(weight.shape)} {tuple(weight.shape)}, expected {rank + 2}")
    sizes = [
        repeated(value, rank, f"{name}: {what}")
        for value, what in ((stride, "stride"), (padding, "padding"), (extra, "output_padding"), (dilation, "dilation"))
    ]
    return apply(_CONV_TRANSPOSE, input, weight, bias, *sizes, groups)


def conv_transpose1d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Sizes = 1,
    padding: Sizes = 0,
    output_padding: Sizes = 0,
    groups: int = 1,
    dilation: Sizes = 1,
) -> Tensor:
    """Return the transposed convolution of a batch of signals ``(N, C_in, W)``; arguments as for `conv_transpose2d`.

    Example
    -------
    >>> F.conv_transpose1d(sc.tensor([[[1.0, 2.0]]]), sc.tensor([[[1.0, 10.0]]]), stride=2)
    tensor([[[ 1., 10.,  2., 20.]]])
    """
    return _transposed(1, input, weight, bias, stride, padding, output_padding, groups, dilation)


def conv_transpose2d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Sizes = 1,
    padding: Sizes = 0,
    output_padding: Sizes = 0,
    groups: int = 1,
    dilation: Sizes = 1,
) -> Tensor:
    """Return the transposed convolution: every element of the input puts a kernel, scaled by it, into the output.

    Parameters
    ----------
    input : Tensor
        ``(N, C_in, H, W)``.
    weight : Tensor
        ``(C_in, C_out / groups, kh, kw)``.
    bias : Tensor, optional
        ``(C_out,)``.
    stride, padding, dilation : int or (int, int)
        Those of the convolution that this one is the transpose of.
    output_padding : int or (int, int)
        Rows and columns added at the end of the output.
    groups : int
        As for `conv2d`.

    Returns
    -------
    Tensor
        ``(N, C_out, H_out, W_out)`` with ``H_out = (H - 1) s - 2 p + d (kh - 1) + output_padding + 1``.

    Source
    ------
    Dive into Deep Learning, section 14.10.

    Example
    -------
    >>> F.conv_transpose2d(sc.tensor([[[[1.0, 2.0]]]]), sc.tensor([[[[1.0], [10.0]]]]))
    tensor([[[[ 1.,  2.],
              [10., 20.]]]])
    """
    return _transposed(2, input, weight, bias, stride, padding, output_padding, groups, dilation)


def conv_transpose3d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Sizes = 1,
    padding: Sizes = 0,
    output_padding: Sizes = 0,
    groups: int = 1,
    dilation: Sizes = 1,
) -> Tensor:
    """Return the transposed convolution of a batch of volumes ``(N, C_in, D, H, W)``; see `conv_transpose2d`.

    Example
    -------
    >>> F.conv_transpose3d(sc.ones(1, 1, 1, 1, 1), sc.ones(1, 1, 2, 2, 2)).shape
    swiftconv.Size([1, 1, 2, 2, 2])
    """
    return _transposed(3, input, weight, bias, stride, padding, output_padding, groups, dilation)

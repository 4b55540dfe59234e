"""Layers as functions: everything they need is an argument."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._arguments import repeated
from .._core import apply, operators
from ..ops import log_softmax, relu, sigmoid, softmax, tanh

if TYPE_CHECKING:
    from ..tensor import Tensor

    Sizes = int | tuple[int, ...]

__all__ = [
    "conv1d",
    "conv2d",
    "conv3d",
    "conv_transpose1d",
    "conv_transpose2d",
    "conv_transpose3d",
    "cross_entropy",
    "gelu",
    "l1_loss",
    "leaky_relu",
    "linear",
    "log_softmax",
    "mse_loss",
    "nll_loss",
    "one_hot",
    "relu",
    "sigmoid",
    "silu",
    "softmax",
    "softplus",
    "tanh",
]

_CONVOLUTION = operators["convolution"]
_CONV_TRANSPOSE = operators["conv_transpose"]
_MATMUL = operators["matmul"]
_ADD = operators["add"]
_SUB = operators["sub"]
_SQUARE = operators["square"]
_ABS = operators["abs"]
_MEAN = operators["mean"]
_SUM = operators["sum"]
_GELU = operators["gelu"]
_SILU = operators["silu"]
_SOFTPLUS = operators["softplus"]
_LEAKY_RELU = operators["leaky_relu"]
_EQ = operators["eq"]

# ---- Convolution -----------------------------------------------------------------------------------------------------


def _padding(
    padding: str | Sizes, rank: int, kernel: tuple[int, ...], stride: tuple[int, ...], dilation: tuple[int, ...]
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The padding before and after each axis."""
    name = f"conv{rank}d"
    if not isinstance(padding, str):
        both = repeated(padding, rank, f"{name}: padding")
        return both, both
    if padding == "valid":
        return (0,) * rank, (0,) * rank
    if padding != "same":
        raise ValueError(f"{name}: padding must be numbers, 'same' or 'valid', got {padding!r}")
    if any(step != 1 for step in stride):
        raise ValueError(f"{name}: padding='same' needs stride 1, got {stride}; give the padding as numbers")
    # The whole is split in halves; of an odd number, the larger part goes after, as in PyTorch.
    totals = [each * (size - 1) for each, size in zip(dilation, kernel, strict=True)]
    return tuple(total // 2 for total in totals), tuple(total - total // 2 for total in totals)


def _convolution(
    rank: int, input: Tensor, weight: Tensor, bias: Any, stride: Any, padding: Any, dilation: Any, groups: int
) -> Tensor:
    name = f"conv{rank}d"
    if len(weight.shape) != rank + 2:
        axes = "(C_out, C_in / groups, " + ", ".join(("kd", "kh", "kw")[3 - rank :]) + ")"
        raise ValueError(
            f"{name}: weight has rank {len(weight.shape)} {tuple(weight.shape)}, expected {rank + 2} {axes}"
        )
    stride = repeated(stride, rank, f"{name}: stride")
    dilation = repeated(dilation, rank, f"{name}: dilation")
    before, after = _padding(padding, rank, tuple(weight.shape)[2:], stride, dilation)
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
    return _convolution(1, input, weight, bias, stride, padding, dilation, groups)


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
    return _convolution(2, input, weight, bias, stride, padding, dilation, groups)


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
    return _convolution(3, input, weight, bias, stride, padding, dilation, groups)


def _transposed(
    rank: int, input: Tensor, weight: Tensor, bias: Any, stride: Any, padding: Any, extra: Any, groups: int, dilation: Any
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


def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    r"""Return :math:`x W^\top + b`.

    Parameters
    ----------
    input : Tensor
        ``(..., in_features)``.
    weight : Tensor
        ``(out_features, in_features)``.
    bias : Tensor, optional
        ``(out_features,)``.

    Returns
    -------
    Tensor
        ``(..., out_features)``.

    Example
    -------
    >>> F.linear(sc.tensor([[1.0, 2.0]]), sc.tensor([[3.0, 4.0]]), sc.tensor([0.5]))
    tensor([[11.5000]])
    """
    product = apply(_MATMUL, input, weight.t())
    return product if bias is None else apply(_ADD, product, bias)


# ---- Activation functions --------------------------------------------------------------------------------------------


def gelu(input: Tensor, approximate: str = "none") -> Tensor:
    r"""Return :math:`x \, \Phi(x)`, with the distribution function of the normal distribution.

    Parameters
    ----------
    approximate : {"none", "tanh"}
        Exact, or by a formula with tanh.

    Source
    ------
    Hendrycks, Gimpel, "Gaussian Error Linear Units", arXiv:1606.08415.

    Example
    -------
    >>> F.gelu(sc.tensor([-1.0, 1.0]))
    tensor([-0.1587,  0.8413])
    """
    if approximate not in ("none", "tanh"):
        raise ValueError(f"gelu: approximate must be 'none' or 'tanh', got {approximate!r}")
    return apply(_GELU, input, approximate == "tanh")


def silu(input: Tensor) -> Tensor:
    """Return :math:`x / (1 + e^{-x})`, also called swish.

    Example
    -------
    >>> F.silu(sc.tensor([-1.0, 1.0]))
    tensor([-0.2689,  0.7311])
    """
    return apply(_SILU, input)


def softplus(input: Tensor, beta: float = 1, threshold: float = 20) -> Tensor:
    r"""Return :math:`\log(1 + e^{\beta x}) / \beta`, and :math:`x` where :math:`\beta x` is above the threshold.

    Example
    -------
    >>> F.softplus(sc.tensor([0.0, 30.0]))
    tensor([ 0.6931, 30.0000])
    """
    return apply(_SOFTPLUS, input, float(beta), float(threshold))


def leaky_relu(input: Tensor, negative_slope: float = 0.01) -> Tensor:
    """Return :math:`x` where it is positive, and `negative_slope` times :math:`x` elsewhere.

    Example
    -------
    >>> F.leaky_relu(sc.tensor([-1.0, 1.0]), 0.1)
    tensor([-0.1000,  1.0000])
    """
    return apply(_LEAKY_RELU, input, float(negative_slope))


# ---- Losses ----------------------------------------------------------------------------------------------------------


def _reduced(losses: Tensor, reduction: str, name: str) -> Tensor:
    if reduction == "mean":
        return apply(_MEAN, losses, (), False)
    if reduction == "sum":
        return apply(_SUM, losses, (), False)
    if reduction == "none":
        return losses
    raise ValueError(f"{name}: reduction must be 'mean', 'sum' or 'none', got {reduction!r}")


def mse_loss(input: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    """Return the squared differences: their mean, their sum or all of them.

    Example
    -------
    >>> F.mse_loss(sc.tensor([1.0, 2.0]), sc.tensor([1.0, 4.0]))
    tensor(2.)
    """
    return _reduced(apply(_SQUARE, apply(_SUB, input, target)), reduction, "mse_loss")


def l1_loss(input: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    """Return the absolute differences: their mean, their sum or all of them.

    Example
    -------
    >>> F.l1_loss(sc.tensor([1.0, 2.0]), sc.tensor([1.0, 4.0]))
    tensor(1.)
    """
    return _reduced(apply(_ABS, apply(_SUB, input, target)), reduction, "l1_loss")


def nll_loss(input: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    """Return minus the log probabilities of the right classes.

    Parameters
    ----------
    input : Tensor
        Log probabilities, ``(N, C)``.
    target : Tensor
        int64 ``(N,)``, the classes from 0 to C - 1.

    Example
    -------
    >>> F.nll_loss(sc.tensor([[-0.5, -1.0]]), sc.tensor([1]))
    tensor(1.)
    """
    if input.ndim != 2 or target.ndim != 1:
        raise ValueError(
            f"nll_loss: expected shapes (N, C) and (N,), got {tuple(input.shape)} and {tuple(target.shape)}"
        )
    return _reduced(-input.gather(1, target.unsqueeze(1)).squeeze(1), reduction, "nll_loss")


def cross_entropy(input: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    """Return the cross-entropy of the classes that scores predict.

    Parameters
    ----------
    input : Tensor
        Scores of any size and sign, ``(N, C)``.
    target : Tensor
        int64 ``(N,)``, the classes from 0 to C - 1.

    Source
    ------
    Dive into Deep Learning, section 4.1.2.

    Example
    -------
    >>> F.cross_entropy(sc.tensor([[0.0, 0.0]]), sc.tensor([1]))
    tensor(0.6931)
    """
    return nll_loss(log_softmax(input, -1), target, reduction)


def one_hot(tensor: Tensor, num_classes: int = -1) -> Tensor:
    """Return vectors of zeros with a one at each position given; int64.

    Parameters
    ----------
    tensor : Tensor
        Positions, int64 of any shape.
    num_classes : int
        The length of the vectors; -1 for one more than the largest position.

    Returns
    -------
    Tensor
        int64, the shape of `tensor` and one more axis.

    Example
    -------
    >>> F.one_hot(sc.tensor([2, 0]))
    tensor([[0, 0, 1],
            [1, 0, 0]])
    """
    from ..creation import arange

    count = num_classes if num_classes >= 0 else int(tensor.max()) + 1
    if tensor.numel() and (int(tensor.min()) < 0 or int(tensor.max()) >= count):
        raise ValueError(f"one_hot: positions must be from 0 to {count - 1}")
    return apply(_EQ, tensor.unsqueeze(-1), arange(count)).long()

"""Values for parameters at the start. Every function fills a tensor in place, unrecorded, and returns it.

A parameter of a lazy module has no elements yet; filling it does nothing, as in PyTorch.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy

from ..autograd import no_grad
from ..random import default_generator
from .parameter import is_lazy

if TYPE_CHECKING:
    from ..tensor import Tensor

__all__ = [
    "calculate_gain",
    "constant_",
    "dirac_",
    "eye_",
    "kaiming_normal_",
    "kaiming_uniform_",
    "normal_",
    "ones_",
    "orthogonal_",
    "sparse_",
    "trunc_normal_",
    "uniform_",
    "xavier_normal_",
    "xavier_uniform_",
    "zeros_",
]


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """Return the factor by which weights before an activation function are enlarged.

    Parameters
    ----------
    nonlinearity : str
        "linear", "sigmoid", "conv1d" and the like, "tanh", "relu", "leaky_relu" or "selu".
    param : float, optional
        The negative slope of "leaky_relu"; 0.01 if left out.

    Example
    -------
    >>> nn.init.calculate_gain("relu")
    1.4142135623730951
    """
    if nonlinearity in ("linear", "sigmoid") or nonlinearity.startswith("conv"):
        return 1.0
    if nonlinearity == "tanh":
        return 5.0 / 3
    if nonlinearity == "relu":
        return math.sqrt(2.0)
    if nonlinearity == "leaky_relu":
        return math.sqrt(2.0 / (1 + (0.01 if param is None else param) ** 2))
    if nonlinearity == "selu":
        return 3.0 / 4
    raise ValueError(f"calculate_gain: unknown nonlinearity {nonlinearity!r}")


def fans(tensor: Tensor) -> tuple[int, int]:
    """Return how many inputs reach an output of the layer with this weight, and the other way round."""
    shape = tuple(tensor.shape)
    if len(shape) < 2:
        raise ValueError(f"fan in and fan out need a tensor with at least 2 axes, got shape {shape}")
    window = math.prod(shape[2:])
    return shape[1] * window, shape[0] * window


def _fan(tensor: Tensor, mode: str) -> int:
    if mode not in ("fan_in", "fan_out"):
        raise ValueError(f"mode must be 'fan_in' or 'fan_out', got {mode!r}")
    return fans(tensor)[mode == "fan_out"]


def uniform_(tensor: Tensor, a: float = 0.0, b: float = 1.0) -> Tensor:
    """Draw uniformly between `a` and `b`.

    Example
    -------
    >>> weight = nn.init.uniform_(sc.empty(2, 3), -1, 1)
    >>> bool((weight.abs() <= 1).all())
    True
    """
    with no_grad():
        return tensor if is_lazy(tensor) else tensor.uniform_(a, b)


def normal_(tensor: Tensor, mean: float = 0.0, std: float = 1.0) -> Tensor:
    """Draw from the normal distribution.

    Example
    -------
    >>> nn.init.normal_(sc.empty(2, 3), std=0.01).shape
    swiftconv.Size([2, 3])
    """
    with no_grad():
        return tensor if is_lazy(tensor) else tensor.normal_(mean, std)


def trunc_normal_(tensor: Tensor, mean: float = 0.0, std: float = 1.0, a: float = -2.0, b: float = 2.0) -> Tensor:
    """Draw from the normal distribution, and draw again what is not between `a` and `b`.

    Example
    -------
    >>> weight = nn.init.trunc_normal_(sc.empty(100), a=-1, b=1)
    >>> bool((weight.abs() <= 1).all())
    True
    """
    if is_lazy(tensor):
        return tensor
    if not a < b:
        raise ValueError(f"trunc_normal_: a must be below b, got {a} and {b}")
    if not std > 0 or (mean < a - 2 * std) or (mean > b + 2 * std):
        raise ValueError("trunc_normal_: the mean must lie within two standard deviations of [a, b]")
    draw = _truncated_normal if b - a >= 2 * std else _narrowly_truncated_normal
    values = numpy.empty(tuple(tensor.shape))
    missing = numpy.ones(values.shape, dtype=bool)
    while missing.any():
        values[missing], is_right = draw(default_generator(), int(missing.sum()), mean, std, a, b)
        missing[missing] = ~is_right
    with no_grad():
        return tensor.copy_(values.astype(tensor.dtype.numpy_dtype))


def _truncated_normal(
    generator: numpy.random.Generator, count: int, mean: float, std: float, a: float, b: float
) -> tuple[numpy.ndarray, numpy.ndarray]:
    """Normally distributed numbers, and which of them are between `a` and `b`."""
    values = generator.normal(mean, std, count)
    return values, (values >= a) & (values <= b)


def _narrowly_truncated_normal(
    generator: numpy.random.Generator, count: int, mean: float, std: float, a: float, b: float
) -> tuple[numpy.ndarray, numpy.ndarray]:
    """Uniform numbers between `a` and `b`, and which to keep: as many as the density there is of its largest."""
    values = generator.uniform(a, b, count)
    nearest = min(max(mean, a), b)
    density = numpy.exp(((nearest - mean) ** 2 - (values - mean) ** 2) / (2 * std**2))
    return values, generator.random(count) <= density


def constant_(tensor: Tensor, val: float) -> Tensor:
    """Set every element to `val`.

    Example
    -------
    >>> nn.init.constant_(sc.empty(2), 0.5)
    tensor([0.5000, 0.5000])
    """
    with no_grad():
        return tensor if is_lazy(tensor) else tensor.fill_(val)


def ones_(tensor: Tensor) -> Tensor:
    """Set every element to 1.

    Example
    -------
    >>> nn.init.ones_(sc.empty(2))
    tensor([1., 1.])
    """
    return constant_(tensor, 1.0)


def zeros_(tensor: Tensor) -> Tensor:
    """Set every element to 0.

    Example
    -------
    >>> nn.init.zeros_(sc.empty(2))
    tensor([0., 0.])
    """
    return constant_(tensor, 0.0)


def eye_(tensor: Tensor) -> Tensor:
    """Make a matrix the identity: ones on the diagonal, zeros elsewhere.

    Example
    -------
    >>> nn.init.eye_(sc.empty(2, 3))
    tensor([[1., 0., 0.],
            [0., 1., 0.]])
    """
    if is_lazy(tensor):
        return tensor
    if tensor.ndim != 2:
        raise ValueError(f"eye_: expected a matrix, got shape {tuple(tensor.shape)}")
    with no_grad():
        tensor.zero_()
        tensor.diagonal().fill_(1)
    return tensor


def dirac_(tensor: Tensor, groups: int = 1) -> Tensor:
    """Make the weight of a convolution hand on as many input channels unchanged as it can.

    Example
    -------
    >>> weight = nn.init.dirac_(sc.empty(1, 1, 3))
    >>> weight
    tensor([[[0., 1., 0.]]])
    >>> F.conv1d(sc.tensor([[[1.0, 2.0, 3.0]]]), weight, padding=1)
    tensor([[[1., 2., 3.]]])
    """
    if is_lazy(tensor):
        return tensor
    shape = tuple(tensor.shape)
    if len(shape) not in (3, 4, 5):
        raise ValueError(f"dirac_: expected the weight of a convolution with 3 to 5 axes, got shape {shape}")
    if groups < 1 or shape[0] % groups:
        raise ValueError(f"dirac_: {shape[0]} output channels are not a multiple of groups={groups}")
    per_group = shape[0] // groups
    middle = tuple(size // 2 for size in shape[2:])
    with no_grad():
        tensor.zero_()
        for group in range(groups):
            for channel in range(min(per_group, shape[1])):
                tensor[(group * per_group + channel, channel, *middle)] = 1
    return tensor


def xavier_uniform_(tensor: Tensor, gain: float = 1.0) -> Tensor:
    r"""Draw uniformly within :math:`\pm g \sqrt{6 / (\text{fan in} + \text{fan out})}`.

    Source
    ------
    Glorot, Bengio, "Understanding the difficulty of training deep feedforward neural networks", AISTATS 2010.

    Example
    -------
    >>> weight = nn.init.xavier_uniform_(sc.empty(4, 2))
    >>> bool((weight.abs() <= 1).all())
    True
    """
    if is_lazy(tensor):
        return tensor
    bound = gain * math.sqrt(6.0 / max(sum(fans(tensor)), 1))
    return uniform_(tensor, -bound, bound)


def xavier_normal_(tensor: Tensor, gain: float = 1.0) -> Tensor:
    r"""Draw normally with standard deviation :math:`g \sqrt{2 / (\text{fan in} + \text{fan out})}`.

    Example
    -------
    >>> nn.init.xavier_normal_(nn.Linear(3, 2).weight).shape
    swiftconv.Size([2, 3])
    """
    if is_lazy(tensor):
        return tensor
    return normal_(tensor, 0.0, gain * math.sqrt(2.0 / max(sum(fans(tensor)), 1)))


def kaiming_uniform_(tensor: Tensor, a: float = 0, mode: str = "fan_in", nonlinearity: str = "leaky_relu") -> Tensor:
    r"""Draw uniformly within :math:`\pm g \sqrt{3 / \text{fan}}`, with the gain of the activation function.

    Parameters
    ----------
    tensor : Tensor
        A weight.
    a : float
        The negative slope of "leaky_relu".
    mode : {"fan_in", "fan_out"}
        Whether the forward or the backward pass keeps its variance.
    nonlinearity : str
        See `calculate_gain`.

    Source
    ------
    He, Zhang, Ren, Sun, "Delving Deep into Rectifiers", ICCV 2015, arXiv:1502.01852.

    Example
    -------
    >>> weight = nn.init.kaiming_uniform_(sc.empty(4, 6), nonlinearity="relu")
    >>> bool((weight.abs() <= 1).all())
    True
    """
    if is_lazy(tensor) or 0 in tensor.shape:
        return tensor
    bound = calculate_gain(nonlinearity, a) * math.sqrt(3.0 / _fan(tensor, mode))
    return uniform_(tensor, -bound, bound)


def kaiming_normal_(tensor: Tensor, a: float = 0, mode: str = "fan_in", nonlinearity: str = "leaky_relu") -> Tensor:
    r"""Draw normally with standard deviation :math:`g / \sqrt{\text{fan}}`; arguments as for `kaiming_uniform_`.

    Example
    -------
    >>> nn.init.kaiming_normal_(nn.Conv2d(3, 8, 3).weight, mode="fan_out").shape
    swiftconv.Size([8, 3, 3, 3])
    """
    if is_lazy(tensor) or 0 in tensor.shape:
        return tensor
    return normal_(tensor, 0.0, calculate_gain(nonlinearity, a) / math.sqrt(_fan(tensor, mode)))


def orthogonal_(tensor: Tensor, gain: float = 1) -> Tensor:
    """Make the rows, or the columns if there are fewer of them, orthonormal; times `gain`.

    Source
    ------
    Saxe, McClelland, Ganguli, "Exact solutions to the nonlinear dynamics of learning", arXiv:1312.6120.

    Example
    -------
    >>> weight = nn.init.orthogonal_(sc.empty(3, 5))
    >>> (weight @ weight.t()).allclose(sc.eye(3), atol=1e-5)
    True
    """
    if is_lazy(tensor):
        return tensor
    if tensor.ndim < 2:
        raise ValueError(f"orthogonal_: expected at least 2 axes, got shape {tuple(tensor.shape)}")
    if tensor.numel() == 0:
        return tensor
    rows = tensor.shape[0]
    values = default_generator().standard_normal((rows, tensor.numel() // rows))
    is_wide = values.shape[0] < values.shape[1]
    q, r = numpy.linalg.qr(values.T if is_wide else values)
    # Without this, the distribution would depend on the signs that the factorisation happens to choose.
    q = q * numpy.sign(numpy.diagonal(r))
    values = gain * (q.T if is_wide else q)
    with no_grad():
        return tensor.copy_(values.reshape(tuple(tensor.shape)).astype(tensor.dtype.numpy_dtype))


def sparse_(tensor: Tensor, sparsity: float, std: float = 0.01) -> Tensor:
    """Draw a matrix normally, and set a share of every column to 0.

    Example
    -------
    >>> weight = nn.init.sparse_(sc.empty(10, 2), sparsity=0.3)
    >>> (weight == 0).sum(0)
    tensor([3, 3])
    """
    if is_lazy(tensor):
        return tensor
    if tensor.ndim != 2:
        raise ValueError(f"sparse_: expected a matrix, got shape {tuple(tensor.shape)}")
    if not 0 <= sparsity <= 1:
        raise ValueError(f"sparse_: sparsity must be a share from 0 to 1, got {sparsity}")
    generator = default_generator()
    rows, columns = tensor.shape
    values = generator.normal(0, std, (rows, columns))
    for column in range(columns):
        values[generator.permutation(rows)[: math.ceil(sparsity * rows)], column] = 0
    with no_grad():
        return tensor.copy_(values.astype(tensor.dtype.numpy_dtype))

"""Batch and instance normalization: statistics per channel, remembered for evaluation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._core import empty
from .._dtype import int64
from ..autograd import no_grad
from . import functional as F
from .lazy import LazyModule
from .module import Module
from .parameter import Parameter, UninitializedBuffer, UninitializedParameter, dtype_on

if TYPE_CHECKING:
    from ..tensor import Tensor


class _Norm(Module):
    """What layers with one mean and variance per channel share: parameters, running statistics, text."""

    # The ranks an input may have, and how they are written.
    ranks: tuple[int, ...]
    axes: str

    def __init__(
        self,
        num_features: int,
        eps: float,
        momentum: float | None,
        affine: bool,
        track_running_stats: bool,
        device: Any,
        dtype: Any,
        bias: bool,
    ) -> None:
        super().__init__()
        if num_features < 0:
            raise ValueError(f"{type(self).__name__}: num_features must not be negative, got {num_features}")
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.affine, self.track_running_stats = affine, track_running_stats
        self._make_state(dtype_on(device, dtype), bias and affine)

    def _make_state(self, dtype: Any, bias: bool) -> None:
        def vector() -> Tensor:
            return empty((self.num_features,), dtype.code)

        self.register_parameter("weight", Parameter(vector()) if self.affine else None)
        self.register_parameter("bias", Parameter(vector()) if bias else None)
        self._make_buffers(vector)
        self.reset_parameters()

    def _make_buffers(self, vector: Any) -> None:
        is_tracked = self.track_running_stats
        self.register_buffer("running_mean", vector() if is_tracked else None)
        self.register_buffer("running_var", vector() if is_tracked else None)
        self.register_buffer("num_batches_tracked", empty((), int64.code).zero_() if is_tracked else None)

    def reset_running_stats(self) -> None:
        """Forget the running statistics: mean 0 and variance 1.

        Example
        -------
        >>> norm = nn.BatchNorm1d(2)
        >>> _ = norm(sc.tensor([[1.0, 2.0], [3.0, 6.0]]))
        >>> norm.running_mean
        tensor([0.2000, 0.4000])
        >>> norm.reset_running_stats()
        >>> norm.running_mean
        tensor([0., 0.])
        """
        if self.track_running_stats:
            self.running_mean.zero_()
            self.running_var.fill_(1)
            self.num_batches_tracked.zero_()

    def reset_parameters(self) -> None:
        """Set the weight to 1 and the bias to 0, and forget the running statistics.

        Example
        -------
        >>> norm = nn.BatchNorm1d(2)
        >>> _ = nn.init.uniform_(norm.weight)
        >>> norm.reset_parameters()
        >>> norm.weight.data
        tensor([1., 1.])
        """
        self.reset_running_stats()
        with no_grad():
            if self.weight is not None:
                self.weight.fill_(1)
            if self.bias is not None:
                self.bias.zero_()

    def _check_input(self, input: Tensor) -> None:
        if input.ndim not in self.ranks:
            raise ValueError(
                f"{type(self).__name__}: input has rank {input.ndim} {tuple(input.shape)}, expected {self.axes}"
            )
        if input.shape[1] != self.num_features and (self.affine or self.track_running_stats):
            raise ValueError(
                f"{type(self).__name__}: input has {input.shape[1]} channels {tuple(input.shape)}, "
                f"expected num_features={self.num_features}"
            )

    def extra_repr(self) -> str:
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine}, "
            f"bias={self.bias is not None}, track_running_stats={self.track_running_stats}"
        )


class _BatchNorm(_Norm):
    def __init__(
        self,
        num_features: int,
        eps: float = 1e-05,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__(num_features, eps, momentum, affine, track_running_stats, device, dtype, bias)

    def forward(self, input: Tensor) -> Tensor:
        """Return the normalized input; in training by its own statistics, which the running ones move towards."""
        self._check_input(input)
        uses_batch = self.training or self.running_mean is None
        momentum = 0.0 if self.momentum is None else self.momentum
        if self.training and self.num_batches_tracked is not None:
            self.num_batches_tracked.add_(1)
            if self.momentum is None:
                # The running statistics are then the means over all batches.
                momentum = 1.0 / self.num_batches_tracked.item()
        is_used = not self.training or self.track_running_stats
        mean, variance = (self.running_mean, self.running_var) if is_used else (None, None)
        return F.batch_norm(input, mean, variance, self.weight, self.bias, uses_batch, momentum, self.eps)


class BatchNorm1d(_BatchNorm):
    """Batch normalization of ``(N, C)`` or ``(N, C, W)``; arguments as for `BatchNorm2d`.

    Example
    -------
    >>> nn.BatchNorm1d(1)(sc.tensor([[1.0], [3.0]])).detach()
    tensor([[-1.0000],
            [ 1.0000]])
    """

    ranks, axes = (2, 3), "(N, C) or (N, C, W)"


class BatchNorm2d(_BatchNorm):
    """Batch normalization of images: mean 0 and variance 1 in every channel, then scaled and shifted.

    Parameters
    ----------
    num_features : int
        The number of channels.
    eps : float
        Added to variances, so that none is 0.
    momentum : float or None
        How far the running statistics move with each batch; None for their means over all batches.
    affine : bool
        Whether to scale and shift.
    track_running_stats : bool
        Whether to have running statistics, for evaluation.
    bias : bool
        Whether to shift.

    Attributes
    ----------
    weight, bias : Parameter or None
        ``(C,)``, 1 and 0 at first.
    running_mean, running_var : Tensor or None
        ``(C,)``.

    Source
    ------
    Dive into Deep Learning, section 8.5. Ioffe, Szegedy, arXiv:1502.03167.

    Example
    -------
    >>> layer = nn.BatchNorm2d(3)
    >>> layer(sc.rand(2, 3, 4, 4)).shape
    swiftconv.Size([2, 3, 4, 4])
    >>> layer.num_batches_tracked
    tensor(1)
    """

    ranks, axes = (4,), "(N, C, H, W)"


class BatchNorm3d(_BatchNorm):
    """Batch normalization of ``(N, C, D, H, W)``; arguments as for `BatchNorm2d`.

    Example
    -------
    >>> nn.BatchNorm3d(2)(sc.rand(4, 2, 3, 3, 3)).shape
    swiftconv.Size([4, 2, 3, 3, 3])
    """

    ranks, axes = (5,), "(N, C, D, H, W)"


class _LazyBatchNorm(LazyModule, _BatchNorm):
    """Batch normalization that learns its number of channels from the first input."""

    def __init__(
        self,
        eps: float = 1e-05,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__(0, eps, momentum, affine, track_running_stats, device, dtype, bias=bias)

    def _make_state(self, dtype: Any, bias: bool) -> None:
        self._dtype = dtype
        self.register_parameter("weight", UninitializedParameter() if self.affine else None)
        self.register_parameter("bias", UninitializedParameter() if bias else None)
        self._make_buffers(UninitializedBuffer)

    def initialize_parameters(self, input: Tensor) -> None:
        """Give parameters and statistics their size, from the number of channels of an input."""
        if input.ndim not in self.ranks:
            name = self.finished_class.__name__
            raise ValueError(f"{name}: input has rank {input.ndim} {tuple(input.shape)}, expected {self.axes}")
        self.num_features = input.shape[1]
        for name in ("weight", "bias", "running_mean", "running_var"):
            self.materialize(name, (self.num_features,), self._dtype)
        self.reset_parameters()

    def adopt_parameters(self) -> None:
        """Take the number of channels from a loaded weight or mean."""
        known = self.weight if self.weight is not None else self.running_mean
        if known is not None:
            self.num_features = known.shape[0]


class LazyBatchNorm1d(_LazyBatchNorm, BatchNorm1d):
    """`BatchNorm1d` without `num_features`, which it learns from the first input.

    Example
    -------
    >>> nn.LazyBatchNorm1d()(sc.rand(4, 3)).shape
    swiftconv.Size([4, 3])
    """

    finished_class = BatchNorm1d


class LazyBatchNorm2d(_LazyBatchNorm, BatchNorm2d):
    """`BatchNorm2d` without `num_features`, which it learns from the first input.

    Source
    ------
    Dive into Deep Learning, section 8.5.

    Example
    -------
    >>> layer = nn.LazyBatchNorm2d()
    >>> _ = layer(sc.zeros(2, 3, 4, 4))
    >>> layer.weight.shape, type(layer).__name__
    (swiftconv.Size([3]), 'BatchNorm2d')
    """

    finished_class = BatchNorm2d


class LazyBatchNorm3d(_LazyBatchNorm, BatchNorm3d):
    """`BatchNorm3d` without `num_features`, which it learns from the first input.

    Example
    -------
    >>> nn.LazyBatchNorm3d()(sc.rand(4, 2, 3, 3, 3)).shape
    swiftconv.Size([4, 2, 3, 3, 3])
    """

    finished_class = BatchNorm3d


class _InstanceNorm(_Norm):
    def __init__(
        self,
        num_features: int,
        eps: float = 1e-05,
        momentum: float = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__(num_features, eps, momentum, affine, track_running_stats, device, dtype, bias)

    def forward(self, input: Tensor) -> Tensor:
        """Return the normalized input; outside of training by the running statistics, if there are any."""
        self._check_input(input)
        uses_input = self.training or self.running_mean is None
        statistics = self.running_mean, self.running_var
        return F.instance_norm(input, *statistics, self.weight, self.bias, uses_input, self.momentum, self.eps)


class InstanceNorm1d(_InstanceNorm):
    """Instance normalization of ``(N, C, W)``; arguments as for `InstanceNorm2d`.

    Example
    -------
    >>> nn.InstanceNorm1d(2)(sc.tensor([[[0.0, 2.0], [4.0, 8.0]]])).shape
    swiftconv.Size([1, 2, 2])
    """

    ranks, axes = (3,), "(N, C, W)"


class InstanceNorm2d(_InstanceNorm):
    """Instance normalization: mean 0 and variance 1 in every channel of every image.

    Parameters
    ----------
    num_features, eps, momentum, affine, track_running_stats, bias
        As for `BatchNorm2d`; by default, nothing is learned or remembered.

    Source
    ------
    Ulyanov, Vedaldi, Lempitsky, arXiv:1607.08022.

    Example
    -------
    >>> nn.InstanceNorm2d(1)(sc.tensor([[[[1.0, 3.0]]]]))
    tensor([[[[-1.0000,  1.0000]]]])
    """

    ranks, axes = (4,), "(N, C, H, W)"


class InstanceNorm3d(_InstanceNorm):
    """Instance normalization of ``(N, C, D, H, W)``; arguments as for `InstanceNorm2d`.

    Example
    -------
    >>> nn.InstanceNorm3d(2)(sc.rand(1, 2, 3, 3, 3)).shape
    swiftconv.Size([1, 2, 3, 3, 3])
    """

    ranks, axes = (5,), "(N, C, D, H, W)"

"""Losses. All take ``reduction``: "mean", "sum", or "none" for one loss per element."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..._core import apply, operators

if TYPE_CHECKING:
    from ...tensor import Tensor

__all__ = [
    "binary_cross_entropy_with_logits",
    "cross_entropy",
    "huber_loss",
    "l1_loss",
    "mse_loss",
    "nll_loss",
    "smooth_l1_loss",
]

_MSE_LOSS = operators["mse_loss"]
_L1_LOSS = operators["l1_loss"]
_BINARY_CROSS_ENTROPY = operators["binary_cross_entropy_with_logits"]
_NLL_LOSS = operators["nll_loss"]
_CROSS_ENTROPY = operators["cross_entropy"]

# Codes of the core.
_REDUCTIONS = {"none": 0, "mean": 1, "sum": 2}


def _code(reduction: str, name: str) -> int:
    if reduction not in _REDUCTIONS:
        raise ValueError(f"{name}: reduction must be 'mean', 'sum' or 'none', got {reduction!r}")
    return _REDUCTIONS[reduction]


def mse_loss(input: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    """Return the squared differences of two tensors of one shape.

    Raises
    ------
    ValueError
        When the shapes differ.

    Source
    ------
    Dive into Deep Learning, section 3.1.1.2.

    Example
    -------
    >>> F.mse_loss(sc.tensor([1.0, 2.0]), sc.tensor([1.0, 4.0]))
    tensor(2.)
    """
    return apply(_MSE_LOSS, input, target, _code(reduction, "mse_loss"))


def l1_loss(input: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    """Return the absolute differences of two tensors of one shape.

    Raises
    ------
    ValueError
        When the shapes differ.

    Example
    -------
    >>> F.l1_loss(sc.tensor([1.0, 2.0]), sc.tensor([1.0, 4.0]))
    tensor(1.)
    """
    return apply(_L1_LOSS, input, target, _code(reduction, "l1_loss"))


def binary_cross_entropy_with_logits(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    reduction: str = "mean",
    pos_weight: Tensor | None = None,
) -> Tensor:
    """Return the cross-entropy of the probabilities ``sigmoid(input)``.

    Parameters
    ----------
    input : Tensor
        Scores of any shape.
    target : Tensor
        Values between 0 and 1, in the shape of `input`.
    weight : Tensor, optional
        What each loss is multiplied by.
    pos_weight : Tensor, optional
        What the losses of positives are multiplied by.

    Example
    -------
    >>> F.binary_cross_entropy_with_logits(sc.tensor([0.0]), sc.tensor([1.0]))
    tensor(0.6931)
    """
    code = _code(reduction, "binary_cross_entropy_with_logits")
    return apply(_BINARY_CROSS_ENTROPY, input, target, weight, pos_weight, code)


def nll_loss(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
) -> Tensor:
    """Return minus the log probabilities of the right classes.

    Parameters
    ----------
    input : Tensor
        Log probabilities, ``(N, C)`` or ``(N, C, ...)``.
    target : Tensor
        The classes from 0 to C - 1: int64 ``(N,)`` or ``(N, ...)``.
    weight : Tensor, optional
        One weight per class, ``(C,)``.
    ignore_index : int
        A class that does not count.

    Raises
    ------
    IndexError
        When a class is out of range.

    Example
    -------
    >>> F.nll_loss(sc.tensor([[-0.5, -1.0]]), sc.tensor([1]))
    tensor(1.)
    """
    return apply(_NLL_LOSS, input, target, weight, ignore_index, _code(reduction, "nll_loss"))


def cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    """Return the cross-entropy of the classes that scores predict.

    Parameters
    ----------
    input : Tensor
        Scores of any size and sign, ``(N, C)`` or ``(N, C, ...)``.
    target : Tensor
        The classes from 0 to C - 1, int64 ``(N,)`` or ``(N, ...)``; or probabilities in the shape of `input`.
    weight, ignore_index
        As for `nll_loss`.
    label_smoothing : float
        How much of the probability is spread over all classes.

    Source
    ------
    Dive into Deep Learning, section 4.1.2.

    Example
    -------
    >>> F.cross_entropy(sc.tensor([[0.0, 0.0]]), sc.tensor([1]))
    tensor(0.6931)
    """
    code = _code(reduction, "cross_entropy")
    return apply(_CROSS_ENTROPY, input, target, weight, ignore_index, code, float(label_smoothing))


def _checked_shapes(input: Tensor, target: Tensor, name: str) -> None:
    if input.shape != target.shape:
        raise ValueError(
            f"{name}: input has shape {tuple(input.shape)} and target {tuple(target.shape)}; they must be the same"
        )


def _reduced(losses: Tensor, reduction: str, name: str) -> Tensor:
    code = _code(reduction, name)
    return losses if code == 0 else losses.mean() if code == 1 else losses.sum()


def huber_loss(input: Tensor, target: Tensor, reduction: str = "mean", delta: float = 1.0) -> Tensor:
    r"""Return :math:`d^2 / 2` for differences :math:`|d| \le \delta`, and :math:`\delta (|d| - \delta / 2)` for others.

    Raises
    ------
    ValueError
        When the shapes differ or `delta` is not positive.

    Source
    ------
    Huber, "Robust Estimation of a Location Parameter" (1964), doi:10.1214/aoms/1177703732.

    Example
    -------
    >>> F.huber_loss(sc.tensor([0.5, 3.0]), sc.zeros(2), reduction="none")
    tensor([0.1250, 2.5000])
    """
    if delta <= 0:
        raise ValueError(f"huber_loss: delta must be positive, got {delta}")
    _checked_shapes(input, target, "huber_loss")
    distance = (input - target).abs()
    # With m = min(|d|, delta), both cases are m (|d| - m / 2).
    near = distance.clamp(max=delta)
    return _reduced(near * (distance - near / 2), reduction, "huber_loss")


def smooth_l1_loss(input: Tensor, target: Tensor, reduction: str = "mean", beta: float = 1.0) -> Tensor:
    r"""Return :math:`d^2 / 2 \beta` for differences :math:`|d| < \beta`, and :math:`|d| - \beta / 2` for others.

    Raises
    ------
    ValueError
        When the shapes differ or `beta` is negative.

    Source
    ------
    Girshick, "Fast R-CNN", arXiv:1504.08083, equation 3.

    Example
    -------
    >>> F.smooth_l1_loss(sc.tensor([0.5, 3.0]), sc.zeros(2), reduction="none")
    tensor([0.1250, 2.5000])
    """
    if beta < 0:
        raise ValueError(f"smooth_l1_loss: beta must not be negative, got {beta}")
    _checked_shapes(input, target, "smooth_l1_loss")
    if beta == 0:
        return l1_loss(input, target, reduction)
    distance = (input - target).abs()
    near = distance.clamp(max=beta)
    return _reduced(near * (distance - near / 2) / beta, reduction, "smooth_l1_loss")

"""How good predictions are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..tensor import Tensor

    Metric = Callable[[Tensor, Tensor], Any]
    Metrics = Mapping[str, Metric] | Iterable[str | Metric] | str | None


def accuracy(scores: Tensor, target: Tensor) -> float:
    """Return the share of samples whose highest score is that of the right class.

    Parameters
    ----------
    scores : Tensor
        ``(N, C)``, or ``(N, C, ...)``.
    target : Tensor
        Classes ``(N,)`` or ``(N, ...)``; or probabilities in the shape of `scores`, of which the highest counts.

    Raises
    ------
    ValueError
        When the shapes do not fit.

    Example
    -------
    >>> sc.train.accuracy(sc.tensor([[0.1, 0.9], [0.8, 0.2]]), sc.tensor([1, 1]))
    0.5
    """
    if scores.ndim < 2:
        raise ValueError(f"accuracy: scores have shape {tuple(scores.shape)}, expected (N, C)")
    if target.shape == scores.shape:
        target = target.argmax(1)
    found = scores.argmax(1)
    if found.shape != target.shape:
        raise ValueError(
            f"accuracy: target has shape {tuple(target.shape)}, expected {tuple(found.shape)}: one class per sample"
        )
    return (found == target).double().mean().item() if found.numel() else 0.0


_BY_NAME: dict[str, Metric] = {"accuracy": accuracy}


def named_metrics(metrics: Metrics) -> dict[str, Metric]:
    """Return metrics by the names that they have in a history."""
    if metrics is None:
        return {}
    if isinstance(metrics, Mapping):
        return dict(metrics)
    result: dict[str, Metric] = {}
    for metric in [metrics] if isinstance(metrics, str) or callable(metrics) else metrics:
        if isinstance(metric, str):
            if metric not in _BY_NAME:
                raise ValueError(f"fit: there is no metric {metric!r}; give a function, or one of {list(_BY_NAME)}")
            result[metric] = _BY_NAME[metric]
        elif callable(metric):
            result[getattr(metric, "__name__", type(metric).__name__)] = metric
        else:
            raise TypeError(f"fit: a metric must be a name or a function of scores and targets, got {metric!r}")
    return result

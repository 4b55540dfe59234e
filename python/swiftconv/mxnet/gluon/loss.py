"""``mxnet.gluon.loss``: losses, one number for each sample of a batch."""

from __future__ import annotations

from typing import Any

from ...dialects.switch import missing
from .. import numpy as np
from .. import numpy_extension as npx
from ..array import ndarray
from .block import HybridBlock


class Loss(HybridBlock):
    """The base of losses.

    Parameters
    ----------
    weight : float or None
        A factor.
    batch_axis : int
        The axis of the samples; means are taken over all others.
    """

    def __init__(self, weight: Any, batch_axis: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._weight = weight
        self._batch_axis = batch_axis

    def __repr__(self) -> str:
        return f"{self.__class__.__name__}(batch_axis={self._batch_axis}, w={self._weight})"

    def _finish(self, losses: ndarray, sample_weight: Any) -> ndarray:
        """The weighted mean over all axes but the samples'."""
        if sample_weight is not None:
            losses = losses * sample_weight
        if self._weight is not None:
            losses = losses * self._weight
        axes = tuple(i for i in range(losses.ndim) if i != self._batch_axis)
        return losses.mean(axis=axes) if axes else losses


def _like(label: ndarray, pred: ndarray) -> ndarray:
    return label.reshape(pred.shape).astype(pred.dtype, copy=False)


class L2Loss(Loss):
    """Half the squared difference.

    Example
    -------
    >>> from swiftconv.mxnet import gluon, np
    >>> gluon.loss.L2Loss()(np.array([1, 2]), np.array([1, 4]))
    array([0., 2.])
    """

    def __init__(self, weight: float = 1.0, batch_axis: int = 0, **kwargs: Any) -> None:
        super().__init__(weight, batch_axis, **kwargs)

    def forward(self, pred: ndarray, label: ndarray, sample_weight: Any = None) -> ndarray:
        """Return the loss of every sample."""
        return self._finish(np.square(_like(label, pred) - pred) / 2, sample_weight)


class L1Loss(Loss):
    """The absolute difference."""

    def __init__(self, weight: Any = None, batch_axis: int = 0, **kwargs: Any) -> None:
        super().__init__(weight, batch_axis, **kwargs)

    def forward(self, pred: ndarray, label: ndarray, sample_weight: Any = None) -> ndarray:
        """Return the loss of every sample."""
        return self._finish(np.abs(_like(label, pred) - pred), sample_weight)


class SoftmaxCrossEntropyLoss(Loss):
    """Minus the logarithm of the probability that a softmax gives to the label.

    Parameters
    ----------
    axis : int
        The axis of the classes.
    sparse_label : bool
        Whether labels are numbers of classes; else they are probabilities.
    from_logits : bool
        Whether predictions are logarithms of probabilities already.

    Source
    ------
    Dive into Deep Learning, section 4.1.
    """

    def __init__(
        self,
        axis: int = -1,
        sparse_label: bool = True,
        from_logits: bool = False,
        weight: Any = None,
        batch_axis: int = 0,
        **kwargs: Any,
    ) -> None:
        super().__init__(weight, batch_axis, **kwargs)
        self._axis, self._sparse_label, self._from_logits = axis, sparse_label, from_logits

    def forward(self, pred: ndarray, label: ndarray, sample_weight: Any = None) -> ndarray:
        """Return the loss of every sample."""
        if not self._from_logits:
            pred = npx.log_softmax(pred, self._axis)
        if self._sparse_label:
            losses = -npx.pick(pred, label, self._axis, keepdims=True)
        else:
            losses = -(pred * _like(label, pred)).sum(axis=self._axis, keepdims=True)
        return self._finish(losses, sample_weight)


SoftmaxCELoss = SoftmaxCrossEntropyLoss


class SigmoidBinaryCrossEntropyLoss(Loss):
    """Binary cross-entropy of the logistic function of the predictions."""

    def __init__(self, from_sigmoid: bool = False, weight: Any = None, batch_axis: int = 0, **kwargs: Any) -> None:
        super().__init__(weight, batch_axis, **kwargs)
        self._from_sigmoid = from_sigmoid

    def forward(self, pred: ndarray, label: ndarray, sample_weight: Any = None) -> ndarray:
        """Return the loss of every sample."""
        label = _like(label, pred)
        if self._from_sigmoid:
            losses = -(np.log(pred + 1e-12) * label + np.log(1.0 - pred + 1e-12) * (1.0 - label))
        else:
            losses = npx.relu(pred) - pred * label + npx.activation(-np.abs(pred), "softrelu")
        return self._finish(losses, sample_weight)


SigmoidBCELoss = SigmoidBinaryCrossEntropyLoss


class HuberLoss(Loss):
    """Half the squared difference up to `rho`, linear beyond."""

    def __init__(self, rho: float = 1, weight: Any = None, batch_axis: int = 0, **kwargs: Any) -> None:
        super().__init__(weight, batch_axis, **kwargs)
        self._rho = rho

    def forward(self, pred: ndarray, label: ndarray, sample_weight: Any = None) -> ndarray:
        """Return the loss of every sample."""
        far = np.abs(_like(label, pred) - pred)
        losses = np.where(far > self._rho, far - 0.5 * self._rho, 0.5 / self._rho * np.square(far))
        return self._finish(losses, sample_weight)


__getattr__ = missing("mxnet", "mxnet.gluon.loss", globals())

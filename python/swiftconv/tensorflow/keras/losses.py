"""``tf.keras.losses``: called with the truth first and the prediction second."""

from __future__ import annotations

from typing import Any

from ...dialects import missing as _missing
from .. import _create, nn
from .. import _elementwise as _e
from .._math import reduce_mean, reduce_sum, reshape, squeeze
from .._tensor import convert

__all__ = [
    "BinaryCrossentropy",
    "CategoricalCrossentropy",
    "Huber",
    "Loss",
    "MeanAbsoluteError",
    "MeanSquaredError",
    "Reduction",
    "SparseCategoricalCrossentropy",
    "get",
]

_EPSILON = 1e-7


class Reduction:
    """What becomes of the losses of the examples."""

    AUTO = "auto"
    NONE = "none"
    SUM = "sum"
    SUM_OVER_BATCH_SIZE = "sum_over_batch_size"


class Loss:
    """A loss; subclasses define `call`, which gives one loss for each example."""

    def __init__(self, reduction: str = Reduction.AUTO, name: str | None = None) -> None:
        if reduction not in ("auto", "none", "sum", "sum_over_batch_size"):
            raise ValueError(f"Invalid Reduction Key: {reduction}.")
        self.reduction, self.name = reduction, name

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Return one loss for each example."""
        # Abstract: the text is Keras's, for subclasses that forget it.
        raise NotImplementedError("Must be implemented in subclasses.")

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        losses = self.call(y_true, y_pred)
        if sample_weight is not None:
            losses = losses * _create.cast(sample_weight, losses.dtype)
        if self.reduction == "none":
            return losses
        return reduce_sum(losses) if self.reduction == "sum" else reduce_mean(losses)


def _alike(y_true: Any, y_pred: Any) -> tuple[Any, Any]:
    prediction = convert(y_pred)
    return _create.cast(y_true, prediction.dtype), prediction


def mean_squared_error(y_true: Any, y_pred: Any) -> Any:
    """Return the mean of squared differences along the last axis."""
    truth, prediction = _alike(y_true, y_pred)
    return reduce_mean(_e.squared_difference(prediction, truth), -1)


def mean_absolute_error(y_true: Any, y_pred: Any) -> Any:
    """Return the mean distance along the last axis."""
    truth, prediction = _alike(y_true, y_pred)
    return reduce_mean(_e.abs(prediction - truth), -1)


def sparse_categorical_crossentropy(y_true: Any, y_pred: Any, from_logits: bool = False, axis: int = -1) -> Any:
    """Return the cross-entropy with labels that are integers; predictions are probabilities or logits."""
    prediction, labels = convert(y_pred), convert(y_true)
    if labels.shape.rank == prediction.shape.rank and labels.shape[-1] == 1:
        labels = squeeze(labels, -1)
    if labels.shape.rank != prediction.shape.rank - 1:
        labels = reshape(labels, prediction.shape[:-1])
    if not from_logits:
        prediction = _e.log(_e.clip_by_value(prediction, _EPSILON, 1 - _EPSILON))
    return nn.sparse_softmax_cross_entropy_with_logits(labels, prediction)


def categorical_crossentropy(y_true: Any, y_pred: Any, from_logits: bool = False, axis: int = -1) -> Any:
    """Return the cross-entropy with rows of probabilities."""
    truth, prediction = _alike(y_true, y_pred)
    if from_logits:
        return nn.softmax_cross_entropy_with_logits(truth, prediction)
    prediction = prediction / reduce_sum(prediction, -1, True)
    return -reduce_sum(truth * _e.log(_e.clip_by_value(prediction, _EPSILON, 1 - _EPSILON)), -1)


def binary_crossentropy(y_true: Any, y_pred: Any, from_logits: bool = False, axis: int = -1) -> Any:
    """Return the mean cross-entropy of yes-or-no answers along the last axis."""
    truth, prediction = _alike(y_true, y_pred)
    if from_logits:
        return reduce_mean(nn.sigmoid_cross_entropy_with_logits(truth, prediction), -1)
    prediction = _e.clip_by_value(prediction, _EPSILON, 1 - _EPSILON)
    return -reduce_mean(truth * _e.log(prediction + _EPSILON) + (1 - truth) * _e.log(1 - prediction + _EPSILON), -1)


def huber(y_true: Any, y_pred: Any, delta: float = 1.0) -> Any:
    """Return squares of small differences and distances of large ones, averaged along the last axis."""
    truth, prediction = _alike(y_true, y_pred)
    distance = _e.abs(prediction - truth)
    inner = 0.5 * _e.square(distance)
    return reduce_mean(_e.where(distance <= delta, inner, delta * distance - 0.5 * delta * delta), -1)


class MeanSquaredError(Loss):
    """The mean of squared differences."""

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Return one loss for each example."""
        return mean_squared_error(y_true, y_pred)


class MeanAbsoluteError(Loss):
    """The mean distance."""

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Return one loss for each example."""
        return mean_absolute_error(y_true, y_pred)


class Huber(Loss):
    """Squares of small differences, distances of large ones."""

    def __init__(self, delta: float = 1.0, reduction: str = "auto", name: str | None = "huber_loss") -> None:
        super().__init__(reduction, name)
        self.delta = delta

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Return one loss for each example."""
        return huber(y_true, y_pred, self.delta)


class _Crossentropy(Loss):
    _function = staticmethod(sparse_categorical_crossentropy)

    def __init__(self, from_logits: bool = False, reduction: str = "auto", name: str | None = None) -> None:
        super().__init__(reduction, name)
        self.from_logits = from_logits

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Return one loss for each example."""
        return type(self)._function(y_true, y_pred, self.from_logits)


class SparseCategoricalCrossentropy(_Crossentropy):
    """The cross-entropy with labels that are integers.

    Example
    -------
    >>> import swiftconv.tensorflow as tf
    >>> loss = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    >>> f"{loss([1, 0], tf.zeros((2, 4))):.4f}"
    '1.3863'
    """

    def __init__(
        self, from_logits: bool = False, ignore_class: Any = None, reduction: str = "auto", name: str | None = None
    ) -> None:
        if ignore_class is not None:
            raise ValueError("SparseCategoricalCrossentropy: ignore_class is not in swiftconv's tensorflow dialect")
        super().__init__(from_logits, reduction, name)


class _SmoothedCrossentropy(_Crossentropy):
    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str = "auto",
        name: str | None = None,
    ) -> None:
        super().__init__(from_logits, reduction, name)
        if axis != -1:
            raise ValueError(f"{type(self).__name__}: axis must be -1 in swiftconv's tensorflow dialect, got {axis}")
        self.label_smoothing = label_smoothing

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Return one loss for each example."""
        if self.label_smoothing:
            truth, _ = _alike(y_true, y_pred)
            y_true = truth * (1 - self.label_smoothing) + self.label_smoothing * self._even(truth)
        return super().call(y_true, y_pred)

    def _even(self, truth: Any) -> float:
        """What every answer gets when nothing is known."""
        return 1 / truth.shape[-1]


class CategoricalCrossentropy(_SmoothedCrossentropy):
    """The cross-entropy with rows of probabilities."""

    _function = staticmethod(categorical_crossentropy)


class BinaryCrossentropy(_SmoothedCrossentropy):
    """The cross-entropy of yes-or-no answers."""

    _function = staticmethod(binary_crossentropy)

    def _even(self, truth: Any) -> float:
        return 0.5


mse = MSE = mean_squared_error
mae = MAE = mean_absolute_error

_NAMES = {
    "mse": MeanSquaredError,
    "mean_squared_error": MeanSquaredError,
    "mae": MeanAbsoluteError,
    "mean_absolute_error": MeanAbsoluteError,
    "huber": Huber,
    "sparse_categorical_crossentropy": SparseCategoricalCrossentropy,
    "categorical_crossentropy": CategoricalCrossentropy,
    "binary_crossentropy": BinaryCrossentropy,
}


def get(identifier: Any) -> Any:
    """Return the loss for a name, a class, or something to call."""
    if isinstance(identifier, str):
        if identifier not in _NAMES:
            raise ValueError(f"Unknown loss function: '{identifier}'. Known: {', '.join(_NAMES)}")
        return _NAMES[identifier]()
    return identifier() if isinstance(identifier, type) else identifier


for _name in __all__:
    if isinstance(globals()[_name], type):
        globals()[_name].__module__ = "keras.losses"

__getattr__ = _missing("tensorflow", "tensorflow.keras.losses", globals())

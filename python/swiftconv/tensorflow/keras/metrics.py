"""``tf.keras.metrics``: means over batches."""

from __future__ import annotations

from typing import Any

from ...dialects import missing as _missing
from .. import _create
from .. import _elementwise as _e
from .._math import argmax, reduce_sum, reshape
from .._tensor import convert
from . import losses

__all__ = [
    "Accuracy",
    "BinaryAccuracy",
    "CategoricalAccuracy",
    "Mean",
    "MeanSquaredError",
    "Metric",
    "SparseCategoricalAccuracy",
    "get",
]


class Mean:
    """The mean of everything given to `update_state`."""

    def __init__(self, name: str | None = None, dtype: Any = None) -> None:
        self.name = name or type(self).__name__.lower()
        self.reset_state()

    def reset_state(self) -> None:
        """Forget what was given."""
        self._total, self._count = 0.0, 0.0

    reset_states = reset_state

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        """Take further values into account."""
        given = _create.cast(convert(values), "float32")
        weight = float(given.shape.num_elements()) if sample_weight is None else float(sample_weight)
        total = float(reduce_sum(given))
        self._total += total if sample_weight is None else total * weight
        self._count += weight

    def result(self) -> Any:
        """Return the mean so far."""
        return convert(self._total / self._count if self._count else 0.0)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self.update_state(*args, **kwargs)
        return self.result()


class Metric(Mean):
    """A mean of `values`, a function of the truth and the prediction."""

    short = "accuracy"

    def __init__(self, name: str | None = None, dtype: Any = None) -> None:
        super().__init__(name or self.short)

    def values(self, y_true: Any, y_pred: Any) -> Any:
        """Return one value for each example."""
        return _create.cast(_e.equal(_create.cast(y_true, convert(y_pred).dtype), y_pred), "float32")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take further examples into account."""
        super().update_state(self.values(y_true, y_pred))


class Accuracy(Metric):
    """The share of predictions that equal the truth."""


class SparseCategoricalAccuracy(Metric):
    """The share of rows whose largest entry is at the label."""

    def values(self, y_true: Any, y_pred: Any) -> Any:
        """Return one value for each example."""
        found = argmax(y_pred, -1)
        return _create.cast(_e.equal(reshape(_create.cast(y_true, "int64"), found.shape), found), "float32")


class CategoricalAccuracy(Metric):
    """The share of rows whose largest entry is where the truth's is."""

    def values(self, y_true: Any, y_pred: Any) -> Any:
        """Return one value for each example."""
        return _create.cast(_e.equal(argmax(y_true, -1), argmax(y_pred, -1)), "float32")


class BinaryAccuracy(Metric):
    """The share of answers on the right side of one half."""

    def values(self, y_true: Any, y_pred: Any) -> Any:
        """Return one value for each example."""
        yes = _create.cast(_e.greater(convert(y_pred), 0.5), "float32")
        return _create.cast(_e.equal(_create.cast(y_true, "float32"), yes), "float32")


class MeanSquaredError(Metric):
    """The mean of squared differences."""

    short = "mean_squared_error"

    def values(self, y_true: Any, y_pred: Any) -> Any:
        """Return one value for each example."""
        return losses.mean_squared_error(y_true, y_pred)


def get(identifier: Any, loss: Any = None) -> Any:
    """Return the metric for a name; "accuracy" is the one that fits the loss."""
    if not isinstance(identifier, str):
        return identifier() if isinstance(identifier, type) else identifier
    if identifier in ("accuracy", "acc"):
        fitting = {
            losses.SparseCategoricalCrossentropy: SparseCategoricalAccuracy,
            losses.CategoricalCrossentropy: CategoricalAccuracy,
            losses.BinaryCrossentropy: BinaryAccuracy,
        }
        return fitting.get(type(loss), Accuracy)(identifier)
    known = {"mse": MeanSquaredError, "mean_squared_error": MeanSquaredError}
    if identifier not in known:
        raise ValueError(f"Unknown metric: '{identifier}'. Known: accuracy, {', '.join(known)}")
    return known[identifier](identifier)


for _class in (Accuracy, BinaryAccuracy, CategoricalAccuracy, SparseCategoricalAccuracy):
    _class.__module__ = "keras.metrics.accuracy_metrics"
Mean.__module__ = "keras.metrics.base_metric"
MeanSquaredError.__module__ = "keras.metrics.regression_metrics"

__getattr__ = _missing("tensorflow", "tensorflow.keras.metrics", globals())

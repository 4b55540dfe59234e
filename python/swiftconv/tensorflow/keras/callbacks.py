"""``tf.keras.callbacks``: what happens during `Model.fit`."""

from __future__ import annotations

import warnings
from typing import Any

from ...dialects import missing as _missing

__all__ = ["Callback", "EarlyStopping", "History", "LambdaCallback", "LearningRateScheduler"]


class Callback:
    """Methods that `Model.fit` calls; subclasses override those they need."""

    model: Any = None
    params: dict[str, Any] = {}

    def set_params(self, params: dict[str, Any]) -> None:
        """Take note of how the model is trained: "verbose", "epochs" and "steps"."""
        self.params = params

    def set_model(self, model: Any) -> None:
        """Take note of the model."""
        self.model = model

    def on_train_begin(self, logs: Any = None) -> None:
        """Called first."""

    def on_train_end(self, logs: Any = None) -> None:
        """Called last."""

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Called before each epoch."""

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Called after each epoch."""

    def on_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Called before each batch of training."""

    def on_batch_end(self, batch: int, logs: Any = None) -> None:
        """Called after each batch of training."""

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Called before each batch of training."""
        self.on_batch_begin(batch, logs)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Called after each batch of training."""
        self.on_batch_end(batch, logs)

    def on_test_begin(self, logs: Any = None) -> None:
        """Called before an evaluation."""

    def on_test_end(self, logs: Any = None) -> None:
        """Called after an evaluation."""

    def on_test_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Called before each batch of an evaluation."""

    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
        """Called after each batch of an evaluation."""

    def on_predict_begin(self, logs: Any = None) -> None:
        """Called before a prediction."""

    def on_predict_end(self, logs: Any = None) -> None:
        """Called after a prediction."""

    def on_predict_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Called before each batch of a prediction."""

    def on_predict_batch_end(self, batch: int, logs: Any = None) -> None:
        """Called after each batch of a prediction."""


class CallbackList:
    """Callbacks that are told of everything that happens, in their order."""

    def __init__(self, callbacks: Any, model: Any, **params: Any) -> None:
        self.callbacks = list(callbacks or [])
        for each in self.callbacks:
            each.set_model(model)
            each.set_params(params)

    def tell(self, event: str, *arguments: Any) -> None:
        """Call a method of every callback."""
        for each in self.callbacks:
            getattr(each, f"on_{event}")(*arguments)


class History(Callback):
    """Keeps the numbers of every epoch in `history`."""

    def __init__(self) -> None:
        self.history: dict[str, list[float]] = {}
        self.epoch: list[int] = []

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Keep the numbers."""
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)


class LambdaCallback(Callback):
    """A callback made of functions."""

    def __init__(self, **functions: Any) -> None:
        for name, function in functions.items():
            setattr(self, name, function)


class LearningRateScheduler(Callback):
    """Sets the learning rate of every epoch: a function of its number and of the rate so far."""

    def __init__(self, schedule: Any, verbose: int = 0) -> None:
        self.schedule, self.verbose = schedule, verbose

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Set the learning rate."""
        try:
            rate = self.schedule(epoch, float(self.model.optimizer.learning_rate))
        except TypeError:
            rate = self.schedule(epoch)
        self.model.optimizer.learning_rate = rate


class EarlyStopping(Callback):
    """Stops when a number has not become better for some epochs.

    Parameters
    ----------
    monitor : str
        The number's name among those of an epoch.
    min_delta : float
        By how much it must change to count as better.
    patience : int
        For how many epochs to wait.
    mode : {"auto", "min", "max"}
        Which way is better; of accuracies, more is.
    restore_best_weights : bool
        Give the model the weights of the best epoch when it stops.
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        min_delta: float = 0,
        patience: int = 0,
        verbose: int = 0,
        mode: str = "auto",
        baseline: float | None = None,
        restore_best_weights: bool = False,
        start_from_epoch: int = 0,
    ) -> None:
        if mode not in ("auto", "min", "max"):
            raise ValueError(f"EarlyStopping: mode must be 'auto', 'min' or 'max', got {mode!r}")
        self.monitor, self.min_delta, self.patience = monitor, min_delta, patience
        self.baseline, self.restore_best_weights, self.start_from_epoch = (
            baseline,
            restore_best_weights,
            start_from_epoch,
        )
        self._sign = -1 if mode == "max" or (mode == "auto" and monitor.endswith(("acc", "accuracy", "auc"))) else 1
        self.on_train_begin()

    def on_train_begin(self, logs: Any = None) -> None:
        """Begin anew."""
        self.best = float("inf") if self.baseline is None else self._sign * self.baseline
        self.wait, self.best_weights = 0, None

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Compare with the best so far."""
        if self.monitor not in (logs or {}):
            known = ",".join(logs or {})
            warnings.warn(
                f"Early stopping conditioned on metric `{self.monitor}` which is not available. "
                f"Available metrics are: {known}",
                stacklevel=2,
            )
            return
        if epoch < self.start_from_epoch:
            return
        now = self._sign * logs[self.monitor]
        is_better = now < self.best - abs(self.min_delta)
        if self.restore_best_weights and (is_better or self.best_weights is None):
            self.best_weights = self.model.get_weights()
        if is_better:
            self.best, self.wait = now, 0
            return
        self.wait += 1
        if self.wait >= max(self.patience, 1):
            self.model.stop_training = True
            if self.best_weights is not None:
                self.model.set_weights(self.best_weights)


for _name in __all__:
    if isinstance(globals()[_name], type):
        globals()[_name].__module__ = "keras.callbacks"

__getattr__ = _missing("tensorflow", "tensorflow.keras.callbacks", globals())

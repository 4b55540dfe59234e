"""``tf.keras.callbacks``: what happens during `Model.fit`."""

from __future__ import annotations

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
    """Stops when a number has not become better for some epochs."""

    def __init__(self, monitor: str = "val_loss", min_delta: float = 0, patience: int = 0, **_: Any) -> None:
        self.monitor, self.min_delta, self.patience = monitor, min_delta, patience
        self.best, self.wait = float("inf"), 0

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Compare with the best so far."""
        sign = -1 if "acc" in self.monitor else 1
        now = sign * (logs or {}).get(self.monitor, float("inf"))
        if now < self.best - abs(self.min_delta):
            self.best, self.wait = now, 0
        else:
            self.wait += 1
            self.model.stop_training = self.wait >= max(self.patience, 1)


for _name in __all__:
    if isinstance(globals()[_name], type):
        globals()[_name].__module__ = "keras.callbacks"

__getattr__ = _missing("tensorflow", "tensorflow.keras.callbacks", globals())

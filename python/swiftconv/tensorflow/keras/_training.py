"""How models are trained: `compile`, `fit`, `evaluate` and `predict`."""

from __future__ import annotations

from typing import Any

from .. import _create
from .._math import concat
from .._nest import flat, mapped
from .._tape import GradientTape
from .._tensor import convert
from ..data import Dataset
from . import losses, metrics, optimizers
from ._engine import Layer
from .callbacks import Callback, History


class Trainable(Layer):
    """A layer that can be trained; models are made from it."""

    def compile(self, optimizer: Any = "rmsprop", loss: Any = None, metrics: Any = None, **_: Any) -> None:
        """Say how the model is trained.

        Parameters
        ----------
        optimizer : str or Optimizer
            What changes the weights.
        loss : str, Loss or function
            What becomes smaller.
        metrics : list, optional
            What else is reported.
        """
        self._compiled = {
            "optimizer": optimizers.get(optimizer),
            "loss": losses.get(loss),
            "metrics": [_metric(each, losses.get(loss)) for each in metrics or []],
        }

    @property
    def optimizer(self) -> Any:
        """The optimizer given to `compile`."""
        return self._compiled.get("optimizer")

    def _need(self) -> dict[str, Any]:
        if not self._compiled:
            raise RuntimeError(
                "You must compile your model before training/testing. Use `model.compile(optimizer, loss)`."
            )
        return self._compiled

    def _loss(self, y: Any, prediction: Any) -> Any:
        loss = self._need()["loss"](y, prediction)
        value = loss if not loss.shape.rank else losses.reduce_mean(loss)
        for each in self.losses:
            value = value + each
        return value

    def train_step(self, data: Any) -> dict[str, float]:
        """Learn from one batch."""
        X, y = _pair(data)
        with GradientTape() as tape:
            prediction = self(X, training=True)
            loss = self._loss(y, prediction)
        variables = self.trainable_variables
        self._need()["optimizer"].apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
        return self._noted(loss, y, prediction)

    def test_step(self, data: Any) -> dict[str, float]:
        """Look at one batch."""
        X, y = _pair(data)
        prediction = self(X, training=False)
        return self._noted(self._loss(y, prediction), y, prediction)

    def _noted(self, loss: Any, y: Any, prediction: Any) -> dict[str, float]:
        for each in self._need()["metrics"]:
            each.update_state(y, prediction)
        return {"loss": float(loss)}

    def _epoch(self, batches: Any, step: Any, callbacks: Any = ()) -> dict[str, float]:
        mean = metrics.Mean()
        for each in self._need()["metrics"]:
            each.reset_state()
        for number, batch in enumerate(batches):
            for callback in callbacks:
                callback.on_batch_begin(number)
            logs = step(batch)
            mean.update_state(logs["loss"], sample_weight=len(flat(batch)[0]))
            for callback in callbacks:
                callback.on_batch_end(number, logs)
        return {"loss": float(mean.result()), **{each.name: float(each.result()) for each in self._need()["metrics"]}}

    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: Any = "auto",
        callbacks: Any = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: bool = True,
        initial_epoch: int = 0,
        **_: Any,
    ) -> History:
        """Train for some epochs and return the numbers of each.

        Parameters
        ----------
        x, y : array, tensor or dataset
            Examples and what to predict for them; a dataset gives both.
        validation_data : tuple or dataset, optional
            What is looked at after every epoch.
        verbose : int
            0 says nothing.
        """
        self._need()
        if validation_split:
            kept = int(len(flat(x)[0]) * (1 - validation_split))
            validation_data = mapped(lambda each: each[kept:], (x, y))
            x, y = mapped(lambda each: each[:kept], (x, y))
        history = History()
        told: list[Callback] = [*(callbacks or []), history]
        for each in told:
            each.set_model(self)
            each.on_train_begin()
        self.stop_training = False
        batches = _batches(x, y, batch_size, shuffle)
        for epoch in range(initial_epoch, epochs):
            for each in told:
                each.on_epoch_begin(epoch)
            logs = self._epoch(batches, self.train_step, told)
            if validation_data is not None:
                parts = validation_data if isinstance(validation_data, (list, tuple)) else (validation_data, None)
                seen = self._epoch(_batches(*parts[:2], batch_size, False), self.test_step)
                logs.update({f"val_{name}": value for name, value in seen.items()})
            if verbose:
                said = " - ".join(f"{name}: {value:.4f}" for name, value in logs.items())
                print(f"Epoch {epoch + 1}/{epochs}\n{len(batches)}/{len(batches)} - {said}")
            for each in told:
                each.on_epoch_end(epoch, logs)
            if self.stop_training:
                break
        for each in told:
            each.on_train_end()
        return history

    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        verbose: Any = "auto",
        return_dict: bool = False,
        **_: Any,
    ) -> Any:
        """Return the loss, and the metrics if there are any."""
        logs = self._epoch(_batches(x, y, batch_size, False), self.test_step)
        if verbose:
            print(" - ".join(f"{name}: {value:.4f}" for name, value in logs.items()))
        return logs if return_dict else list(logs.values()) if len(logs) > 1 else logs["loss"]

    def predict(self, x: Any, batch_size: int | None = None, verbose: Any = "auto", **_: Any) -> Any:
        """Return the outputs for examples as a NumPy array."""
        parts = [self(_pair(batch)[0], training=False) for batch in _batches(x, None, batch_size, False)]
        return concat(parts, 0).numpy()


def _metric(given: Any, loss: Any) -> Any:
    return metrics.get(given, loss)


def _pair(data: Any) -> tuple[Any, Any]:
    return (data[0], data[1]) if isinstance(data, (list, tuple)) and len(data) > 1 else (data, None)


def _batches(x: Any, y: Any, batch_size: int | None, shuffle: bool) -> Dataset:
    if isinstance(x, Dataset) or (y is None and not hasattr(x, "shape")):
        return x
    tensors = mapped(convert, (x, y) if y is not None else x)
    tensors = mapped(lambda each: _create.cast(each, "float32") if each.dtype == "float64" else each, tensors)
    dataset = Dataset.from_tensor_slices(tensors)
    return (dataset.shuffle(len(dataset)) if shuffle else dataset).batch(batch_size or 32)

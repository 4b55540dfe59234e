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
from ._progress import ProgressBar
from ._symbolic import any_batch
from .callbacks import CallbackList, History

# What `compile` may be told about how to compute, not what.
_NO_EFFECT = ("run_eagerly", "jit_compile", "steps_per_execution")


class Trainable(Layer):
    """A layer that can be trained; models are made from it."""

    # The mean of the loss, once there is one.
    _mean: Any = None

    def compile(self, optimizer: Any = "rmsprop", loss: Any = None, metrics: Any = None, **options: Any) -> None:
        """Say how the model is trained.

        Parameters
        ----------
        optimizer : str or Optimizer
            What changes the weights.
        loss : str, Loss or function
            What becomes smaller.
        metrics : list, optional
            What else is reported.
        **options
            How the computation is organised, such as `run_eagerly`, has no effect.
        """
        unknown = [name for name, value in options.items() if name not in _NO_EFFECT and value is not None]
        if unknown:
            raise ValueError(f"compile: {', '.join(unknown)} is not in swiftconv's tensorflow dialect")
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

    def _outputs(self, X: Any, training: bool) -> Any:
        with any_batch():
            return self(X, training=training)

    def train_step(self, data: Any) -> dict[str, float]:
        """Learn from one batch."""
        X, y = _pair(data)
        with GradientTape() as tape:
            prediction = self._outputs(X, True)
            loss = self._loss(y, prediction)
        variables = self.trainable_variables
        self._need()["optimizer"].apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))
        return self._noted(loss, y, prediction)

    def test_step(self, data: Any) -> dict[str, float]:
        """Look at one batch."""
        X, y = _pair(data)
        prediction = self._outputs(X, False)
        return self._noted(self._loss(y, prediction), y, prediction)

    def _noted(self, loss: Any, y: Any, prediction: Any) -> dict[str, float]:
        for each in self._need()["metrics"]:
            each.update_state(y, prediction)
        return {"loss": float(loss)}

    @property
    def metrics(self) -> list[Any]:
        """The mean of the loss, and the metrics given to `compile`, as they are after the last batch."""
        return [self._mean, *self._compiled["metrics"]] if self._compiled and self._mean else []

    @property
    def metrics_names(self) -> list[str]:
        """The names of what `evaluate` returns."""
        return [each.name for each in self.metrics]

    def _epoch(self, batches: Any, step: Any, bar: ProgressBar, told: CallbackList, kind: str) -> dict[str, float]:
        """Take a step with every batch, and return the means of the loss and of the metrics."""
        mean, others = metrics.Mean("loss"), self._need()["metrics"]
        self._mean = mean
        for each in others:
            each.reset_state()
        logs = {"loss": 0.0}
        for number, batch in enumerate(batches):
            told.tell(f"{kind}_batch_begin", number, {})
            mean.update_state(step(batch)["loss"], sample_weight=len(flat(batch)[0]))
            logs = {"loss": float(mean.result()), **{each.name: float(each.result()) for each in others}}
            told.tell(f"{kind}_batch_end", number, logs)
            bar.update(number + 1, logs)
        return logs

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
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_freq: int = 1,
        workers: int = 1,
        use_multiprocessing: bool = False,
    ) -> History:
        """Train for some epochs and return the numbers of each.

        Parameters
        ----------
        x, y : array, tensor or dataset
            Examples and what to predict for them; a dataset gives both.
        validation_data : tuple or dataset, optional
            What is looked at after every epoch.
        verbose : int
            0 says nothing, 1 shows a bar, 2 writes a line for every epoch.
        steps_per_epoch, validation_steps : int, optional
            How many batches to take; all if left out.
        validation_freq : int
            After how many epochs the validation data are looked at.
        workers, use_multiprocessing
            Have no effect: data are prepared by the thread that trains.
        """
        self._need()
        verbose = 1 if verbose == "auto" else int(verbose)
        if validation_split:
            kept = int(len(flat(x)[0]) * (1 - validation_split))
            validation_data = mapped(lambda each: each[kept:], (x, y))
            x, y = mapped(lambda each: each[:kept], (x, y))
        batches = _batches(x, y, batch_size, shuffle, steps_per_epoch)
        history = History()
        told = CallbackList([*(callbacks or []), history], self, verbose=verbose, epochs=epochs, steps=len(batches))
        self.stop_training = False
        logs: dict[str, float] = {}
        told.tell("train_begin", {})
        for epoch in range(initial_epoch, epochs):
            told.tell("epoch_begin", epoch, {})
            if verbose and epochs > 1:
                print(f"Epoch {epoch + 1}/{epochs}")
            bar = ProgressBar(len(batches), verbose)
            logs = self._epoch(batches, self.train_step, bar, told, "train")
            if validation_data is not None and (epoch + 1) % validation_freq == 0:
                parts = validation_data if isinstance(validation_data, (list, tuple)) else (validation_data, None)
                held = _batches(*parts[:2], batch_size, False, validation_steps)
                seen = self._evaluated(held, ProgressBar(len(held), 0), told)
                logs.update({f"val_{name}": value for name, value in seen.items()})
            bar.update(len(batches), logs, True)
            told.tell("epoch_end", epoch, logs)
            if self.stop_training:
                break
        told.tell("train_end", logs)
        return history

    def _evaluated(self, batches: Any, bar: ProgressBar, told: CallbackList) -> dict[str, float]:
        told.tell("test_begin", {})
        logs = self._epoch(batches, self.test_step, bar, told, "test")
        told.tell("test_end", logs)
        return logs

    def _numbers_of(self, step: Any, x: Any, y: Any, return_dict: bool) -> Any:
        one = [mapped(convert, (x, y))]
        logs = self._epoch(one, step, ProgressBar(1, 0), CallbackList([], self), "train")
        return logs if return_dict else list(logs.values()) if len(logs) > 1 else logs["loss"]

    def train_on_batch(self, x: Any, y: Any, return_dict: bool = False) -> Any:
        """Learn from one batch, and return the loss and the metrics."""
        return self._numbers_of(self.train_step, x, y, return_dict)

    def test_on_batch(self, x: Any, y: Any, return_dict: bool = False) -> Any:
        """Return the loss and the metrics of one batch."""
        return self._numbers_of(self.test_step, x, y, return_dict)

    def predict_on_batch(self, x: Any) -> Any:
        """Return the outputs for one batch as a NumPy array."""
        return self(mapped(convert, x), training=False).numpy()

    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        verbose: Any = "auto",
        return_dict: bool = False,
        steps: int | None = None,
        callbacks: Any = None,
    ) -> Any:
        """Return the loss, and the metrics if there are any."""
        batches = _batches(x, y, batch_size, False, steps)
        bar = ProgressBar(len(batches), 1 if verbose == "auto" else int(verbose))
        logs = self._evaluated(batches, bar, CallbackList(callbacks, self, verbose=verbose, steps=len(batches)))
        bar.update(len(batches), logs, True)
        return logs if return_dict else list(logs.values()) if len(logs) > 1 else logs["loss"]

    def predict(
        self,
        x: Any,
        batch_size: int | None = None,
        verbose: Any = "auto",
        steps: int | None = None,
        callbacks: Any = None,
    ) -> Any:
        """Return the outputs for examples as a NumPy array."""
        batches = _batches(x, None, batch_size, False, steps)
        bar = ProgressBar(len(batches), 1 if verbose == "auto" else int(verbose))
        told = CallbackList(callbacks, self, verbose=verbose, steps=len(batches))
        told.tell("predict_begin", {})
        parts = []
        for number, batch in enumerate(batches):
            told.tell("predict_batch_begin", number, {})
            parts.append(self._outputs(_pair(batch)[0], False))
            told.tell("predict_batch_end", number, {"outputs": parts[-1].numpy()})
            bar.update(number + 1, {})
        told.tell("predict_end", {})
        bar.update(len(batches), {}, True)
        return concat(parts, 0).numpy()


def _metric(given: Any, loss: Any) -> Any:
    return metrics.get(given, loss)


def _pair(data: Any) -> tuple[Any, Any]:
    return (data[0], data[1]) if isinstance(data, (list, tuple)) and len(data) > 1 else (data, None)


def _batches(x: Any, y: Any, batch_size: int | None, shuffle: bool, steps: int | None = None) -> Any:
    """Return batches of examples; data that come in batches stay as they are, as far as `steps` goes."""
    if isinstance(x, Dataset) or (y is None and not hasattr(x, "shape")):
        return x if steps is None else x.take(steps)
    tensors = mapped(convert, (x, y) if y is not None else x)
    tensors = mapped(lambda each: _create.cast(each, "float32") if each.dtype == "float64" else each, tensors)
    dataset = Dataset.from_tensor_slices(tensors)
    dataset = (dataset.shuffle(len(dataset)) if shuffle else dataset).batch(batch_size or 32)
    return dataset if steps is None else dataset.take(steps)

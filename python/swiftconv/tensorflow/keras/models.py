"""``tf.keras.models``: models, and their training with `compile` and `fit`."""

from __future__ import annotations

from typing import Any

import numpy

from ...dialects import missing as _missing
from .. import _create
from .._math import concat
from .._nest import flat, mapped
from .._tape import GradientTape
from .._tensor import convert
from ..data import Dataset
from . import losses, metrics, optimizers
from ._engine import Layer, distinct
from ._layers import InputLayer
from ._symbolic import KerasTensor, evaluated, layers_of
from .callbacks import Callback, History

__all__ = ["Model", "Sequential", "load_weights", "save_weights"]


class Model(Layer):
    """A layer with training: subclass it, or give it symbolic inputs and outputs.

    Example
    -------
    >>> import swiftconv.tensorflow as tf
    >>> class Twice(tf.keras.Model):
    ...     def call(self, X):
    ...         return X * 2
    >>> Twice()(tf.ones(2))
    <tf.Tensor: shape=(2,), dtype=float32, numpy=array([2., 2.], dtype=float32)>
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        inputs, outputs = kwargs.pop("inputs", None), kwargs.pop("outputs", None)
        if len(args) == 2:
            inputs, outputs = args
        elif args:
            raise TypeError("Model.__init__() takes symbolic inputs and outputs, or no positional arguments")
        super().__init__(**kwargs)
        self.stop_training = False
        self._compiled: dict[str, Any] = {}
        if inputs is not None:
            if not all(isinstance(each, KerasTensor) for each in [*flat(inputs), *flat(outputs)]):
                raise ValueError("Functional models are made of tf.keras.Input and what layers return for it")
            self._graph = (inputs, outputs)
            self._graph_layers = layers_of(outputs)
            self.built = True

    @property
    def layers(self) -> list[Any]:
        """The layers right below the model."""
        return self._children()

    @property
    def inputs(self) -> Any:
        """The symbolic inputs of a functional model."""
        return flat(self._graph[0])

    @property
    def outputs(self) -> Any:
        """The symbolic outputs of a functional model."""
        return flat(self._graph[1])

    @property
    def weights(self) -> list[Any]:
        """All weights, layer by layer."""
        own = self._variables()
        return distinct([*(weight for child in self._children() for weight in child.weights), *own])

    def get_layer(self, name: str | None = None, index: int | None = None) -> Any:
        """Return the layer with a name or at a place."""
        if index is not None:
            return self.layers[index]
        for each in self.layers:
            if each.name == name:
                return each
        raise ValueError(f"No such layer: {name}. Existing layers are: {[each.name for each in self.layers]}.")

    def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
        """Compute the output; subclasses override it."""
        if not hasattr(self, "_graph"):
            raise NotImplementedError(
                "When subclassing the `Model` class, you should implement a `call()` method with `inputs` and "
                "`training` arguments."
            )
        return evaluated(self._graph[0], self._graph[1], inputs)

    # ---- Training ----------------------------------------------------------------------------------------------------

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

    # ---- Weights and tables ------------------------------------------------------------------------------------------

    def save_weights(self, filepath: Any, **_: Any) -> None:
        """Write the weights to a file, in NumPy's format."""
        save_weights(self, filepath)

    def load_weights(self, filepath: Any, **_: Any) -> None:
        """Read the weights that `save_weights` wrote."""
        load_weights(self, filepath)

    def summary(self, **_: Any) -> None:
        """Print the layers and the number of their weights."""
        line, double = "_" * 65, "=" * 65
        print(f'Model: "{self.name}"\n{line}\n {"Layer (type)":<44}{"Param #":<20}\n{double}')
        for each in self.layers:
            print(f" {f'{each.name} ({type(each).__name__})':<44}{each.count_params():<20}")
        train = sum(each.shape.num_elements() for each in self.trainable_weights)
        total = self.count_params()
        print(
            f"{double}\nTotal params: {total:,}\nTrainable params: {train:,}\n"
            f"Non-trainable params: {total - train:,}\n{line}"
        )


class Sequential(Model):
    """Layers one after the other.

    Example
    -------
    >>> import swiftconv.tensorflow as tf
    >>> net = tf.keras.models.Sequential([tf.keras.layers.Flatten(), tf.keras.layers.Dense(2)])
    >>> net(tf.ones((3, 2, 2))).shape
    TensorShape([3, 2])
    """

    _is_scope = False

    def __init__(self, layers: Any = None, name: str | None = None) -> None:
        super().__init__(name=name)
        self._sequence: list[Any] = []
        if layers is not None:
            for each in layers if isinstance(layers, (list, tuple)) else [layers]:
                self.add(each)

    @property
    def layers(self) -> Any:
        """The layers, without the one that only says what comes in."""
        return [each for each in self._sequence if not isinstance(each, InputLayer)]

    def _children(self) -> list[Any]:
        return distinct(self._sequence)

    def add(self, layer: Any) -> None:
        """Put a layer at the end."""
        if isinstance(layer, KerasTensor):
            layer = InputLayer(layer.shape[1:])
        if not isinstance(layer, Layer):
            if not callable(layer):
                raise TypeError(
                    f"The added layer must be an instance of class Layer. Received: layer={layer} of "
                    f"type {type(layer)}."
                )
            from ._layers import Lambda

            layer = Lambda(layer)
        first = not self._sequence
        self._sequence.append(layer)
        shape = layer._first_shape
        if first and shape is not None:
            self._known = KerasTensor((None, *shape), "float32")
        if hasattr(self, "_known"):
            self._known = layer(self._known)

    def pop(self) -> None:
        """Take the last layer away."""
        self._sequence.pop()

    def build(self, input_shape: Any = None) -> None:
        """Make the weights of all layers for inputs of this shape."""
        if input_shape is not None and not self.built:
            self.built = True
            self(KerasTensor(input_shape, "float32"))
        self.built = True

    def _maybe_build(self, inputs: Any) -> None:
        self.built = True

    def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
        """Return what the layers make of the inputs."""
        for layer in self._sequence:
            inputs = layer(inputs)
        return inputs


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


def save_weights(model: Layer, filepath: Any) -> None:
    """Write a model's weights to a file, in NumPy's format."""
    with open(filepath, "wb") as file:
        numpy.savez(file, *model.get_weights())


def load_weights(model: Layer, filepath: Any) -> None:
    """Read the weights that `save_weights` wrote."""
    with numpy.load(filepath, allow_pickle=False) as file:
        model.set_weights([file[name] for name in file.files])


Model.__module__ = "keras.engine.training"
Sequential.__module__ = "keras.engine.sequential"
__getattr__ = _missing("tensorflow", "tensorflow.keras.models", globals())

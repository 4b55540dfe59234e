"""``tf.keras.models``: models, and their training with `compile` and `fit`."""

from __future__ import annotations

from typing import Any

import numpy

from ...dialects import missing as _missing
from .. import _math
from .._nest import flat, mapped
from .._shape import TensorShape
from ._checks import InputSpec
from ._engine import Layer, distinct
from ._layers import InputLayer
from ._summary import Table
from ._symbolic import KerasTensor, by_depth, connected, evaluated, sampled, sampling, symbolic_call
from ._training import Trainable

__all__ = ["Model", "Sequential", "load_weights", "save_weights"]


class Model(Trainable):
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
        # The symbolic inputs and outputs of a functional or Sequential model, once they are known.
        self._graph: tuple[Any, Any] | None = None
        if inputs is not None:
            if not all(isinstance(each, KerasTensor) for each in [*flat(inputs), *flat(outputs)]):
                raise ValueError("Functional models are made of tf.keras.Input and what layers return for it")
            self._graph = (inputs, outputs)
            entries = [each._entry for each in flat(inputs) if each._entry is not None]
            self._sequence = distinct([*entries, *(call.layer for call in by_depth(outputs))])
            self.built = True

    @property
    def layers(self) -> list[Any]:
        """The layers right below the model."""
        return self._children()

    def _known_graph(self) -> tuple[Any, Any]:
        if self._graph is None:
            raise AttributeError(f"Layer {self.name} has no inbound nodes.")
        return self._graph

    @property
    def inputs(self) -> Any:
        """The symbolic inputs of a functional or Sequential model."""
        return None if self._graph is None else flat(self._graph[0])

    @property
    def outputs(self) -> Any:
        """The symbolic outputs of a functional or Sequential model."""
        return None if self._graph is None else flat(self._graph[1])

    @property
    def input(self) -> Any:
        """The symbolic input, or a structure of them."""
        return self._known_graph()[0]

    @property
    def output(self) -> Any:
        """The symbolic output, or a structure of them."""
        return self._known_graph()[1]

    @property
    def input_shape(self) -> Any:
        """The shape of the symbolic input."""
        return super().input_shape if self._graph is None else mapped(lambda each: tuple(each.shape), self._graph[0])

    @property
    def output_shape(self) -> Any:
        """The shape of the symbolic output."""
        return super().output_shape if self._graph is None else mapped(lambda each: tuple(each.shape), self._graph[1])

    @property
    def weights(self) -> list[Any]:
        """All weights, layer by layer."""
        return distinct([*(weight for child in self._children() for weight in child.weights), *self._variables()])

    def get_layer(self, name: str | None = None, index: int | None = None) -> Any:
        """Return the layer with a name or at a place."""
        if index is not None:
            return self.layers[index]
        for each in self.layers:
            if each.name == name:
                return each
        raise ValueError(f"No such layer: {name}. Existing layers are: {[each.name for each in self.layers]}.")

    def build(self, input_shape: Any) -> None:
        """Make the weights for inputs of this shape, by calling the model on zeros."""
        if type(self).call is not Model.call and not self.built:
            self.built = True
            sampled(self, KerasTensor(input_shape, "float32"))
        self.built = True

    def _maybe_build(self, inputs: Any) -> None:
        # Models that are subclassed and override `build` are rare; the others make weights as their layers are called.
        if not self.built and type(self).build is not Model.build:
            super()._maybe_build(inputs)
        self.built = True

    def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
        """Compute the output; subclasses override it."""
        if self._graph is None:
            raise NotImplementedError(
                "Unimplemented `tf.keras.Model.call()`: if you intend to create a `Model` with the Functional API, "
                "please provide `inputs` and `outputs` arguments. Otherwise, subclass `Model` with an overridden "
                "`call()` method."
            )
        return evaluated(*self._graph, self._fitted(inputs))

    def _fitted(self, inputs: Any) -> Any:
        """Return inputs with the rank of the symbolic ones, if an axis of size 1 at the end is all that differs."""

        def each(value: Any, known: KerasTensor) -> Any:
            if value.shape.rank == known.shape.rank + 1 and value.shape[-1] == 1:
                return _math.squeeze(value, -1)
            if value.shape.rank == known.shape.rank - 1 and known.shape[-1] == 1:
                return _math.expand_dims(value, -1)
            return value

        return mapped(each, inputs, self._known_graph()[0])

    # ---- Weights and tables ------------------------------------------------------------------------------------------

    def save_weights(self, filepath: Any, **_: Any) -> None:
        """Write the weights to a file, in NumPy's format."""
        save_weights(self, filepath)

    def load_weights(self, filepath: Any, **_: Any) -> None:
        """Read the weights that `save_weights` wrote."""
        load_weights(self, filepath)

    def summary(
        self,
        line_length: int | None = None,
        positions: Any = None,
        print_fn: Any = None,
        expand_nested: bool = False,
        show_trainable: bool = False,
        layer_range: Any = None,
    ) -> None:
        """Print the layers, the shapes of their outputs and the number of their weights.

        Parameters
        ----------
        line_length : int, optional
            The width of the table.
        positions : list, optional
            Where the columns end, as shares of the width.
        print_fn : callable, optional
            Called with every line; `print` if left out.
        expand_nested : bool
            Show the layers of models within.
        show_trainable : bool
            Say which layers are trained.
        """
        if not self.built:
            raise ValueError(
                "This model has not yet been built. Build the model first by calling `build()` or by calling the model "
                "on a batch of data."
            )
        if layer_range is not None:
            raise ValueError("summary: layer_range is not in swiftconv's tensorflow dialect")
        Table(self, line_length, positions, print_fn or print, expand_nested, show_trainable).show()


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
        # Whether the shape of inputs was given; it is found out in the first call otherwise.
        self._explicit = False
        if layers is not None:
            for each in layers if isinstance(layers, (list, tuple)) else [layers]:
                self.add(each)

    @property
    def layers(self) -> Any:
        """The layers, without the one that only says what comes in."""
        return [each for each in self._sequence if not isinstance(each, InputLayer)]

    def _children(self) -> list[Any]:
        return distinct(self._sequence)

    @property
    def input_spec(self) -> Any:
        """What inputs have to be, if their shape was given."""
        if not self._explicit or self._graph is None:
            return None
        shape = self._graph[0].shape
        # One axis of size 1 more or less at the end is made to fit.
        return InputSpec(min_ndim=shape.rank - 1, axes={axis: shape[axis] for axis in range(1, shape.rank - 1)})

    def add(self, layer: Any) -> None:
        """Put a layer at the end."""
        if isinstance(layer, KerasTensor):
            layer = layer._entry
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
        if first and layer._first_shape is not None:
            self._start((layer._first_batch, *layer._first_shape), layer.dtype)
            self._explicit = self.built = True
        if self._graph is not None:
            self._graph = (self._graph[0], symbolic_call(layer, self._graph[1], owner=self))

    def _start(self, shape: Any, dtype: Any) -> None:
        """Begin the graph with an input of this shape."""
        first = self._sequence[0]
        name = first.name if isinstance(first, InputLayer) else f"{first.name}_input"
        entry = KerasTensor(shape, dtype, None, name)
        self._graph = (entry, entry)
        for each in self.layers:
            each._symbolic_calls = [call for call in each._symbolic_calls if call.owner is not self]

    def pop(self) -> None:
        """Take the last layer away."""
        if not self._sequence:
            raise TypeError("There are no layers in the model.")
        self._sequence.pop()
        if self._graph is not None:
            last = self.layers[-1:]
            ends = [call.outputs for each in last for call in each._symbolic_calls if call.owner is self]
            self._graph = (self._graph[0], ends[-1] if ends else self._graph[0])

    def build(self, input_shape: Any = None) -> None:
        """Make the weights of all layers for inputs of this shape."""
        if input_shape is not None and self._graph is None:
            self._start(input_shape, "float32")
            for each in self.layers:
                self._graph = (self._graph[0], symbolic_call(each, self._graph[1], owner=self))
        self.built = True

    def _maybe_build(self, inputs: Any) -> None:
        self.built = True

    def _is_new(self, inputs: Any) -> bool:
        """Return whether inputs have a shape that the graph does not know yet, and begin the graph anew then."""
        if self._explicit or not hasattr(inputs, "shape"):
            return False
        shape = TensorShape([None, *inputs.shape[1:]]) if sampling() else inputs.shape
        if self._graph is not None:
            known = self._graph[0].shape
            if known.rank != shape.rank:
                return False
            shape = TensorShape([a if a == b else None for a, b in zip(known, shape, strict=True)])
            if shape == known:
                return False
        self._start(shape, inputs.dtype)
        return True

    def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
        """Return what the layers make of the inputs."""
        is_new = bool(self._sequence) and self._is_new(inputs)
        if self._graph is not None:
            inputs = self._fitted(inputs)
        for layer in self.layers:
            result = layer(inputs)
            if is_new:
                self._graph = (self._graph[0], connected(layer, self._graph[1], result, owner=self))
            inputs = result
        return inputs


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

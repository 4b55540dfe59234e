"""``tf.keras.layers.Layer``: weights that are made when the first input is seen."""

from __future__ import annotations

import inspect
import re
import threading
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from .. import _dtypes
from .._create import cast, sizes_of
from .._nest import flat, mapped
from .._shape import TensorShape
from .._tensor import Operand, convert
from .._variable import Variable
from . import initializers
from ._symbolic import KerasTensor, symbolic_call


class _Calls(threading.local):
    def __init__(self) -> None:
        # Layers being called, from the outermost, each with the value of `training`.
        self.stack: list[tuple[Layer, Any]] = []


_calls = _Calls()
_names: Counter[str] = Counter()


def unique_name(class_name: str) -> str:
    """Return a class's name in snake case, with a number from the second layer on."""
    spaced = re.sub("(.)([A-Z][a-z0-9]+)", r"\1_\2", class_name)
    name = re.sub("([a-z])([A-Z])", r"\1_\2", spaced).lower()
    _names[name] += 1
    return name if _names[name] == 1 else f"{name}_{_names[name] - 1}"


def reset_names() -> None:
    """Count layers from the beginning again."""
    _names.clear()


class ListWrapper(list):
    """A list that is an attribute of a layer."""

    @property
    def layers(self) -> list[Any]:
        """The layers in the list."""
        return [each for each in self if isinstance(each, Layer)]

    def __repr__(self) -> str:
        return f"ListWrapper({super().__repr__()})"


def tracked(value: Any) -> Iterator[Any]:
    """Give the layers and variables in a value, also those in lists, tuples and dictionaries."""
    if isinstance(value, (Layer, Variable)):
        yield value
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from tracked(each)
    elif isinstance(value, dict):
        for each in value.values():
            yield from tracked(each)


def distinct(values: Any) -> list[Any]:
    """Return values without repetitions, which are told by identity."""
    return list({id(each): each for each in values}.values())


@lru_cache(maxsize=1024)
def _call_parameters(function: Any) -> tuple[tuple[str, ...], bool]:
    parameters = list(inspect.signature(function).parameters.values())[1:]
    names = tuple(each.name for each in parameters if each.kind not in (each.VAR_POSITIONAL, each.VAR_KEYWORD))
    return names, any(each.kind is each.VAR_KEYWORD for each in parameters)


class Layer:
    """A part of a model: weights, made by `build`, and a computation, `call`.

    Parameters
    ----------
    trainable : bool
        Whether the weights are trained.
    name : str, optional
        Made from the class's name if left out.
    dtype : DType, optional
        The type of the weights; float32 if left out.

    Example
    -------
    >>> import swiftconv.tensorflow as tf
    >>> class Scale(tf.keras.layers.Layer):
    ...     def build(self, input_shape):
    ...         self.factor = self.add_weight(name="factor", shape=input_shape[-1:], initializer="ones")
    ...
    ...     def call(self, inputs):
    ...         return inputs * self.factor
    >>> layer = Scale(name="scale")
    >>> layer(tf.ones((1, 2))).shape, [each.name for each in layer.weights]
    (TensorShape([1, 2]), ['scale/factor:0'])
    """

    _is_scope = True

    def __init__(self, trainable: bool = True, name: str | None = None, dtype: Any = None, **kwargs: Any) -> None:
        shape = kwargs.pop("input_shape", None)
        for known in ("batch_input_shape", "input_dim", "dynamic", "autocast", "weights", "batch_size"):
            kwargs.pop(known, None)
        if kwargs:
            raise TypeError(f"('Keyword argument not understood:', {next(iter(kwargs))!r})")
        if not hasattr(self, "_own"):
            self._own: list[Variable] = []
            self._regularized: list[tuple[Any, Variable]] = []
            self._added: list[Any] = []
        self._name = name or unique_name(type(self).__name__)
        self._dtype = _dtypes.as_dtype(dtype or _dtypes.float32)
        self._first_shape = None if shape is None else TensorShape(shape)
        self.trainable = trainable
        self.built = False

    def __setattr__(self, name: str, value: Any) -> None:
        if type(value) is list and not name.startswith("_"):
            value = ListWrapper(value)
        object.__setattr__(self, name, value)

    @property
    def name(self) -> str:
        """The layer's name."""
        return self._name

    @property
    def dtype(self) -> str:
        """The name of the weights' type."""
        return self._dtype.name

    # ---- Weights -----------------------------------------------------------------------------------------------------

    def add_weight(
        self,
        name: str | None = None,
        shape: Any = (),
        dtype: Any = None,
        initializer: Any = None,
        regularizer: Any = None,
        trainable: bool | None = None,
        constraint: Any = None,
        **_: Any,
    ) -> Variable:
        """Return a new weight of the layer.

        Parameters
        ----------
        name : str, optional
            Stands in the weight's name behind the layer's.
        shape : sequence of int
            The sizes.
        initializer : str, class or function
            "glorot_uniform" if left out.
        trainable : bool
            Whether tapes watch the weight.
        """
        make = initializers.get("glorot_uniform" if initializer is None else initializer)
        kind = _dtypes.as_dtype(dtype or self._dtype)
        scope = self._scope()
        value = make(TensorShape(() if shape is None else sizes_of(shape)), dtype=kind)
        weight = Variable(value, trainable=trainable is not False, name=f"{scope}{name or 'Variable'}", dtype=kind)
        self._own.append(weight)
        if regularizer is not None:
            self._regularized.append((regularizer, weight))
        return weight

    def _scope(self) -> str:
        names: list[str] = []
        for layer, _ in _calls.stack:
            names = [*names, layer.name] if layer._is_scope else []
        if not names or names[-1] != self.name:
            names = [*names, self.name] if _calls.stack else []
        return "".join(f"{each}/" for each in names)

    def _children(self) -> list[Layer]:
        """Return the layers in the layer's attributes."""
        return distinct(each for value in vars(self).values() for each in tracked(value) if isinstance(each, Layer))

    def _variables(self) -> list[Variable]:
        found = (each for value in vars(self).values() for each in tracked(value) if isinstance(each, Variable))
        return distinct([*self._own, *found])

    @property
    def trainable_weights(self) -> list[Variable]:
        """The weights that are trained, also those of the layers within."""
        if not self.trainable:
            return []
        own = [each for each in self._variables() if each.trainable]
        return distinct([*own, *(weight for child in self._children() for weight in child.trainable_weights)])

    @property
    def non_trainable_weights(self) -> list[Variable]:
        """The weights that are not trained, also those of the layers within."""
        own = [each for each in self._variables() if not (each.trainable and self.trainable)]
        within = (
            weight
            for child in self._children()
            for weight in (child.non_trainable_weights if self.trainable else child.weights)
        )
        return distinct([*own, *within])

    @property
    def weights(self) -> list[Variable]:
        """All weights, those that are trained first."""
        return distinct([*self.trainable_weights, *self.non_trainable_weights])

    @property
    def variables(self) -> list[Variable]:
        """All weights."""
        return self.weights

    @property
    def trainable_variables(self) -> list[Variable]:
        """The weights that are trained."""
        return self.trainable_weights

    @property
    def non_trainable_variables(self) -> list[Variable]:
        """The weights that are not trained."""
        return self.non_trainable_weights

    @property
    def submodules(self) -> tuple[Layer, ...]:
        """The layers within, at every depth."""
        children = self._children()
        return tuple(distinct([*children, *(each for child in children for each in child.submodules)]))

    @property
    def losses(self) -> list[Any]:
        """What regularizers and `add_loss` add to a model's loss."""
        own = [*self._added, *(regularizer(weight) for regularizer, weight in self._regularized)]
        return own + [each for child in self._children() for each in child.losses]

    def add_loss(self, losses: Any, **_: Any) -> None:
        """Add something to the model's loss."""
        self._added = flat(losses)

    def add_update(self, updates: Any) -> None:
        """Do nothing: assignments happen when they are written."""

    def get_weights(self) -> list[Any]:
        """Return the weights as NumPy arrays."""
        return [each.numpy() for each in self.weights]

    def set_weights(self, weights: Any) -> None:
        """Replace the weights by tensors or arrays, in the order of `weights`.

        Raises
        ------
        ValueError
            When their number or a shape is wrong.
        """
        own = self.weights
        if len(own) != len(weights):
            raise ValueError(
                f'You called `set_weights(weights)` on layer "{self.name}" with a weight list of length '
                f"{len(weights)}, but the layer was expecting {len(own)} weights."
            )
        for each, value in zip(own, weights, strict=True):
            given = convert(value, None, each.dtype)
            if given.shape != each.shape:
                raise ValueError(
                    f"Layer {self.name} weight shape {each.shape} is not compatible with provided weight shape "
                    f"{given.shape}."
                )
            each.assign(cast(given, each.dtype))

    def count_params(self) -> int:
        """Return the number of elements of all weights."""
        return sum(each.shape.num_elements() for each in self.weights)

    # ---- Calls -------------------------------------------------------------------------------------------------------

    def build(self, input_shape: Any) -> None:
        """Make the weights for inputs of this shape; subclasses override it."""
        self.built = True

    def call(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """Compute the output; subclasses override it."""
        return inputs

    def _prepared(self, inputs: Any) -> Any:
        """Return inputs as tensors; floating point ones in the dtype of the layer."""

        def each(value: Any) -> Any:
            if value is None or not (isinstance(value, Operand) or hasattr(value, "__array__")):
                return value
            tensor = value if isinstance(value, Operand) else convert(value)
            return cast(tensor, self._dtype) if tensor.dtype.is_floating and tensor.dtype != self._dtype else tensor

        return mapped(each, inputs)

    def _maybe_build(self, inputs: Any) -> None:
        if self.built:
            return
        leaves = flat(inputs)
        if leaves and all(isinstance(each, Operand) for each in leaves):
            shapes = mapped(lambda each: each.shape, inputs)
            self.build(shapes)
        self.built = True

    def __call__(self, inputs: Any = None, *args: Any, **kwargs: Any) -> Any:
        if not hasattr(self, "_own"):
            raise RuntimeError(
                "It looks like you are subclassing `Model` and you forgot to call `super().__init__()`. Always start "
                "with this line."
            )
        if any(isinstance(each, KerasTensor) for each in flat(inputs)):
            return symbolic_call(self, inputs, args, kwargs)
        inputs = self._prepared(inputs)
        names, takes_any = _call_parameters(type(self).call)
        outer = _calls.stack[-1][1] if _calls.stack else None
        training = kwargs.get("training")
        if "training" in names and 0 < names.index("training") <= len(args):
            training = args[names.index("training") - 1]
        elif "training" in names or takes_any:
            training = outer if training is None else training
            kwargs["training"] = training
        else:
            training = outer
        _calls.stack.append((self, training))
        try:
            self._maybe_build(inputs)
            return self.call(inputs, *args, **kwargs)
        finally:
            _calls.stack.pop()

    def compute_output_shape(self, input_shape: Any) -> TensorShape:
        """Return the shape of the output for an input shape."""
        from .._create import zeros

        shape = TensorShape(input_shape)
        known = [1 if each is None else each for each in shape]
        result = self(zeros(known)).shape
        return TensorShape([None, *result[1:]]) if shape[0] is None else result

    def get_config(self) -> dict[str, Any]:
        """Return what describes the layer."""
        return {"name": self.name, "trainable": self.trainable, "dtype": self.dtype}


Layer.__module__ = "keras.engine.base_layer"
ListWrapper.__module__ = "tensorflow.python.trackable.data_structures"

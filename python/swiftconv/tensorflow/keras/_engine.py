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
from ._checks import check_inputs, told_arguments
from ._symbolic import KerasTensor, symbolic_call


class _Calls(threading.local):
    def __init__(self) -> None:
        # Layers being called, from the outermost, each with the value of `training`.
        self.stack: list[tuple[Layer, Any]] = []


_calls = _Calls()
_names: Counter[str] = Counter()


def unique_name(class_name: str, start: int = 0) -> str:
    """Return a class's name in snake case, with a number from the second layer on, or from `start` if it is not 0."""
    spaced = re.sub("(.)([A-Z][a-z0-9]+)", r"\1_\2", class_name)
    name = re.sub("([a-z])([A-Z])", r"\1_\2", spaced).lower()
    _names[name] += 1
    number = _names[name] - 1 + start
    return f"{name}_{number}" if number else name


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


# The options of layers with a kernel and a bias, in the order in which `get_config` tells them.
WEIGHT_OPTIONS = (
    "use_bias",
    "kernel_initializer",
    "bias_initializer",
    "kernel_regularizer",
    "bias_regularizer",
    "activity_regularizer",
    "kernel_constraint",
    "bias_constraint",
)


def no_others(layer: Layer, *options: Any) -> None:
    """Raise ValueError when an option is used that the dialect does not have."""
    if any(each is not None for each in options):
        raise ValueError(
            f"{type(layer).__name__}: constraints and regularizers of activities are not in swiftconv's tensorflow "
            "dialect"
        )


def last_only(layer: Layer, data_format: str | None) -> str:
    """Return the one order of axes that layers have, or raise ValueError when another one is asked for."""
    if data_format not in (None, "channels_last"):
        raise ValueError(f"{type(layer).__name__}: swiftconv's tensorflow dialect has channels_last only")
    return "channels_last"


def _sizes(value: Any) -> Any:
    return tuple(value.shape) if isinstance(value, KerasTensor) else None


def _told_value(value: Any) -> Any:
    """Return an attribute as `Layer.get_config` tells it."""
    if isinstance(value, initializers.Initializer):
        return {"class_name": type(value).__name__, "config": value.get_config()}
    return getattr(value, "__name__", value) if callable(value) else value


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

    # What the inputs have to be, an `InputSpec` or several.
    input_spec: Any = None

    # The names of what `get_config` tells, beyond what it tells of every layer.
    _told: tuple[str, ...] = ()

    activity_regularizer = kernel_constraint = bias_constraint = None

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
            self._symbolic_calls: list[Any] = []
        self._name = name or unique_name(type(self).__name__)
        self._dtype = _dtypes.as_dtype(dtype or _dtypes.float32)
        self._first_shape = None if shape is None else TensorShape(shape)
        self._first_batch: int | None = None
        self.trainable = trainable
        self.built = False

    def __setattr__(self, name: str, value: Any) -> None:
        if type(value) is list and not name.startswith("_"):
            value = ListWrapper(value)
        before = vars(self).get(name)
        if isinstance(before, Variable) and before is not value:
            # A layer that is built again forgets the weights that it had.
            self._own = [weight for weight in self._own if weight is not before]
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
                f"{len(weights)}, but the layer was expecting {len(own)} weights. Provided weights: "
                f"{str(weights)[:50]}..."
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
        if not self.built:
            raise ValueError(
                f"You tried to call `count_params` on layer {self.name}, but the layer isn't built. You can build it "
                f"manually via: `{self.name}.build(batch_input_shape)`."
            )
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

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if not hasattr(self, "_own"):
            raise RuntimeError(
                "It looks like you are subclassing `Model` and you forgot to call `super().__init__()`. Always start "
                "with this line."
            )
        if args:
            inputs, *args = args
        elif _call_parameters(type(self).call)[0][:1] and _call_parameters(type(self).call)[0][0] in kwargs:
            inputs = kwargs.pop(_call_parameters(type(self).call)[0][0])
        else:
            raise ValueError("The first argument to `Layer.call` must always be passed.")
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
            if self.input_spec is not None:
                check_inputs(self.name, self.input_spec, inputs)
            self._maybe_build(inputs)
            with told_arguments(self._shown(), self.call, (inputs, *args), kwargs):
                return self.call(inputs, *args, **kwargs)
        finally:
            _calls.stack.pop()

    def _shown(self) -> str:
        return f"layer '{self.name}' (type {type(self).__name__})"

    # ---- Symbolic calls ----------------------------------------------------------------------------------------------

    def _agreed(self, what: str, shapes: list[Any]) -> Any:
        if not shapes:
            never = f'The layer "{self.name}" has never been called and thus has no defined {what} shape.'
            only = " Note that the `input_shape` property is only available for Functional and Sequential models."
            raise AttributeError(never + (only if what == "input" else ""))
        if len({str(each) for each in shapes}) > 1:
            raise AttributeError(
                f'The layer "{self.name}" has multiple inbound nodes, with different {what} shapes. Hence the notion '
                f'of "{what} shape" is ill-defined for the layer. Use `get_{what}_shape_at(node_index)` instead.'
            )
        return shapes[0]

    @property
    def input_shape(self) -> Any:
        """The shape that the layer is called with in a Sequential or functional model."""
        return self._agreed("input", [mapped(_sizes, each.inputs) for each in self._symbolic_calls])

    @property
    def output_shape(self) -> Any:
        """The shape that the layer returns in a Sequential or functional model."""
        return self._agreed("output", [mapped(_sizes, each.outputs) for each in self._symbolic_calls])

    @property
    def input(self) -> Any:
        """The symbolic tensor that the layer is called with in a Sequential or functional model."""
        return self._last_call().inputs

    @property
    def output(self) -> Any:
        """The symbolic tensor that the layer returns in a Sequential or functional model."""
        return self._last_call().outputs

    def _last_call(self) -> Any:
        if not self._symbolic_calls:
            raise AttributeError(f"Layer {self.name} has no inbound nodes.")
        return self._symbolic_calls[-1]

    def compute_output_shape(self, input_shape: Any) -> TensorShape:
        """Return the shape of the output for an input shape."""
        from .._create import zeros

        shape = TensorShape(input_shape)
        known = [1 if each is None else each for each in shape]
        result = self(zeros(known)).shape
        return TensorShape([None, *result[1:]]) if shape[0] is None else result

    def get_config(self) -> dict[str, Any]:
        """Return what describes the layer."""
        common = {"name": self.name, "trainable": self.trainable, "dtype": self.dtype}
        if self._first_shape is not None:
            common["batch_input_shape"] = (None, *self._first_shape)
        return {**common, **{name: _told_value(getattr(self, name)) for name in self._told}}


Layer.__module__ = "keras.engine.base_layer"
ListWrapper.__module__ = "tensorflow.python.trackable.data_structures"

"""Layers without windows: dense, normalisation, dropout, activations, shapes, and joining."""

from __future__ import annotations

import math
from typing import Any

import numpy

from ...nn import functional as F
from .. import _math
from .. import nn as _nn
from .._create import cast, identity
from .._elementwise import add as _add
from .._elementwise import maximum as _maximum
from .._elementwise import multiply as _multiply
from .._elementwise import stop_gradient
from .._elementwise import subtract as _subtract
from .._tensor import EagerTensor, convert, native
from . import activations, initializers, regularizers
from ._checks import InputSpec
from ._engine import WEIGHT_OPTIONS, Layer, last_only, no_others, unique_name
from ._symbolic import KerasTensor


class InputLayer(Layer):
    """Gives its input on; says what shape a model expects."""

    def __init__(self, input_shape: Any = None, batch_size: Any = None, dtype: Any = None, name: Any = None) -> None:
        # Inputs are counted from 1.
        super().__init__(name=name or unique_name("input", 1), input_shape=input_shape, dtype=dtype)
        self._first_batch = batch_size
        self._tensor = KerasTensor((batch_size, *self._first_shape), self._dtype, None, self.name, self)
        self.built = True

    @property
    def output(self) -> Any:
        """The symbolic tensor that the layer stands for."""
        return self._tensor

    @property
    def output_shape(self) -> Any:
        """The shape that comes in, in a list."""
        return [tuple(self._tensor.shape)]


class Dense(Layer):
    """``activation(x @ kernel + bias)``, with ``kernel`` (inputs, units).

    Example
    -------
    >>> import swiftconv.tensorflow as tf
    >>> tf.keras.layers.Dense(3, activation="relu")(tf.ones((2, 4))).shape
    TensorShape([2, 3])
    """

    _told = ("units", "activation", *WEIGHT_OPTIONS)

    def __init__(
        self,
        units: int,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.units = int(units)
        if self.units <= 0:
            raise ValueError(
                f"Received an invalid value for `units`, expected a positive integer. Received: units={units}"
            )
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        no_others(self, activity_regularizer, kernel_constraint, bias_constraint)
        self.bias = None
        self.input_spec = InputSpec(min_ndim=2)

    def build(self, input_shape: Any) -> None:
        """Make `kernel` and `bias`."""
        self.input_spec = InputSpec(min_ndim=2, axes={-1: input_shape[-1]})
        self.kernel = self.add_weight(
            "kernel", [input_shape[-1], self.units], None, self.kernel_initializer, self.kernel_regularizer
        )
        if self.use_bias:
            self.bias = self.add_weight("bias", [self.units], None, self.bias_initializer, self.bias_regularizer)
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Return ``activation(inputs @ kernel + bias)``; integers are cast."""
        inputs = cast(inputs, self._dtype)
        if inputs.shape.rank == 2:
            result = _math.matmul(inputs, self.kernel)
        else:
            result = _math.tensordot(inputs, self.kernel, 1)
        return self.activation(result + self.bias if self.use_bias else result)


class Flatten(Layer):
    """Makes one axis of all but the first."""

    _told = ("data_format",)

    def __init__(self, data_format: Any = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.data_format = last_only(self, data_format)
        self.input_spec = InputSpec(min_ndim=1)

    def call(self, inputs: Any) -> Any:
        """Return the flat tensor."""
        if inputs.shape.rank < 2:
            return _math.expand_dims(inputs, -1)
        return _math.reshape(inputs, (inputs.shape[0], math.prod(inputs.shape[1:])))


class Reshape(Layer):
    """Gives all axes but the first another shape."""

    _told = ("target_shape",)

    def __init__(self, target_shape: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.target_shape = tuple(target_shape)

    def call(self, inputs: Any) -> Any:
        """Return the tensor in its new shape."""
        return _math.reshape(inputs, (inputs.shape[0], *self.target_shape))


class Permute(Layer):
    """Puts the axes behind the first in another order, counted from 1."""

    _told = ("dims",)

    def __init__(self, dims: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.dims = tuple(dims)

    def call(self, inputs: Any) -> Any:
        """Return the tensor with its axes reordered."""
        return _math.transpose(inputs, (0, *self.dims))


class Dropout(Layer):
    """Leaves out elements at random in training."""

    _told = ("rate", "noise_shape", "seed")

    def __init__(self, rate: float, noise_shape: Any = None, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not 0 <= rate <= 1:
            raise ValueError(f"Invalid value {rate} received for `rate`, expected a value between 0 and 1.")
        if noise_shape is not None:
            raise ValueError("Dropout: noise_shape is not in swiftconv's tensorflow dialect")
        self.rate, self.noise_shape, self.seed = rate, noise_shape, seed

    def call(self, inputs: Any, training: Any = None) -> Any:
        """Return the inputs, in training with elements left out."""
        return EagerTensor(F.dropout(native(inputs), float(self.rate), True)) if training else convert(inputs)


class Activation(Layer):
    """A function as a layer."""

    _told = ("activation",)

    def __init__(self, activation: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.activation = activations.get(activation)

    def call(self, inputs: Any) -> Any:
        """Return the function of the inputs."""
        return self.activation(inputs)


class ReLU(Layer):
    """Every element, or zero if it is negative."""

    _told = ("max_value", "negative_slope", "threshold")

    def __init__(
        self, max_value: Any = None, negative_slope: float = 0.0, threshold: float = 0.0, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.max_value = None if max_value is None else numpy.array(max_value, "float32")
        self.negative_slope = numpy.array(negative_slope or 0.0, "float32")
        self.threshold = numpy.array(threshold or 0.0, "float32")

    def call(self, inputs: Any) -> Any:
        """Return the function of the inputs."""
        return activations.relu(inputs, self.negative_slope, self.max_value, self.threshold)


class LeakyReLU(Layer):
    """Every element, times `alpha` if it is negative."""

    _told = ("alpha",)

    def __init__(self, alpha: float = 0.3, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.alpha = numpy.array(alpha, "float32")

    def call(self, inputs: Any) -> Any:
        """Return the function of the inputs."""
        return _nn.leaky_relu(inputs, self.alpha)


class Softmax(Layer):
    """Exponentials divided by their sum."""

    _told = ("axis",)

    def __init__(self, axis: int = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = axis

    def call(self, inputs: Any) -> Any:
        """Return the function of the inputs."""
        return _nn.softmax(inputs, self.axis)


class Lambda(Layer):
    """Any function as a layer."""

    def __init__(self, function: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.function = function

    def call(self, inputs: Any) -> Any:
        """Return the function of the inputs."""
        return self.function(inputs)


class BatchNormalization(Layer):
    """Normalises every channel: in training by the batch, otherwise by the moving averages.

    The moving averages change in training only: ``m = m * momentum + batch * (1 - momentum)``.
    """

    _told = (
        "axis",
        "momentum",
        "epsilon",
        "center",
        "scale",
        "beta_initializer",
        "gamma_initializer",
        "moving_mean_initializer",
        "moving_variance_initializer",
        "beta_regularizer",
        "gamma_regularizer",
        "beta_constraint",
        "gamma_constraint",
    )

    def __init__(
        self,
        axis: int = -1,
        momentum: float = 0.99,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        moving_mean_initializer: Any = "zeros",
        moving_variance_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.axis, self.momentum, self.epsilon = axis, momentum, epsilon
        self.center, self.scale = center, scale
        self.gamma_initializer = initializers.get(gamma_initializer)
        self.beta_initializer = initializers.get(beta_initializer)
        self.moving_mean_initializer = initializers.get(moving_mean_initializer)
        self.moving_variance_initializer = initializers.get(moving_variance_initializer)
        self.beta_regularizer = regularizers.get(beta_regularizer)
        self.gamma_regularizer = regularizers.get(gamma_regularizer)
        no_others(self, beta_constraint, gamma_constraint)
        self.beta_constraint = self.gamma_constraint = None
        self.gamma = self.beta = None

    def build(self, input_shape: Any) -> None:
        """Make `gamma`, `beta`, `moving_mean` and `moving_variance`."""
        last = len(input_shape) - 1
        if self.axis not in (-1, last, [-1], [last]):
            raise ValueError("BatchNormalization: swiftconv's tensorflow dialect normalises the last axis only")
        self.axis, shape = [last], [input_shape[-1]]
        self.input_spec = InputSpec(ndim=last + 1, axes={last: input_shape[-1]})
        if self.scale:
            self.gamma = self.add_weight("gamma", shape, None, self.gamma_initializer, self.gamma_regularizer)
        if self.center:
            self.beta = self.add_weight("beta", shape, None, self.beta_initializer, self.beta_regularizer)
        mean, variance = self.moving_mean_initializer, self.moving_variance_initializer
        self.moving_mean = self.add_weight("moving_mean", shape, initializer=mean, trainable=False)
        self.moving_variance = self.add_weight("moving_variance", shape, initializer=variance, trainable=False)
        self.built = True

    def call(self, inputs: Any, training: Any = None) -> Any:
        """Return the normalised inputs."""
        training = bool(training) and self.trainable
        result = _nn.normalized(
            inputs, self.moving_mean, self.moving_variance, self.gamma, self.beta, training, self.epsilon
        )
        if training:
            axes = list(range(inputs.shape.rank - 1))
            mean, variance = _nn.moments(stop_gradient(inputs), axes)
            keep = self.momentum
            count = math.prod(inputs.shape[:-1])
            if inputs.shape.rank == 4 and count > 1:
                # Of images, the average takes the unbiased variance.
                variance = variance * (count / (count - 1))
            self.moving_mean.assign(self.moving_mean * keep + mean * (1 - keep))
            self.moving_variance.assign(self.moving_variance * keep + variance * (1 - keep))
        return result


class LayerNormalization(Layer):
    """Normalises every example along its last axis."""

    def __init__(
        self, axis: int = -1, epsilon: float = 1e-3, center: bool = True, scale: bool = True, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.axis, self.epsilon, self.center, self.scale = axis, epsilon, center, scale

    def build(self, input_shape: Any) -> None:
        """Make `gamma` and `beta`."""
        shape = [input_shape[self.axis]]
        self.gamma = self.add_weight("gamma", shape, initializer="ones") if self.scale else None
        self.beta = self.add_weight("beta", shape, initializer="zeros") if self.center else None
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Return the normalised inputs."""
        mean, variance = _nn.moments(inputs, self.axis, keepdims=True)
        return _nn.batch_normalization(inputs, mean, variance, self.beta, self.gamma, self.epsilon)


class _Merge(Layer):
    """Combines several inputs, two at a time."""

    _operation = staticmethod(_add)

    def call(self, inputs: Any) -> Any:
        """Return the combination of the inputs."""
        if not isinstance(inputs, (list, tuple)):
            raise ValueError(f"A merge layer should be called on a list of inputs. Received: inputs={inputs}")
        result = inputs[0]
        for each in inputs[1:]:
            result = type(self)._operation(result, each)
        return result


class Add(_Merge):
    """The sum of the inputs."""


class Subtract(_Merge):
    """The difference of two inputs."""

    _operation = staticmethod(_subtract)


class Multiply(_Merge):
    """The product of the inputs, element by element."""

    _operation = staticmethod(_multiply)


class Maximum(_Merge):
    """The largest of the inputs, element by element."""

    _operation = staticmethod(_maximum)


class Average(_Merge):
    """The mean of the inputs, element by element."""

    def call(self, inputs: Any) -> Any:
        """Return the mean of the inputs."""
        return super().call(inputs) / len(inputs)


class Concatenate(Layer):
    """The inputs joined along an axis, the last one if none is given."""

    _told = ("axis",)

    def __init__(self, axis: int = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = axis

    def build(self, input_shape: Any) -> None:
        """Check that the shapes fit."""
        if isinstance(input_shape, list):
            rest = {tuple(each[: self.axis]) + tuple(each[self.axis :][1:]) for each in input_shape}
            if len(rest) > 1:
                raise ValueError(
                    "A `Concatenate` layer requires inputs with matching shapes except for the concatenation axis. "
                    f"Received: input_shape={[tuple(each) for each in input_shape]}"
                )
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Return the inputs joined."""
        if not isinstance(inputs, (list, tuple)):
            raise ValueError(
                f"A `Concatenate` layer should be called on a list of at least 1 input. Received: inputs={inputs}"
            )
        return _math.concat(list(inputs), self.axis)


class Embedding(Layer):
    """A row of weights for every integer."""

    def __init__(self, input_dim: int, output_dim: int, embeddings_initializer: Any = "uniform", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.input_dim, self.output_dim = input_dim, output_dim
        maker = "random_uniform" if embeddings_initializer == "uniform" else embeddings_initializer
        self.embeddings_initializer = initializers.get(maker)

    def build(self, input_shape: Any) -> None:
        """Make `embeddings`."""
        shape = [self.input_dim, self.output_dim]
        self.embeddings = self.add_weight("embeddings", shape, initializer=self.embeddings_initializer)
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Return the rows."""
        return _math.gather(self.embeddings, inputs)


class GaussianNoise(Layer):
    """Adds normal numbers in training."""

    def __init__(self, stddev: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.stddev = stddev

    def call(self, inputs: Any, training: Any = None) -> Any:
        """Return the inputs, in training with noise."""
        from ..random import normal

        return inputs + normal(inputs.shape, 0.0, self.stddev) if training else identity(inputs)


def concatenate(inputs: Any, axis: int = -1, **kwargs: Any) -> Any:
    """Return tensors joined along an axis."""
    return Concatenate(axis=axis, **kwargs)(inputs)


def add(inputs: Any, **kwargs: Any) -> Any:
    """Return the sum of tensors."""
    return Add(**kwargs)(inputs)


def multiply(inputs: Any, **kwargs: Any) -> Any:
    """Return the product of tensors, element by element."""
    return Multiply(**kwargs)(inputs)

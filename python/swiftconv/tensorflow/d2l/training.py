"""The book's classes of models, data and training."""

from __future__ import annotations

from typing import Any

from ...dialects.datasets import FashionMNISTBase, SyntheticRegressionBase
from ...dialects.training import ClassifierBase, DataModuleBase, ModuleBase, TrainerBase, print_output_shapes
from .. import _create, data, image, keras
from .. import _elementwise as _e
from .. import _math as _m
from .. import random as _random
from .._tape import GradientTape
from .._tensor import Operand

__all__ = [
    "Classifier",
    "DataModule",
    "FashionMNIST",
    "LinearRegression",
    "Module",
    "SyntheticRegressionData",
    "Trainer",
]


class Module(ModuleBase, keras.Model):
    training: bool | None = None

    @staticmethod
    def _plain(value: Any) -> Any:
        return value.numpy() if isinstance(value, Operand) else value

    def call(self, X: Any, *args: Any, **kwargs: Any) -> Any:
        """Return `forward`."""
        if "training" in kwargs:
            self.training = kwargs["training"]
        return self.forward(X, *args)

    def configure_optimizers(self) -> Any:
        """Return the optimizer: gradient descent with the rate ``self.lr``."""
        return keras.optimizers.SGD(self.lr)


class DataModule(DataModuleBase):
    def get_tensorloader(self, tensors: Any, train: bool, indices: Any = slice(0, None)) -> Any:
        """Return a loader of tensors, of the samples that `indices` picks."""
        picked = tuple(each[indices] for each in tensors)
        dataset = data.Dataset.from_tensor_slices(picked)
        return dataset.shuffle(len(picked[0]) if train else 1).batch(self.batch_size)


class Trainer(TrainerBase):
    def __init__(self, max_epochs: int, num_gpus: int = 0, gradient_clip_val: float = 0) -> None:
        super().__init__(max_epochs, num_gpus, gradient_clip_val)
        assert num_gpus == 0, "No GPU support yet"

    def fit_epoch(self) -> None:
        """Go once through the training data, then through the validation data."""
        self.model.training = True
        for batch in self.train_dataloader:
            with GradientTape() as tape:
                loss = self.model.training_step(self.prepare_batch(batch))
            variables = self.model.trainable_variables
            grads = tape.gradient(loss, variables)
            if self.gradient_clip_val > 0:
                grads = self.clip_gradients(self.gradient_clip_val, grads)
            self.optim.apply_gradients(zip(grads, variables, strict=True))
            self.train_batch_idx += 1
        if self.val_dataloader is None:
            return
        self.model.training = False
        for batch in self.val_dataloader:
            self.model.validation_step(self.prepare_batch(batch))
            self.val_batch_idx += 1

    def clip_gradients(self, grad_clip_val: float, grads: Any) -> Any:
        """Return the gradients, scaled down when their common norm is above a value."""
        norm = _e.sqrt(_m.add_n([_m.reduce_sum(_e.square(each)) for each in grads]))
        return [each * (grad_clip_val / norm) for each in grads] if float(norm) > grad_clip_val else grads


class Classifier(ClassifierBase, Module):
    """A model whose output has one score per class."""

    def accuracy(self, Y_hat: Any, Y: Any, averaged: bool = True) -> Any:
        """Return the share of right predictions, or one number for each."""
        scores = _m.reshape(Y_hat, (-1, Y_hat.shape[-1]))
        predicted = _create.cast(_m.argmax(scores, 1), Y.dtype)
        right = _create.cast(_e.equal(predicted, _m.reshape(Y, -1)), "float32")
        return _m.reduce_mean(right) if averaged else right

    def loss(self, Y_hat: Any, Y: Any, averaged: bool = True) -> Any:
        """Return the cross-entropy, its mean or one number for each sample."""
        scores = _m.reshape(Y_hat, (-1, Y_hat.shape[-1]))
        reduction = "auto" if averaged else "none"
        entropy = keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction=reduction)
        return entropy(_m.reshape(Y, (-1,)), scores)

    def layer_summary(self, X_shape: Any) -> None:
        """Print the shape of each layer's output for a random input of a shape."""
        print_output_shapes(_random.normal(X_shape), self.net.layers)


class FashionMNIST(FashionMNISTBase, DataModule):
    """Fashion-MNIST, with pixels between 0 and 1.

    Parameters
    ----------
    batch_size : int
        Images in a batch.
    resize : (int, int)
        The size of the images.
    """

    channel_axis = -1

    def __init__(self, batch_size: int = 64, resize: tuple[int, int] = (28, 28)) -> None:
        super().__init__()
        self.save_hyperparameters()
        self.train, self.val = keras.datasets.fashion_mnist.load_data()

    def get_dataloader(self, train: bool) -> Any:
        """Return batches of images and labels, in training in random order."""
        images, labels = self.train if train else self.val
        size = (self.resize, self.resize) if isinstance(self.resize, int) else tuple(self.resize)

        def prepared(X: Any, y: Any) -> tuple[Any, Any]:
            X = _m.expand_dims(X, 3) / 255
            return image.resize_with_pad(X, *size), _create.cast(y, "int32")

        # Batches are prepared when they are needed: all of them in a large size would not fit into memory.
        dataset = data.Dataset.from_tensor_slices((images, labels)).batch(self.batch_size).map(prepared)
        return dataset.shuffle(len(images)) if train else dataset


class SyntheticRegressionData(SyntheticRegressionBase, DataModule):
    """Samples of a linear function with noise.

    Parameters
    ----------
    w, b
        Weights and bias.
    noise : float
        The noise's standard deviation.
    num_train, num_val, batch_size : int
        How many samples.
    """

    def __init__(
        self, w: Any, b: Any, noise: float = 0.01, num_train: int = 1000, num_val: int = 1000, batch_size: int = 32
    ) -> None:
        super().__init__()
        self.save_hyperparameters()
        n = num_train + num_val
        self.X = _random.normal((n, w.shape[0]))
        self.y = _m.matmul(self.X, _m.reshape(w, (-1, 1))) + b + _random.normal((n, 1)) * noise


class LinearRegression(Module):
    """A dense layer of one unit.

    Parameters
    ----------
    lr : float
        The learning rate.
    """

    def __init__(self, lr: float) -> None:
        super().__init__()
        self.save_hyperparameters()
        self.net = keras.layers.Dense(1, kernel_initializer=keras.initializers.RandomNormal(stddev=0.01))

    def loss(self, y_hat: Any, y: Any) -> Any:
        """Return the mean of the squared errors."""
        return keras.losses.MeanSquaredError()(y, y_hat)

    def get_w_b(self) -> tuple[Any, Any]:
        """Return the weights and the bias."""
        weights = self.get_weights()
        return weights[0], weights[1]

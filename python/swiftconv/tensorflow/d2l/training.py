"""The book's classes of models, data and training."""

from __future__ import annotations

from typing import Any

from ...dialects.board import HyperParameters, ProgressBoard
from .. import _create, data, image, keras
from .. import _elementwise as _e
from .. import _math as _m
from .. import random as _random
from .._tape import GradientTape
from .._tensor import Operand
from .datasets import text_labels

__all__ = [
    "Classifier",
    "DataModule",
    "FashionMNIST",
    "LinearRegression",
    "Module",
    "SyntheticRegressionData",
    "Trainer",
]


class Module(keras.Model, HyperParameters):
    """A model that knows its loss and its optimizer, and plots its progress.

    Parameters
    ----------
    plot_train_per_epoch, plot_valid_per_epoch : int
        How many points a curve gets in an epoch.
    """

    def __init__(self, plot_train_per_epoch: int = 2, plot_valid_per_epoch: int = 1) -> None:
        super().__init__()
        self.save_hyperparameters()
        self.board = ProgressBoard()
        self.training = None

    def loss(self, y_hat: Any, y: Any) -> Any:
        """Return the loss; subclasses say how."""
        raise NotImplementedError(f"{type(self).__name__}: loss is missing")

    def forward(self, X: Any) -> Any:
        """Return the output of ``self.net``."""
        assert hasattr(self, "net"), "Neural network is defined"
        return self.net(X)

    def call(self, X: Any, *args: Any, **kwargs: Any) -> Any:
        """Return `forward`."""
        if "training" in kwargs:
            self.training = kwargs["training"]
        return self.forward(X, *args)

    def plot(self, key: str, value: Any, train: bool) -> None:
        """Add a value to the curve ``train_<key>`` or ``val_<key>``."""
        assert hasattr(self, "trainer"), "Trainer is not inited"
        self.board.xlabel = "epoch"
        if train:
            batches, points = self.trainer.num_train_batches, self.plot_train_per_epoch
            x = self.trainer.train_batch_idx / batches
        else:
            batches, points = self.trainer.num_val_batches, self.plot_valid_per_epoch
            x = self.trainer.epoch + 1
        shown = value.numpy() if isinstance(value, Operand) else value
        self.board.draw(x, shown, f"{'train' if train else 'val'}_{key}", every_n=int(batches / points))

    def training_step(self, batch: Any) -> Any:
        """Return the loss of a batch, whose last entry is the labels, and plot it."""
        loss = self.loss(self(*batch[:-1]), batch[-1])
        self.plot("loss", loss, train=True)
        return loss

    def validation_step(self, batch: Any) -> None:
        """Plot the loss of a batch."""
        loss = self.loss(self(*batch[:-1]), batch[-1])
        self.plot("loss", loss, train=False)

    def configure_optimizers(self) -> Any:
        """Return the optimizer: gradient descent with the rate ``self.lr``."""
        return keras.optimizers.SGD(self.lr)


class DataModule(HyperParameters):
    """Data for training and for validation.

    Parameters
    ----------
    root : str
        The folder for data.
    num_workers : int
        Has no effect.
    """

    def __init__(self, root: str = "../data", num_workers: int = 4) -> None:
        self.save_hyperparameters()

    def get_dataloader(self, train: bool) -> Any:
        """Return the loader of the training or validation data; subclasses say how."""
        raise NotImplementedError(f"{type(self).__name__}: get_dataloader is missing")

    def train_dataloader(self) -> Any:
        """Return the loader of the training data."""
        return self.get_dataloader(train=True)

    def val_dataloader(self) -> Any:
        """Return the loader of the validation data."""
        return self.get_dataloader(train=False)

    def get_tensorloader(self, tensors: Any, train: bool, indices: Any = slice(0, None)) -> Any:
        """Return a loader of tensors, of the samples that `indices` picks."""
        picked = tuple(each[indices] for each in tensors)
        dataset = data.Dataset.from_tensor_slices(picked)
        return dataset.shuffle(len(picked[0]) if train else 1).batch(self.batch_size)


class Trainer(HyperParameters):
    """Fits a model to data.

    Parameters
    ----------
    max_epochs : int
        How many times to go through the training data.
    num_gpus : int
        0: there is the CPU.
    gradient_clip_val : float
        The greatest norm of all gradients together; 0 for any.
    """

    def __init__(self, max_epochs: int, num_gpus: int = 0, gradient_clip_val: float = 0) -> None:
        self.save_hyperparameters()
        assert num_gpus == 0, "No GPU support yet"

    def prepare_data(self, data: Any) -> None:
        """Make the loaders."""
        self.train_dataloader = data.train_dataloader()
        self.val_dataloader = data.val_dataloader()
        self.num_train_batches = len(self.train_dataloader)
        self.num_val_batches = len(self.val_dataloader) if self.val_dataloader is not None else 0

    def prepare_batch(self, batch: Any) -> Any:
        """Return the batch."""
        return batch

    def prepare_model(self, model: Any) -> None:
        """Acquaint the model with the trainer."""
        model.trainer = self
        model.board.xlim = [0, self.max_epochs]
        self.model = model

    def fit(self, model: Any, data: Any) -> None:
        """Train a model."""
        self.prepare_data(data)
        self.prepare_model(model)
        self.optim = model.configure_optimizers()
        self.epoch = self.train_batch_idx = self.val_batch_idx = 0
        for epoch in range(self.max_epochs):
            self.epoch = epoch
            self.fit_epoch()

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


class Classifier(Module):
    """A model whose output has one score per class."""

    def validation_step(self, batch: Any) -> None:
        """Plot loss and accuracy of a batch."""
        scores = self(*batch[:-1])
        self.plot("loss", self.loss(scores, batch[-1]), train=False)
        self.plot("acc", self.accuracy(scores, batch[-1]), train=False)

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
        X = _random.normal(X_shape)
        for layer in self.net.layers:
            X = layer(X)
            print(layer.__class__.__name__, "output shape:\t", X.shape)


class FashionMNIST(DataModule):
    """Fashion-MNIST, with pixels between 0 and 1.

    Parameters
    ----------
    batch_size : int
        Images in a batch.
    resize : (int, int)
        The size of the images.
    """

    def __init__(self, batch_size: int = 64, resize: tuple[int, int] = (28, 28)) -> None:
        super().__init__()
        self.save_hyperparameters()
        self.train, self.val = keras.datasets.fashion_mnist.load_data()

    def text_labels(self, indices: Any) -> list[str]:
        """Return the names of labels."""
        return text_labels(indices)

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

    def visualize(self, batch: Any, nrows: int = 1, ncols: int = 8, labels: Any = ()) -> None:
        """Show the first images of a batch with their names."""
        from ...dialects.plots import show_images

        X, y = batch
        show_images(_m.squeeze(X, -1), nrows, ncols, titles=labels or self.text_labels(y))


class SyntheticRegressionData(DataModule):
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

    def get_dataloader(self, train: bool) -> Any:
        """Return a loader of the training or validation samples."""
        return self.get_tensorloader(
            (self.X, self.y), train, slice(0, self.num_train) if train else slice(self.num_train, None)
        )


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

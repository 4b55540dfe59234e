"""The book's classes of models, data and training."""

from __future__ import annotations

from typing import Any

from swiftconv.dialects.board import HyperParameters, ProgressBoard
from swiftconv.mxnet import autograd, gluon, init, np
from swiftconv.mxnet.gluon import nn

from .aliases import gpu, num_gpus

__all__ = ["Classifier", "DataModule", "LinearRegression", "Module", "SGD", "Trainer"]


class Module(nn.Block, HyperParameters):
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

    def loss(self, y_hat: Any, y: Any) -> Any:
        """Return the loss; subclasses say how."""
        raise NotImplementedError(f"{type(self).__name__}: loss is missing")

    def forward(self, X: Any) -> Any:
        """Return the output of ``self.net``."""
        if not hasattr(self, "net"):
            raise AttributeError(f"{type(self).__name__}: there is neither self.net nor a forward")
        return self.net(X)

    def plot(self, key: str, value: Any, train: bool) -> None:
        """Add a value to the curve ``train_<key>`` or ``val_<key>``."""
        if not hasattr(self, "trainer"):
            raise AttributeError(f"{type(self).__name__}: only a model that a Trainer fits can plot")
        self.board.xlabel = "epoch"
        if train:
            batches, points = self.trainer.num_train_batches, self.plot_train_per_epoch
            x = self.trainer.train_batch_idx / batches
        else:
            batches, points = self.trainer.num_val_batches, self.plot_valid_per_epoch
            x = self.trainer.epoch + 1
        shown = value.asnumpy() if isinstance(value, np.ndarray) else value
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
        params = self.parameters()
        if isinstance(params, list):
            return SGD(params, self.lr)
        return gluon.Trainer(params, "sgd", {"learning_rate": self.lr})

    def get_scratch_params(self) -> list[Any]:
        """Return the arrays among the attributes, also those of modules among them."""
        found = []
        for value in vars(self).values():
            if isinstance(value, np.ndarray):
                found.append(value)
            elif isinstance(value, Module):
                found.extend(value.get_scratch_params())
        return found

    def parameters(self) -> Any:
        """Return the parameters of layers; where there are none, the arrays among the attributes."""
        params = self.collect_params()
        return params if len(params.keys()) else self.get_scratch_params()

    def set_scratch_params_device(self, device: Any) -> None:
        """Leave everything on the CPU."""


class DataModule(HyperParameters):
    """Data for training and for validation.

    Parameters
    ----------
    root : str
        The folder for data.
    num_workers : int
        A hint that is not used.
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
        """Return a loader of arrays, of the samples that `indices` picks."""
        dataset = gluon.data.ArrayDataset(*(each[indices] for each in tensors))
        return gluon.data.DataLoader(dataset, self.batch_size, shuffle=train)


class Trainer(HyperParameters):
    """Fits a model to data.

    Parameters
    ----------
    max_epochs : int
        How many times to go through the training data.
    num_gpus : int
        How many graphics cards to use, of those that there are.
    gradient_clip_val : float
        The greatest norm of all gradients together; 0 for any.
    """

    def __init__(self, max_epochs: int, num_gpus: int = 0, gradient_clip_val: float = 0) -> None:
        self.save_hyperparameters()
        self.gpus = [gpu(i) for i in range(min(num_gpus, _available()))]

    def prepare_data(self, data: Any) -> None:
        """Make the loaders."""
        self.train_dataloader = data.train_dataloader()
        self.val_dataloader = data.val_dataloader()
        self.num_train_batches = len(self.train_dataloader)
        self.num_val_batches = len(self.val_dataloader) if self.val_dataloader is not None else 0

    def prepare_batch(self, batch: Any) -> Any:
        """Return the batch on the device."""
        return [each.as_in_context(self.gpus[0]) for each in batch] if self.gpus else batch

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
        self.train_batch_idx = self.val_batch_idx = 0
        for epoch in range(self.max_epochs):
            self.epoch = epoch
            self.fit_epoch()

    def fit_epoch(self) -> None:
        """Go once through the training data, then through the validation data."""
        for batch in self.train_dataloader:
            with autograd.record():
                loss = self.model.training_step(self.prepare_batch(batch))
            loss.backward()
            if self.gradient_clip_val > 0:
                self.clip_gradients(self.gradient_clip_val, self.model)
            self.optim.step(1)
            self.train_batch_idx += 1
        if self.val_dataloader is None:
            return
        for batch in self.val_dataloader:
            self.model.validation_step(self.prepare_batch(batch))
            self.val_batch_idx += 1

    def clip_gradients(self, grad_clip_val: float, model: Any) -> None:
        """Scale all gradients down when their common norm is above a value."""
        params = model.parameters()
        arrays = params if isinstance(params, list) else [each.data() for each in params.values()]
        gluon.utils.clip_global_norm([each.grad for each in arrays if each.grad is not None], grad_clip_val)


def _available() -> int:
    # The constructor's argument has the function's name.
    return num_gpus()


class Classifier(Module):
    """A model whose output has one score per class."""

    def validation_step(self, batch: Any) -> None:
        """Plot loss and accuracy of a batch."""
        scores = self(*batch[:-1])
        self.plot("loss", self.loss(scores, batch[-1]), train=False)
        self.plot("acc", self.accuracy(scores, batch[-1]), train=False)

    def accuracy(self, Y_hat: Any, Y: Any, averaged: bool = True) -> Any:
        """Return the share of right predictions, or one number for each."""
        predicted = Y_hat.reshape((-1, Y_hat.shape[-1])).argmax(axis=1).astype(Y.dtype)
        right = (predicted == Y.reshape(-1)).astype(np.float32)
        return right.mean() if averaged else right

    def loss(self, Y_hat: Any, Y: Any, averaged: bool = True) -> Any:
        """Return the cross-entropy, its mean or one number for each sample."""
        scores = Y_hat.reshape((-1, Y_hat.shape[-1]))
        losses = gluon.loss.SoftmaxCrossEntropyLoss()(scores, Y.reshape((-1,)))
        return losses.mean() if averaged else losses

    def layer_summary(self, X_shape: Any) -> None:
        """Print the shape of each layer's output for a random input of a shape."""
        X = np.random.randn(*X_shape)
        for layer in self.net:
            X = layer(X)
            print(layer.__class__.__name__, "output shape:\t", X.shape)


class SGD(HyperParameters):
    """Gradient descent on arrays.

    Parameters
    ----------
    params : list of ndarray
        What to move.
    lr : float
        The learning rate.
    """

    def __init__(self, params: Any, lr: float) -> None:
        self.save_hyperparameters()

    def step(self, _: Any) -> None:
        """Take a step against the gradients."""
        for param in self.params:
            param -= self.lr * param.grad


class LinearRegression(Module):
    """A line or plane through points.

    Parameters
    ----------
    lr : float
        The learning rate.
    """

    def __init__(self, lr: float) -> None:
        super().__init__()
        self.save_hyperparameters()
        self.net = nn.Dense(1)
        self.net.initialize(init.Normal(sigma=0.01))

    def loss(self, y_hat: Any, y: Any) -> Any:
        """Return half the mean squared error."""
        return gluon.loss.L2Loss()(y_hat, y).mean()

    def get_w_b(self) -> tuple[Any, Any]:
        """Return slope and height."""
        return self.net.weight.data(), self.net.bias.data()

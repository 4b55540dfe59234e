"""The book's classes of models, data and training."""

from __future__ import annotations

from typing import Any

import swiftconv as sc
from swiftconv import nn
from swiftconv.data import DataLoader, TensorDataset
from swiftconv.dialects.board import HyperParameters, ProgressBoard
from swiftconv.nn import functional as F

from .devices import cpu, gpu, num_gpus

__all__ = ["Classifier", "DataModule", "Module", "Trainer"]


class Module(nn.Module, HyperParameters):
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
        shown = value.to(cpu()).detach().numpy() if isinstance(value, sc.Tensor) else value
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
        return sc.optim.SGD(self.parameters(), lr=self.lr)

    def apply_init(self, inputs: Any, init: Any = None) -> None:
        """Let lazy layers see an input, then apply `init` to every layer."""
        self.forward(*inputs)
        if init is not None:
            self.net.apply(init)


class DataModule(HyperParameters):
    """Data for training and for validation.

    Parameters
    ----------
    root : str
        The folder for data.
    num_workers : int
        How many threads prepare batches.
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

    def get_tensorloader(self, tensors: Any, train: bool, indices: Any = slice(0, None)) -> DataLoader:
        """Return a loader of tensors, of the samples that `indices` picks."""
        dataset = TensorDataset(*(tensor[indices] for tensor in tensors))
        return DataLoader(dataset, self.batch_size, shuffle=train)


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
        return [each.to(self.gpus[0]) for each in batch] if self.gpus else batch

    def prepare_model(self, model: Any) -> None:
        """Acquaint the model with the trainer."""
        model.trainer = self
        model.board.xlim = [0, self.max_epochs]
        if self.gpus:
            model.to(self.gpus[0])
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
        self.model.train()
        for batch in self.train_dataloader:
            loss = self.model.training_step(self.prepare_batch(batch))
            self.optim.zero_grad()
            with sc.no_grad():
                loss.backward()
                if self.gradient_clip_val > 0:
                    self.clip_gradients(self.gradient_clip_val, self.model)
                self.optim.step()
            self.train_batch_idx += 1
        if self.val_dataloader is None:
            return
        self.model.eval()
        for batch in self.val_dataloader:
            with sc.no_grad():
                self.model.validation_step(self.prepare_batch(batch))
            self.val_batch_idx += 1

    def clip_gradients(self, grad_clip_val: float, model: Any) -> None:
        """Scale all gradients down when their common norm is above a value."""
        nn.utils.clip_grad_norm_(model.parameters(), grad_clip_val)


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
        predicted = Y_hat.reshape((-1, Y_hat.shape[-1])).argmax(axis=1).type(Y.dtype)
        right = (predicted == Y.reshape(-1)).type(sc.float32)
        return right.mean() if averaged else right

    def loss(self, Y_hat: Any, Y: Any, averaged: bool = True) -> Any:
        """Return the cross-entropy, its mean or one number for each sample."""
        scores = Y_hat.reshape((-1, Y_hat.shape[-1]))
        return F.cross_entropy(scores, Y.reshape((-1,)), reduction="mean" if averaged else "none")

    def layer_summary(self, X_shape: Any) -> None:
        """Print the shape of each layer's output for a random input of a shape."""
        X = sc.randn(*X_shape)
        for layer in self.net:
            X = layer(X)
            print(layer.__class__.__name__, "output shape:\t", X.shape)

"""What the book's classes of models, data and training have in every dialect.

The ``d2l`` of each dialect derives its `Module`, `DataModule`, `Trainer` and `Classifier` from these classes, and adds
what its framework decides: the layers' base class, gradients, optimizers and loaders.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .board import HyperParameters, ProgressBoard

__all__ = ["ClassifierBase", "DataModuleBase", "ModuleBase", "ProgressBase", "TrainerBase", "print_output_shapes"]


class ProgressBase(HyperParameters):
    """A model that plots its progress on its `board`, with as many points as its attributes say."""

    @staticmethod
    def _plain(value: Any) -> Any:
        """Return a number to plot, free of the framework's graph; dialects say how."""
        return value

    def loss(self, y_hat: Any, y: Any) -> Any:
        """Return the loss; subclasses say how."""
        # An abstract method: the book adds it to a model in a later cell (`add_to_class`), so models are first without.
        raise NotImplementedError(f"{type(self).__name__}: loss is missing")

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
        self.board.draw(x, self._plain(value), f"{'train' if train else 'val'}_{key}", every_n=int(batches / points))

    def _run_net(self, *args: Any, **kwargs: Any) -> Any:
        if not hasattr(self, "net"):
            raise AttributeError(f"{type(self).__name__}: there is neither self.net nor a forward")
        return self.net(*args, **kwargs)


class ModuleBase(ProgressBase):
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

    def forward(self, X: Any) -> Any:
        """Return the output of ``self.net``."""
        return self._run_net(X)

    def training_step(self, batch: Any) -> Any:
        """Return the loss of a batch, whose last entry is the labels, and plot it."""
        loss = self.loss(self(*batch[:-1]), batch[-1])
        self.plot("loss", loss, train=True)
        return loss

    def validation_step(self, batch: Any) -> None:
        """Plot the loss of a batch."""
        loss = self.loss(self(*batch[:-1]), batch[-1])
        self.plot("loss", loss, train=False)


class ClassifierBase(ModuleBase):
    """What a `Module` does differently when its output has one score per class."""

    def validation_step(self, batch: Any) -> None:
        """Plot loss and accuracy of a batch."""
        scores = self(*batch[:-1])
        self.plot("loss", self.loss(scores, batch[-1]), train=False)
        self.plot("acc", self.accuracy(scores, batch[-1]), train=False)


def print_output_shapes(X: Any, layers: Iterable[Any]) -> None:
    """Give an input to layers that follow each other, and print the shape of what each of them returns."""
    for layer in layers:
        X = layer(X)
        print(layer.__class__.__name__, "output shape:\t", X.shape)


class DataModuleBase(HyperParameters):
    """Data for training and for validation.

    Parameters
    ----------
    root : str
        The folder for data.
    num_workers : int
        How many threads prepare batches; only loaders of PyTorch's dialect have such threads.
    """

    def __init__(self, root: str = "../data", num_workers: int = 4) -> None:
        self.save_hyperparameters()

    def get_dataloader(self, train: bool) -> Any:
        """Return the loader of the training or validation data; subclasses say how."""
        # An abstract method, which the book adds to its data in a later cell as well.
        raise NotImplementedError(f"{type(self).__name__}: get_dataloader is missing")

    def train_dataloader(self) -> Any:
        """Return the loader of the training data."""
        return self.get_dataloader(train=True)

    def val_dataloader(self) -> Any:
        """Return the loader of the validation data."""
        return self.get_dataloader(train=False)


class TrainerBase(HyperParameters):
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
        # There are no graphics cards. The book's own methods look here for them.
        self.gpus: list[Any] = []

    def prepare_data(self, data: Any) -> None:
        """Make the loaders."""
        self.train_dataloader = data.train_dataloader()
        self.val_dataloader = data.val_dataloader()
        self.num_train_batches = len(self.train_dataloader)
        self.num_val_batches = len(self.val_dataloader) if self.val_dataloader is not None else 0

    def prepare_batch(self, batch: Any) -> Any:
        """Return the batch on the device."""
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
        self._fit_epochs()

    def _fit_epochs(self) -> None:
        self.epoch = self.train_batch_idx = self.val_batch_idx = 0
        for epoch in range(self.max_epochs):
            self.epoch = epoch
            self.fit_epoch()

"""The book's classes of models, data and training."""

from __future__ import annotations

from typing import Any

from swiftconv.dialects.board import HyperParameters
from swiftconv.dialects.training import (
    ClassifierBase,
    DataModuleBase,
    ModuleBase,
    TrainerBase,
    print_output_shapes,
)
from swiftconv.mxnet import autograd, gluon, init, np
from swiftconv.mxnet.gluon import nn

__all__ = ["Classifier", "DataModule", "LinearRegression", "Module", "SGD", "Trainer"]


class Module(ModuleBase, nn.Block):
    @staticmethod
    def _plain(value: Any) -> Any:
        return value.asnumpy() if isinstance(value, np.ndarray) else value

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


class DataModule(DataModuleBase):
    def get_tensorloader(self, tensors: Any, train: bool, indices: Any = slice(0, None)) -> Any:
        """Return a loader of arrays, of the samples that `indices` picks."""
        dataset = gluon.data.ArrayDataset(*(each[indices] for each in tensors))
        return gluon.data.DataLoader(dataset, self.batch_size, shuffle=train)


class Trainer(TrainerBase):
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


class Classifier(ClassifierBase, Module):
    """A model whose output has one score per class."""

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
        print_output_shapes(np.random.randn(*X_shape), self.net)


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

"""The functions of the book's editions before 1.0, which the translations use."""

from __future__ import annotations

from typing import Any

import swiftconv as sc
from swiftconv import nn
from swiftconv.dialects.board import Accumulator
from swiftconv.dialects.earlier import fit_batches, fit_epochs, show_predictions

from .models import init_cnn

__all__ = [
    "accuracy",
    "evaluate_accuracy",
    "evaluate_accuracy_gpu",
    "evaluate_loss",
    "linreg",
    "predict_ch3",
    "sgd",
    "squared_loss",
    "train_ch3",
    "train_ch6",
    "train_epoch_ch3",
]


def linreg(X: Any, w: Any, b: Any) -> Any:
    """Return ``X w + b``."""
    return sc.matmul(X, w) + b


def squared_loss(y_hat: Any, y: Any) -> Any:
    """Return half the squared error of each sample."""
    return (y_hat - y.reshape(y_hat.shape)) ** 2 / 2


def sgd(params: Any, lr: float, batch_size: int) -> None:
    """Take a step against the gradients of a summed loss, and set them to 0."""
    with sc.no_grad():
        for param in params:
            param -= lr * param.grad / batch_size
            param.grad.zero_()


def accuracy(y_hat: Any, y: Any) -> float:
    """Return the number of right predictions, from scores or from classes."""
    if len(y_hat.shape) > 1 and y_hat.shape[1] > 1:
        y_hat = y_hat.argmax(axis=1)
    return float((y_hat.type(y.dtype) == y).type(y.dtype).sum())


def evaluate_loss(net: Any, data_iter: Any, loss: Any) -> float:
    """Return a model's mean loss on a dataset."""
    sums = Accumulator(2)
    for X, y in data_iter:
        out = net(X)
        each = loss(out, y.reshape(out.shape))
        sums.add(each.sum(), each.numel())
    return sums[0] / sums[1]


def evaluate_accuracy(net: Any, data_iter: Any) -> float:
    """Return a model's share of right predictions on a dataset."""
    if isinstance(net, nn.Module):
        net.eval()
    sums = Accumulator(2)
    with sc.no_grad():
        for X, y in data_iter:
            sums.add(accuracy(net(X), y), y.numel())
    return sums[0] / sums[1]


def evaluate_accuracy_gpu(net: Any, data_iter: Any, device: Any = None) -> float:
    """Return `evaluate_accuracy`; the device is where the model is, the CPU."""
    return evaluate_accuracy(net, data_iter)


def train_epoch_ch3(net: Any, train_iter: Any, loss: Any, updater: Any) -> tuple[float, float]:
    """Go once through the training data, and return the mean loss and accuracy.

    Parameters
    ----------
    net : Module or callable
        The model.
    train_iter
        Batches of inputs and labels.
    loss : callable
        The loss of each sample.
    updater : Optimizer or callable
        An optimizer, or a function of the batch's size that takes a step.
    """
    if isinstance(net, nn.Module):
        net.train()
    sums = Accumulator(3)
    for X, y in train_iter:
        y_hat = net(X)
        each = loss(y_hat, y)
        if isinstance(updater, sc.optim.Optimizer):
            updater.zero_grad()
            each.mean().backward()
            updater.step()
        else:
            each.sum().backward()
            updater(X.shape[0])
        total = each.sum() if each.ndim else each * len(y)
        sums.add(total.detach(), accuracy(y_hat, y), y.numel())
    return sums[0] / sums[2], sums[1] / sums[2]


def train_ch3(net: Any, train_iter: Any, test_iter: Any, loss: Any, num_epochs: int, updater: Any) -> None:
    """Train a classifier, and show loss and accuracy after each epoch; see `train_epoch_ch3`."""
    fit_epochs(
        lambda: train_epoch_ch3(net, train_iter, loss, updater), lambda: evaluate_accuracy(net, test_iter), num_epochs
    )


def predict_ch3(net: Any, test_iter: Any, n: int = 6) -> None:
    """Show pictures with their names, and below them the predicted ones."""
    X, y = next(iter(test_iter))
    show_predictions(X[:n].reshape((-1, *X.shape[-2:])), y, net(X).argmax(axis=1), n)


def train_ch6(net: Any, train_iter: Any, test_iter: Any, num_epochs: int, lr: float, device: Any) -> None:
    """Train a classifier by gradient descent, show its progress, and print what it has come to.

    Parameters
    ----------
    net : Module
        The model; its weights are drawn anew.
    train_iter, test_iter
        Batches of inputs and labels.
    num_epochs : int
        How many times to go through the training data.
    lr : float
        The learning rate.
    device : device
        The CPU.
    """
    net.apply(init_cnn)
    print("training on", device)
    net.to(device)
    optimizer, loss = sc.optim.SGD(net.parameters(), lr=lr), nn.CrossEntropyLoss()

    def step(X: Any, y: Any) -> tuple[Any, float]:
        net.train()
        optimizer.zero_grad()
        X, y = X.to(device), y.to(device)
        y_hat = net(X)
        cost = loss(y_hat, y)
        cost.backward()
        optimizer.step()
        return cost.detach() * X.shape[0], accuracy(y_hat, y)

    fit_batches(step, lambda: evaluate_accuracy_gpu(net, test_iter), train_iter, num_epochs, device)

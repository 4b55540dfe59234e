"""The functions of the book's editions before 1.0, which the translations use."""

from __future__ import annotations

from typing import Any

from swiftconv.dialects.board import Accumulator
from swiftconv.dialects.earlier import fit_batches, fit_epochs, show_predictions
from swiftconv.mxnet import autograd, gluon, init, np

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
    return np.dot(X, w) + b


def squared_loss(y_hat: Any, y: Any) -> Any:
    """Return half the squared error of each sample."""
    return (y_hat - y.reshape(y_hat.shape)) ** 2 / 2


def sgd(params: Any, lr: float, batch_size: int) -> None:
    """Take a step against the gradients of a summed loss."""
    for param in params:
        param[:] = param - lr * param.grad / batch_size


def accuracy(y_hat: Any, y: Any) -> float:
    """Return the number of right predictions, from scores or from classes.

    Example
    -------
    >>> from swiftconv.mxnet import d2l, np
    >>> d2l.accuracy(np.array([[0.1, 0.9], [0.8, 0.2]]), np.array([1, 1]))
    1.0
    """
    if len(y_hat.shape) > 1 and y_hat.shape[1] > 1:
        y_hat = y_hat.argmax(axis=1)
    return float((y_hat.astype(y.dtype) == y).astype(y.dtype).sum())


def evaluate_loss(net: Any, data_iter: Any, loss: Any) -> float:
    """Return a model's mean loss on a dataset."""
    sums = Accumulator(2)
    for X, y in data_iter:
        each = loss(net(X), y)
        sums.add(each.sum(), each.size)
    return sums[0] / sums[1]


def evaluate_accuracy(net: Any, data_iter: Any) -> float:
    """Return a model's share of right predictions on a dataset."""
    sums = Accumulator(2)
    for X, y in data_iter:
        sums.add(accuracy(net(X), y), y.size)
    return sums[0] / sums[1]


def evaluate_accuracy_gpu(net: Any, data_iter: Any, device: Any = None) -> float:
    """Return `evaluate_accuracy`; the device is where the model is, the CPU."""
    return evaluate_accuracy(net, data_iter)


def train_epoch_ch3(net: Any, train_iter: Any, loss: Any, updater: Any) -> tuple[float, float]:
    """Go once through the training data, and return the mean loss and accuracy.

    Parameters
    ----------
    net : callable
        The model.
    train_iter
        Batches of inputs and labels.
    loss : callable
        The loss of each sample.
    updater : gluon.Trainer or callable
        A trainer, or a function of the batch's size that takes a step.
    """
    sums = Accumulator(3)
    step = updater.step if isinstance(updater, gluon.Trainer) else updater
    for X, y in train_iter:
        with autograd.record():
            y_hat = net(X)
            each = loss(y_hat, y)
        each.backward()
        step(X.shape[0])
        sums.add(each.sum(), accuracy(y_hat, y), y.size)
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
    net : Block
        The model; its weights are drawn anew.
    train_iter, test_iter
        Batches of inputs and labels.
    num_epochs : int
        How many times to go through the training data.
    lr : float
        The learning rate.
    device : Context
        The CPU.
    """
    net.initialize(force_reinit=True, ctx=device, init=init.Xavier())
    loss = gluon.loss.SoftmaxCrossEntropyLoss()
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": lr})

    def step(X: Any, y: Any) -> tuple[Any, float]:
        with autograd.record():
            y_hat = net(X)
            each = loss(y_hat, y)
        each.backward()
        trainer.step(X.shape[0])
        return each.sum(), accuracy(y_hat, y)

    fit_batches(step, lambda: evaluate_accuracy_gpu(net, test_iter), train_iter, num_epochs, device)

"""The functions of the book's editions before 1.0, which the translations use."""

from __future__ import annotations

from typing import Any

from ...dialects.board import Accumulator, Animator, Timer
from ...dialects.earlier import CURVES, fit_epochs, show_predictions
from .. import _create, keras
from .. import _elementwise as _e
from .. import _math as _m
from .. import random as _random
from .._tape import GradientTape

__all__ = [
    "TrainCallback",
    "Updater",
    "accuracy",
    "evaluate_accuracy",
    "evaluate_loss",
    "linreg",
    "predict_ch3",
    "sgd",
    "squared_loss",
    "synthetic_data",
    "train_ch3",
    "train_ch6",
    "train_epoch_ch3",
]


def linreg(X: Any, w: Any, b: Any) -> Any:
    """Return ``X w + b``."""
    return _m.matmul(X, w) + b


def squared_loss(y_hat: Any, y: Any) -> Any:
    """Return half the squared error of each sample."""
    return (y_hat - _m.reshape(y, y_hat.shape)) ** 2 / 2


def sgd(params: Any, grads: Any, lr: float, batch_size: int) -> None:
    """Take a step against the gradients of a summed loss."""
    for param, grad in zip(params, grads, strict=True):
        param.assign_sub(lr * grad / batch_size)


def accuracy(y_hat: Any, y: Any) -> float:
    """Return the number of right predictions, from scores or from classes."""
    if len(y_hat.shape) > 1 and y_hat.shape[1] > 1:
        y_hat = _m.argmax(y_hat, 1)
    right = _e.equal(_create.cast(y_hat, y.dtype), y)
    return float(_m.reduce_sum(_create.cast(right, y.dtype)))


def evaluate_accuracy(net: Any, data_iter: Any) -> float:
    """Return a model's share of right predictions on a dataset."""
    sums = Accumulator(2)
    for X, y in data_iter:
        sums.add(accuracy(net(X), y), len(y))
    return sums[0] / sums[1]


def train_epoch_ch3(net: Any, train_iter: Any, loss: Any, updater: Any) -> tuple[float, float]:
    """Go once through the training data, and return the mean loss and accuracy.

    Parameters
    ----------
    net : Layer or callable
        The model.
    train_iter : Dataset
        Batches of inputs and labels.
    loss : callable
        The loss: one of Keras, or a function of prediction and truth.
    updater : Optimizer or object
        An optimizer, or something with `params`, called with a batch's size and gradients.
    """
    sums = Accumulator(3)
    for X, y in train_iter:
        with GradientTape() as tape:
            y_hat = net(X)
            each = loss(y, y_hat) if isinstance(loss, keras.losses.Loss) else loss(y_hat, y)
        if isinstance(updater, keras.optimizers.Optimizer):
            params = net.trainable_variables
            updater.apply_gradients(zip(tape.gradient(each, params), params, strict=True))
        else:
            updater(len(y), tape.gradient(each, updater.params))
        total = float(_m.reduce_sum(each)) * (1 if each.shape.rank else len(y))
        sums.add(total, accuracy(y_hat, y), len(y))
    return sums[0] / sums[2], sums[1] / sums[2]


def train_ch3(net: Any, train_iter: Any, test_iter: Any, loss: Any, num_epochs: int, updater: Any) -> None:
    """Train a classifier, and show loss and accuracy after each epoch; see `train_epoch_ch3`."""
    fit_epochs(
        lambda: train_epoch_ch3(net, train_iter, loss, updater), lambda: evaluate_accuracy(net, test_iter), num_epochs
    )


class Updater:
    """Takes steps of `sgd`.

    Parameters
    ----------
    params : list of Variable
        What is changed.
    lr : float
        The learning rate.
    """

    def __init__(self, params: Any, lr: float) -> None:
        self.params, self.lr = params, lr

    def __call__(self, batch_size: int, grads: Any) -> None:
        sgd(self.params, grads, self.lr, batch_size)


def predict_ch3(net: Any, test_iter: Any, n: int = 6) -> None:
    """Show the first images of a dataset, with their names and those that a classifier gives them."""
    X, y = next(iter(test_iter))
    show_predictions(_m.reshape(X, X.shape[:3]), y, _m.argmax(net(X), 1), n)


def evaluate_loss(net: Any, data_iter: Any, loss: Any) -> float:
    """Return the mean loss of a model on a dataset."""
    sums = Accumulator(2)
    for X, y in data_iter:
        each = loss(net(X), y)
        sums.add(_m.reduce_sum(each), _create.size(each))
    return sums[0] / sums[1]


def synthetic_data(w: Any, b: Any, num_examples: int) -> tuple[Any, Any]:
    """Return random inputs, and ``X w + b`` with a little noise."""
    X = _random.normal((num_examples, w.shape[0]))
    y = _m.matmul(X, _m.reshape(w, (-1, 1))) + b
    return X, y + _random.normal(y.shape, stddev=0.01)


class TrainCallback(keras.callbacks.Callback):
    """Shows loss and accuracy after every epoch of `Model.fit`, and at the end prints what they have come to.

    Parameters
    ----------
    net : Model
        The model, which is compiled with the metric "accuracy".
    train_iter, test_iter : Dataset
        Batches of inputs and labels.
    num_epochs : int
        How many epochs there are.
    device_name : str
        What is printed as the place of the computation.
    """

    def __init__(self, net: Any, train_iter: Any, test_iter: Any, num_epochs: int, device_name: str) -> None:
        self.timer, self.animator = Timer(), Animator(xlabel="epoch", xlim=[1, num_epochs], legend=CURVES)
        self.net, self.train_iter, self.test_iter = net, train_iter, test_iter
        self.num_epochs, self.device_name = num_epochs, device_name

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Start the clock."""
        self.timer.start()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Add points to the curves, and in the last epoch print the numbers."""
        self.timer.stop()
        test_acc = self.net.evaluate(self.test_iter, verbose=0, return_dict=True)["accuracy"]
        self.animator.add(epoch + 1, (logs["loss"], logs["accuracy"], test_acc))
        if epoch == self.num_epochs - 1:
            seen = len(self.train_iter) * len(next(iter(self.train_iter))[0])
            print(f"loss {logs['loss']:.3f}, train acc {logs['accuracy']:.3f}, test acc {test_acc:.3f}")
            print(f"{seen / self.timer.avg():.1f} examples/sec on {self.device_name}")


def train_ch6(net_fn: Any, train_iter: Any, test_iter: Any, num_epochs: int, lr: float, device: Any) -> Any:
    """Train a classifier by gradient descent, show its progress, print what it has come to, and return it.

    Parameters
    ----------
    net_fn : callable
        Makes the model.
    train_iter, test_iter : Dataset
        Batches of inputs and labels.
    num_epochs : int
        How many times to go through the training data.
    lr : float
        The learning rate.
    device : device
        The CPU.
    """
    net, name = net_fn(), getattr(device, "_device_name", str(device))
    entropy = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    net.compile(keras.optimizers.SGD(learning_rate=lr), entropy, metrics=["accuracy"])
    shown = TrainCallback(net, train_iter, test_iter, num_epochs, name)
    net.fit(train_iter, epochs=num_epochs, verbose=0, callbacks=[shown])
    return net

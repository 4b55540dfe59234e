"""Estimators for scikit-learn: small convolutional networks behind ``fit`` and ``predict``.

Needs scikit-learn: ``pip install "swiftconv[sklearn]"``.

Example
-------
>>> from sklearn.datasets import load_digits
>>> from sklearn.model_selection import cross_val_score
>>> from swiftconv.estimators import ConvClassifier
>>> X, y = load_digits(return_X_y=True)
>>> scores = cross_val_score(ConvClassifier(max_iter=5, random_state=0), X[:600], y[:600], cv=3)
>>> bool(scores.mean() > 0.8)
True
"""

from __future__ import annotations

import math
from typing import Any

import numpy

try:
    from sklearn.base import BaseEstimator, ClassifierMixin
    from sklearn.utils import check_random_state
    from sklearn.utils.multiclass import check_classification_targets
    from sklearn.utils.validation import check_is_fitted, validate_data
except ImportError as error:
    raise ImportError(
        'swiftconv.estimators needs scikit-learn 1.6 or newer: pip install "swiftconv[sklearn]"'
    ) from error

from . import nn, optim
from .autograd import no_grad
from .conversion import from_numpy
from .nn import functional as F
from .random import drawing_from
from .tensor import Tensor

__all__ = ["ConvClassifier"]


class ConvClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A convolutional network that learns to tell classes of pictures apart, as an estimator of scikit-learn.

    Convolutions of 3 by 3 with relu, each followed by a pooling while the picture is large enough, then one linear
    layer. It is trained by Adam on the cross-entropy. The features are standardised by the training set's mean and
    standard deviation first, so they may have any unit.

    Parameters
    ----------
    image_shape : (int, int, int) or (int, int), optional
        How a row of features makes a picture: channels, height and width, or height and width. By default a square
        where the number of features is one, and otherwise one line of pixels.
    channels : sequence of int
        The output channels of the convolutions.
    max_iter : int
        How often training sees every sample.
    batch_size : int
        Samples in a step.
    learning_rate : float
        Adam's.
    random_state : int, numpy.random.RandomState or None
        Where the first weights and the order of the samples come from; an int makes the result reproducible.

    Attributes
    ----------
    classes_ : numpy.ndarray
        The labels, sorted.
    network_ : nn.Module
        The trained network: pictures ``(n, c, h, w)`` in, ``(n, len(classes_))`` scores out.
    loss_curve_ : list of float
        The mean loss of each pass.
    n_iter_ : int
        Passes over the samples.
    n_features_in_ : int
        Features of a sample.
    image_shape_ : (int, int, int)
        The picture's shape that is used.

    Example
    -------
    >>> from swiftconv.estimators import ConvClassifier
    >>> pictures = np.zeros((40, 16))
    >>> pictures[:20, :8] = 1  # bright above, or bright below
    >>> pictures[20:, 8:] = 1
    >>> labels = np.repeat(["above", "below"], 20)
    >>> model = ConvClassifier(max_iter=10, random_state=0).fit(pictures, labels)
    >>> model.predict(pictures[[0, -1]]).tolist()
    ['above', 'below']
    """

    def __init__(
        self,
        image_shape: tuple[int, ...] | None = None,
        *,
        channels: tuple[int, ...] = (16, 32),
        max_iter: int = 20,
        batch_size: int = 32,
        learning_rate: float = 0.005,
        random_state: Any = None,
    ) -> None:
        self.image_shape = image_shape
        self.channels = channels
        self.max_iter = max_iter
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.random_state = random_state

    def fit(self, X: Any, y: Any) -> ConvClassifier:
        """Train on samples ``(n, features)`` with labels ``(n,)`` of any type, from new weights; returns the estimator.

        Raises
        ------
        ValueError
            When the features do not make a picture of `image_shape`, or there is only one class.

        Example
        -------
        >>> from swiftconv.estimators import ConvClassifier
        >>> ConvClassifier(max_iter=1).fit(np.eye(4), [0, 1, 0, 1]).classes_
        array([0, 1])
        """
        X, y = validate_data(self, X, y, dtype=numpy.float64)
        check_classification_targets(y)
        self.classes_, labels = numpy.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError("ConvClassifier: y has one class; telling classes apart needs two or more")
        self.image_shape_ = self._picture(X.shape[1])
        self._mean = X.mean(axis=0)
        self._scale = numpy.where(X.std(axis=0) > 0, X.std(axis=0), 1.0)
        seed = check_random_state(self.random_state).randint(2**31)
        generator = numpy.random.default_rng(seed)
        with drawing_from(generator):
            self.network_ = self._new_network()
            self._train(self._pictures(X), from_numpy(labels.astype(numpy.int64)), generator)
        return self

    def decision_function(self, X: Any) -> numpy.ndarray:
        """Return the scores ``(n, classes)`` of samples ``(n, features)``; of two classes, the second's lead ``(n,)``.

        Example
        -------
        >>> from swiftconv.estimators import ConvClassifier
        >>> ConvClassifier(max_iter=1).fit(np.eye(4), [0, 1, 2, 3]).decision_function(np.eye(4)).shape
        (4, 4)
        """
        scores = self._scores(X)
        return scores[:, 1] - scores[:, 0] if len(self.classes_) == 2 else scores

    def predict_proba(self, X: Any) -> numpy.ndarray:
        """Return the probabilities ``(n, classes)`` of samples ``(n, features)``, in the order of `classes_`.

        Example
        -------
        >>> from swiftconv.estimators import ConvClassifier
        >>> p = ConvClassifier(max_iter=1).fit(np.eye(4), [0, 1, 0, 1]).predict_proba(np.eye(4))
        >>> bool(np.allclose(p.sum(axis=1), 1))
        True
        """
        return F.softmax(from_numpy(self._scores(X)), dim=1).numpy()

    def predict(self, X: Any) -> numpy.ndarray:
        """Return the likeliest label of each sample ``(n, features)``.

        Example
        -------
        >>> from swiftconv.estimators import ConvClassifier
        >>> model = ConvClassifier(max_iter=30, random_state=0).fit(np.eye(4), list("abab"))
        >>> model.predict(np.eye(4)[:2]).tolist()
        ['a', 'b']
        """
        best = self._scores(X).argmax(axis=1)
        return self.classes_[best]

    def _picture(self, features: int) -> tuple[int, int, int]:
        """The shape of a picture that has so many pixels."""
        if self.image_shape is None:
            side = math.isqrt(features)
            return (1, side, side) if side * side == features else (1, 1, features)
        shape = (1,) * (3 - len(self.image_shape)) + tuple(self.image_shape)
        if len(shape) != 3 or math.prod(shape) != features:
            raise ValueError(
                f"ConvClassifier: image_shape is {tuple(self.image_shape)}, but X has {features} features; "
                "give (h, w) or (c, h, w) with that product"
            )
        return shape

    def _pictures(self, X: numpy.ndarray) -> Tensor:
        return from_numpy((X - self._mean) / self._scale).reshape(-1, *self.image_shape_)

    def _new_network(self) -> nn.Module:
        layers: list[nn.Module] = []
        before, height, width = self.image_shape_
        for count in self.channels:
            layers += [nn.Conv2d(before, count, 3, padding=1), nn.ReLU()]
            if min(height, width) >= 4:
                layers.append(nn.MaxPool2d(2))
                height, width = height // 2, width // 2
            before = count
        layers += [nn.Flatten(), nn.Linear(before * height * width, len(self.classes_))]
        # Twice the precision: what is predicted must not depend on the other samples of a batch.
        return nn.Sequential(*layers).double()

    def _train(self, pictures: Tensor, labels: Tensor, generator: numpy.random.Generator) -> None:
        optimizer = optim.Adam(self.network_.parameters(), lr=self.learning_rate)
        count = len(labels)
        self.loss_curve_ = []
        for _ in range(self.max_iter):
            order, total = from_numpy(generator.permutation(count)), 0.0
            for start in range(0, count, self.batch_size):
                chosen = order[start : start + self.batch_size]
                optimizer.zero_grad()
                loss = F.cross_entropy(self.network_(pictures[chosen]), labels[chosen])
                loss.backward()
                optimizer.step()
                total += loss.item() * len(chosen)
            self.loss_curve_.append(total / count)
        self.n_iter_ = self.max_iter

    def _scores(self, X: Any) -> numpy.ndarray:
        check_is_fitted(self)
        X = validate_data(self, X, dtype=numpy.float64, reset=False)
        with no_grad():
            return self.network_(self._pictures(X)).numpy()

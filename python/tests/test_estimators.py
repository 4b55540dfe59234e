"""The estimator for scikit-learn, under scikit-learn's own checks."""

import numpy as np
import pytest

pytest.importorskip("sklearn", minversion="1.6")

from sklearn.datasets import load_digits  # noqa: E402
from sklearn.model_selection import GridSearchCV, cross_val_score  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.preprocessing import MinMaxScaler  # noqa: E402
from sklearn.utils.estimator_checks import parametrize_with_checks  # noqa: E402

from swiftconv.estimators import ConvClassifier  # noqa: E402


@parametrize_with_checks([ConvClassifier(random_state=0)])
def test_scikit_learn_accepts_it(estimator, check):
    check(estimator)


def test_it_reads_digits_in_a_cross_validation():
    X, y = load_digits(return_X_y=True)
    scores = cross_val_score(ConvClassifier(max_iter=12, random_state=0), X[:900], y[:900], cv=3)
    assert scores.min() > 0.88 and scores.mean() > 0.9


def test_it_is_searched_and_piped():
    X, y = load_digits(n_class=3, return_X_y=True)
    model = make_pipeline(MinMaxScaler(), ConvClassifier(image_shape=(8, 8), max_iter=5, random_state=0))
    search = GridSearchCV(model, {"convclassifier__channels": [(4,), (8, 8)]}, cv=2).fit(X, y)
    assert search.best_score_ > 0.9


def test_the_seed_decides():
    X, y = np.random.default_rng(0).normal(size=(30, 12)), np.arange(30) % 3
    first, again, other = (ConvClassifier((3, 2, 2), max_iter=2, random_state=s).fit(X, y) for s in (0, 0, 1))
    np.testing.assert_array_equal(first.predict_proba(X), again.predict_proba(X))
    assert not np.array_equal(first.predict_proba(X), other.predict_proba(X))
    assert len(first.loss_curve_) == 2 and first.image_shape_ == (3, 2, 2)


def test_mistakes():
    with pytest.raises(ValueError, match=r"image_shape is \(3, 3\), but X has 4 features"):
        ConvClassifier((3, 3)).fit(np.eye(4), [0, 1, 0, 1])
    with pytest.raises(ValueError, match="one class"):
        ConvClassifier().fit(np.eye(4), [1, 1, 1, 1])

"""What the book's package has in common in all dialects: the same words, pictures and numbers of points."""

from importlib import import_module

import numpy as np
import pytest

pytest.importorskip("matplotlib").use("agg")

DIALECTS = ("torch", "mxnet", "jax", "tensorflow")
EARLIER = ("torch", "mxnet", "tensorflow")


def book(dialect):
    return import_module(f"swiftconv.{dialect}.d2l")


def bare(cls):
    """An object of the class without its data."""
    return cls.__new__(cls)


def shown(pictures):
    """What `visualize` and `predict_ch3` have drawn: the arrays and the titles, picture by picture."""
    return [(axes.get_images()[0].get_array().shape, axes.get_title()) for axes in pictures if axes.get_images()]


@pytest.fixture
def drawn(monkeypatch):
    """The axes of the figures that a test draws."""
    from matplotlib import pyplot

    yield lambda: pyplot.gcf().axes
    pyplot.close("all")


def batch_of(d2l, dialect, count, size=(6, 4)):
    shape = (count, 1, *size) if dialect in ("torch", "mxnet") else (count, *size, 1)
    pictures = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
    labels = np.arange(count)
    if dialect == "jax":
        return pictures, labels
    return d2l.tensor(pictures), d2l.tensor(labels)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("count", (1, 3))
def test_visualize_shows_each_picture_with_its_name(dialect, count, drawn):
    d2l = book(dialect)
    bare(d2l.FashionMNIST).visualize(batch_of(d2l, dialect, count), ncols=count)
    names = ["t-shirt", "trouser", "pullover"][:count]
    assert shown(drawn()) == [((6, 4), name) for name in names]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_visualize_shows_other_names(dialect, drawn):
    d2l = book(dialect)
    bare(d2l.FashionMNIST).visualize(batch_of(d2l, dialect, 2), ncols=2, labels=np.array(["a", "b"]))
    assert [title for _, title in shown(drawn())] == ["a", "b"]


@pytest.mark.parametrize("dialect", EARLIER)
def test_predictions_are_shown_below_the_names(dialect, drawn):
    d2l = book(dialect)
    scores = d2l.tensor(np.eye(10, dtype=np.float32)[[9, 8, 7]])
    d2l.predict_ch3(lambda X: scores, [batch_of(d2l, dialect, 3)], n=2)
    assert shown(drawn()) == [((6, 4), "t-shirt\nankle boot"), ((6, 4), "trouser\nbag")]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_what_a_model_lacks_is_said_in_the_same_words(dialect):
    d2l = book(dialect)
    model = d2l.Module()
    with pytest.raises(AttributeError, match="^Module: there is neither self.net nor a forward$"):
        model.forward(d2l.ones((1, 2)))
    with pytest.raises(AttributeError, match="^Module: only a model that a Trainer fits can plot$"):
        model.plot("loss", 1.0, train=True)
    with pytest.raises(NotImplementedError, match="^Module: loss is missing$"):
        model.loss(None, None)
    with pytest.raises(NotImplementedError, match="^DataModule: get_dataloader is missing$"):
        d2l.DataModule().train_dataloader()


@pytest.mark.parametrize("dialect", DIALECTS)
def test_functions_of_methods_have_their_names(dialect):
    d2l = book(dialect)
    for name in ("argmax", "astype", "expand_dims", "reduce_mean", "reduce_sum", "reshape"):
        function = getattr(d2l, name)
        assert dialect == "tensorflow" or function.__name__ == name
        assert function.__doc__
    assert d2l.reduce_sum(d2l.ones((2, 3))) == 6


@pytest.mark.parametrize("dialect", DIALECTS)
def test_training_samples_come_first(dialect):
    d2l = book(dialect)
    data = d2l.SyntheticRegressionData(d2l.tensor([2.0, -3.4]), 4.2, num_train=5, num_val=3, batch_size=2)
    assert [len(data.train_dataloader()), len(data.val_dataloader())] == [3, 2]
    X, y = next(iter(data.val_dataloader()))
    assert X.shape == (2, 2) and y.shape == (2, 1)
    np.testing.assert_array_equal(np.asarray(X), np.asarray(data.X[5:7]))

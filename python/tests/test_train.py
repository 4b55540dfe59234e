"""Training: what is learned and noted, and that an interruption changes nothing."""

import os
import signal
import threading

import numpy
import pytest

import swiftconv as sc
from swiftconv import data, nn, optim, train


class Noisy(data.Dataset):
    """Points of two classes, with noise that is drawn anew every time; calls `on` with the number of every sample."""

    def __init__(self, count, on=None):
        rng = numpy.random.default_rng(0)
        self.y = rng.integers(0, 2, count)
        self.x = (rng.normal(size=(count, 1, 6, 6)) + 2.0 * self.y[:, None, None, None]).astype(numpy.float32)
        self.on, self.taken = on, 0

    def __len__(self):
        return len(self.y)

    def __getitem__(self, index):
        self.taken += 1
        if self.on is not None:
            self.on(self.taken)
        return sc.tensor(self.x[index]) + 0.1 * sc.randn(1, 6, 6), int(self.y[index])


def network():
    return nn.Sequential(
        nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Dropout(0.3), nn.Flatten(), nn.Linear(64, 2)
    )


def settings(seed=0, on=None, workers=0, generator=None, optimizer=None):
    """Everything that `fit` needs, made anew from a seed, as a program does that is started again."""
    sc.manual_seed(seed)
    net = network()
    make = optimizer or (lambda parameters: optim.SGD(parameters, lr=0.05, momentum=0.9))
    loader = data.DataLoader(Noisy(64, on), batch_size=8, shuffle=True, num_workers=workers, generator=generator)
    validation = data.DataLoader(Noisy(32), batch_size=16)
    return net, loader, {
        "optimizer": make(net.parameters()), "loss": nn.CrossEntropyLoss(), "validation": validation,
        "metrics": "accuracy", "progress": False,
    }  # fmt: skip


def without_seconds(history):
    return [{name: value for name, value in row.items() if name != "seconds"} for row in history.rows]


def state_of(net):
    return {name: value.numpy().copy() for name, value in net.state_dict().items()}


def assert_same(first, second):
    assert first.keys() == second.keys()
    for name, value in first.items():
        numpy.testing.assert_array_equal(value, second[name], err_msg=name)


def test_learns_and_notes():
    net, loader, options = settings()
    history = train.fit(net, loader, epochs=4, **options)
    assert len(history) == 4 and history.stopped == "" and history.unfinished is None
    assert history["loss"][-1] < history["loss"][0] and history[-1]["validation_accuracy"] > 0.95
    assert history.columns == [
        "epoch", "loss", "accuracy", "validation_loss", "validation_accuracy", "learning_rate", "seconds",
    ]  # fmt: skip
    assert history["epoch"] == [1, 2, 3, 4] and history["learning_rate"] == [0.05] * 4
    assert history.monitored == "validation_loss" and history.best() in history.rows
    with pytest.raises(KeyError, match="there is no 'lost'"):
        history["lost"]
    assert "validation accuracy" in str(history) and history._repr_html_().count("<tr>") == 5
    assert net.training


def test_means_are_over_samples():
    batches = [(sc.zeros(3, 1), sc.ones(3, 1)), (sc.zeros(1, 1), 3 * sc.ones(1, 1))]
    found = train.evaluate(nn.Identity(), batches, loss=nn.MSELoss(), metrics={"far": lambda s, y: (y - s).mean()})
    assert found == {"loss": (3 * 1 + 1 * 9) / 4, "far": (3 * 1 + 1 * 3) / 4}


def test_modes_are_restored_and_validation_is_in_evaluation_mode():
    net, loader, options = settings()
    net.eval()
    net[0].train()
    seen = []
    net[3].register_forward_hook(lambda module, *_: seen.append((module.training, sc.is_grad_enabled())))
    train.fit(net, loader, epochs=1, **options)
    assert seen == [(True, True)] * 8 + [(False, False)] * 2
    assert [module.training for module in net] == [True] + [False] * 5


def test_several_inputs_and_own_metrics():
    class Product(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(sc.zeros(1))

        def forward(self, a, b):
            return self.weight * a * b

    a, b = sc.rand(40), sc.rand(40)
    loader = data.DataLoader(data.TensorDataset(a, b, 3 * a * b), batch_size=10)
    net = Product()

    def distance(scores, target):
        return (scores - target).abs().mean()

    history = train.fit(
        net,
        loader,
        optimizer=optim.SGD(net.parameters(), lr=1.0),
        loss=nn.MSELoss(),
        epochs=60,
        metrics=[distance],
        progress=False,
    )
    assert net.weight.item() == pytest.approx(3, abs=0.01) and history[-1]["distance"] < 0.01


def test_schedulers_step_once_per_epoch():
    net, loader, options = settings()
    scheduler = optim.lr_scheduler.StepLR(options["optimizer"], step_size=2, gamma=0.1)
    history = train.fit(net, loader, epochs=5, scheduler=scheduler, **options)
    assert history["learning_rate"] == pytest.approx([0.05, 0.05, 0.005, 0.005, 0.0005])


def test_early_stop():
    net, _, options = settings(optimizer=lambda parameters: optim.SGD(parameters, lr=0.0))
    batch = (sc.ones(4, 1, 6, 6), sc.zeros(4).long())
    history = train.fit(net, [batch], epochs=50, early_stop=3, **{**options, "validation": [batch]})
    # Running statistics still move, so the best epoch is found in the history itself.
    assert history.stopped == "no improvement" and len(history) == history.best()["epoch"] + 3 < 50


def test_accuracy():
    scores = sc.tensor([[0.1, 0.9], [0.8, 0.2], [0.3, 0.7]])
    assert train.accuracy(scores, sc.tensor([1, 0, 0])) == pytest.approx(2 / 3)
    assert train.accuracy(scores, sc.tensor([[0.0, 1.0], [1.0, 0.0], [0.0, 1.0]])) == 1
    assert train.accuracy(sc.zeros(0, 3), sc.zeros(0).long()) == 0
    maps = sc.rand(2, 3, 4, 5)
    assert train.accuracy(maps, maps.argmax(1)) == 1
    for wrong in (sc.tensor([1]), sc.tensor([[1], [0], [0]])):
        with pytest.raises(ValueError, match="one class per sample"):
            train.accuracy(scores, wrong)
    with pytest.raises(ValueError, match=r"expected \(N, C\)"):
        train.accuracy(sc.zeros(3), sc.zeros(3).long())


# ---- Interruptions ---------------------------------------------------------------------------------------------------

ENDINGS = [".npz", ".safetensors"]
OPTIMIZERS = {
    "sgd": lambda parameters: optim.SGD(parameters, lr=0.05, momentum=0.9),
    "adam": lambda parameters: optim.Adam(parameters, lr=0.01),
}


@pytest.fixture(autouse=True)
def interruptions_are_heard():
    """Shells start what runs in the background with the signal ignored, and Python leaves it so."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def interrupting(number):
    def on(taken):
        if taken == number:
            os.kill(os.getpid(), signal.SIGINT)

    return on


@pytest.fixture(params=ENDINGS)
def path(request, tmp_path):
    if request.param == ".safetensors":
        pytest.importorskip("safetensors", reason="safetensors is not installed")
    return tmp_path / f"training{request.param}"


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("epochs", [1, 3])
def test_resuming_after_epochs_is_as_if_uninterrupted(path, optimizer, epochs):
    net, loader, options = settings(optimizer=OPTIMIZERS[optimizer])
    wanted = train.fit(net, loader, epochs=4, **options)
    state = state_of(net)

    net, loader, options = settings(optimizer=OPTIMIZERS[optimizer])
    train.fit(net, loader, epochs=epochs, checkpoint=path, **options)
    # Another seed: everything that matters is in the checkpoint.
    net, loader, options = settings(seed=99, optimizer=OPTIMIZERS[optimizer])
    history = train.fit(net, loader, epochs=4, checkpoint=path, **options)
    assert without_seconds(history) == without_seconds(wanted)
    assert_same(state_of(net), state)


@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize("own_generator", [False, True])
@pytest.mark.parametrize("sample", [1, 5, 64, 64 + 20, 128 + 63])
def test_resuming_within_an_epoch_is_as_if_uninterrupted(tmp_path, sample, own_generator, workers):
    def start(seed, on=None):
        net, loader, options = settings(seed, on, workers, generator=seed + 7 if own_generator else None)
        scheduler = optim.lr_scheduler.ExponentialLR(options["optimizer"], 0.9)
        return net, loader, {**options, "scheduler": scheduler}

    net, loader, options = start(0)
    wanted = train.fit(net, loader, epochs=4, **options)
    state = state_of(net)

    path = tmp_path / "training.npz"
    net, loader, options = start(0, interrupting(sample))
    broken = train.fit(net, loader, epochs=4, checkpoint=path, **options)
    assert broken.stopped == "interrupted" and len(broken) < 4
    assert without_seconds(broken) == without_seconds(wanted)[: len(broken)]
    after_interruption = state_of(net)

    net, loader, options = start(99)
    history = train.fit(net, loader, epochs=4, checkpoint=path, **options)
    assert without_seconds(history) == without_seconds(wanted)
    assert_same(state_of(net), state)
    assert any((after_interruption[name] != value).any() for name, value in state.items())


def test_a_step_is_finished_before_the_interruption(tmp_path):
    net, loader, options = settings()
    loss, calls = nn.CrossEntropyLoss(), []

    def interrupted_loss(scores, target):
        calls.append(1)
        if len(calls) == 11:
            os.kill(os.getpid(), signal.SIGINT)
        return loss(scores, target)

    # 8 steps of the first epoch and its 2 batches of validation come before.
    options["loss"] = interrupted_loss
    history = train.fit(net, loader, epochs=3, checkpoint=tmp_path / "training.npz", **options)
    assert len(history) == 1 and history.unfinished["epoch"] == 2 and history.unfinished["steps"] == 1
    assert len(calls) == 11 and history.unfinished["loss"] > 0
    assert "Stopped in epoch 2 after 1 steps" in str(history)
    # The step's effect is there: the parameters are those of the checkpoint that was written.
    assert_same(
        state_of(net), {name: value.numpy() for name, value in sc.load(tmp_path / "training.npz")["model"].items()}
    )


def test_interruption_while_validating(tmp_path):
    net, loader, options = settings()
    wanted = train.fit(net, loader, epochs=2, **options)
    state = state_of(net)
    for start in (0, 99):
        net, loader, options = settings(start)
        if start == 0:
            options["validation"] = data.DataLoader(Noisy(32, interrupting(40)), batch_size=16)
        history = train.fit(net, loader, epochs=2, checkpoint=tmp_path / "training.npz", **options)
        if start == 0:
            assert len(history) == 1 and history.unfinished["steps"] == 8
    assert without_seconds(history) == without_seconds(wanted)
    assert_same(state_of(net), state)


def test_an_interruption_without_a_checkpoint_returns_the_history():
    net, loader, options = settings(on=interrupting(70))
    history = train.fit(net, loader, epochs=3, **options)
    assert len(history) == 1 and history.stopped == "interrupted"


def test_the_handler_of_signals_is_restored():
    before = signal.getsignal(signal.SIGINT)
    net, loader, options = settings(on=interrupting(3))
    train.fit(net, loader, epochs=1, **options)
    assert signal.getsignal(signal.SIGINT) is before
    with pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), signal.SIGINT)


def test_training_in_another_thread():
    net, loader, options = settings()
    found = []
    thread = threading.Thread(target=lambda: found.append(train.fit(net, loader, epochs=1, **options)))
    thread.start()
    thread.join()
    assert len(found[0]) == 1


def test_other_exceptions_pass_and_modes_are_restored():
    def fail(taken):
        if taken == 20:
            raise OSError("the disk is gone")

    net, loader, options = settings(on=fail)
    net.eval()
    with pytest.raises(OSError, match="the disk is gone"):
        train.fit(net, loader, epochs=1, **options)
    assert not net.training


# ---- Checkpoints -----------------------------------------------------------------------------------------------------


def test_a_finished_training_is_only_loaded(tmp_path):
    path = tmp_path / "training.npz"
    net, loader, options = settings()
    wanted = train.fit(net, loader, epochs=2, checkpoint=path, **options)
    state = state_of(net)
    net, loader, options = settings(99)
    history = train.fit(net, loader, epochs=2, checkpoint=path, **options)
    assert history.rows == wanted.rows and loader.dataset.taken == 0
    assert_same(state_of(net), state)


def test_without_resume_the_training_begins_anew(tmp_path):
    path = tmp_path / "training.npz"
    for _ in range(2):
        net, loader, options = settings()
        assert len(train.fit(net, loader, epochs=1, checkpoint=path, resume=False, **options)) == 1
    assert sc.load(path)["epoch"] == 1


def test_checkpoints_of_others(tmp_path):
    net, loader, options = settings()
    path = tmp_path / "training.npz"
    sc.save(net.state_dict(), path)
    with pytest.raises(ValueError, match="not a checkpoint of fit"):
        train.fit(net, loader, epochs=1, checkpoint=path, **options)
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(ValueError, match=r"training\.npz"):
        train.fit(net, loader, epochs=1, checkpoint=path, **options)
    train.fit(net, loader, epochs=1, checkpoint=path, resume=False, **options)
    other = nn.Sequential(nn.Flatten(), nn.Linear(36, 2))
    with pytest.raises(RuntimeError, match="(?s)size mismatch.*resume=False"):
        train.fit(
            other, loader, epochs=2, checkpoint=path, **{**options, "optimizer": optim.SGD(other.parameters(), lr=1.0)}
        )
    state = state_of(net)
    for change in ({"random": None}, {"sums": 5}):
        sc.save({**sc.load(path), **change}, path)
        with pytest.raises(ValueError, match="is damaged"):
            train.fit(net, loader, epochs=2, checkpoint=path, **options)
    sc.save({"format": "swiftconv.train.fit 1", "model": {}}, path)
    with pytest.raises(ValueError, match="is damaged, it has no optimizer"):
        train.fit(net, loader, epochs=2, checkpoint=path, **options)
    assert_same(state_of(net), state)


def test_a_path_that_cannot_be_written_is_found_at_once(tmp_path):
    net, loader, options = settings()
    with pytest.raises(OSError, match="missing"):
        train.fit(net, loader, epochs=1, checkpoint=tmp_path / "missing" / "training.npz", **options)
    assert loader.dataset.taken == 0


def test_lazy_layers(tmp_path):
    path = tmp_path / "training.npz"
    for epochs in (1, 2):
        net = nn.Sequential(nn.Flatten(), nn.LazyLinear(2))
        _, loader, options = settings()
        options["optimizer"] = optim.SGD(net.parameters(), lr=0.1)
        assert len(train.fit(net, loader, epochs=epochs, checkpoint=path, **options)) == epochs
    assert net[1].weight.shape == (2, 36)


# ---- Progress and mistakes -------------------------------------------------------------------------------------------


def test_lines_without_tqdm(monkeypatch, capsys, tmp_path):
    monkeypatch.setitem(__import__("sys").modules, "tqdm", None)
    net, loader, options = settings()
    path = tmp_path / "training.npz"
    train.fit(net, loader, epochs=2, checkpoint=path, **{**options, "progress": True})
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2 and lines[0].startswith("epoch 1/2  loss ") and "validation accuracy" in lines[1]
    train.fit(net, loader, epochs=3, checkpoint=path, **{**options, "progress": True})
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("resuming from") and "after 2 epochs" in lines[0] and lines[1].startswith("epoch 3/3")


def test_a_bar_with_tqdm(capsys):
    pytest.importorskip("tqdm", reason="tqdm is not installed")
    net, loader, options = settings()
    train.fit(net, loader, epochs=1, **{**options, "progress": True})
    captured = capsys.readouterr()
    assert "epoch 1/1" in captured.err and captured.out.startswith("epoch 1/1  loss")


def test_history_can_be_plotted():
    pytest.importorskip("matplotlib", reason="Matplotlib is not installed")
    net, loader, options = settings()
    axes = train.fit(net, loader, epochs=2, **options).plot().axes[0]
    assert [line.get_label() for line in axes.lines] == ["loss", "accuracy", "validation loss", "validation accuracy"]


def test_no_epochs():
    net, loader, options = settings()
    history = train.fit(net, loader, epochs=0, **options)
    assert len(history) == 0 and history.best() is None and "0 epochs" in str(history) and history["loss"] == []


@pytest.mark.parametrize(
    ("changes", "error", "text"),
    [
        ({"optimizer": optim.SGD}, TypeError, "optimizer must be an Optimizer"),
        ({"epochs": -1}, ValueError, "epochs must be a whole number"),
        ({"epochs": 1.5}, ValueError, "epochs must be a whole number"),
        ({"early_stop": 0}, ValueError, "early_stop must be"),
        ({"metrics": "beauty"}, ValueError, "there is no metric 'beauty'"),
        ({"metrics": [3]}, TypeError, "a metric must be"),
        ({"loader": []}, ValueError, "the loader gave no batches"),
        ({"loader": [sc.ones(2, 2)]}, TypeError, "a batch must be inputs followed by the target"),
        ({"validation": []}, ValueError, "the loader gave no samples"),
        ({"model": "net"}, TypeError, "model must be a Module"),
        ({"checkpoint": "training.pickle"}, ValueError, "must end in"),
    ],
)
def test_mistakes(changes, error, text):
    net, loader, options = settings()
    arguments = {"model": net, "loader": loader, "epochs": 1, **options, **changes}
    with pytest.raises(error, match=text):
        train.fit(**arguments)

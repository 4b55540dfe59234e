"""Modules, parameters, lazy layers, initial values and SGD."""

import copy
import math
import pickle
from collections import OrderedDict

import numpy as np
import pytest

import swiftconv as sc
from swiftconv import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(3, 4), nn.ReLU())
        self.head = nn.Linear(4, 2, bias=False)
        self.scale = nn.Parameter(sc.ones(2))
        self.register_buffer("count", sc.zeros(1))
        self.register_buffer("scratch", sc.zeros(1), persistent=False)
        self.plain = sc.zeros(1)

    def forward(self, x):
        return self.head(self.body(x)) * self.scale


# ---- Modules ---------------------------------------------------------------------------------------------------------


def test_walking():
    net = Net()
    names = ["scale", "body.0.weight", "body.0.bias", "head.weight"]
    assert [name for name, _ in net.named_parameters()] == names
    assert len(list(net.parameters())) == 4
    assert [name for name, _ in net.named_parameters(recurse=False)] == ["scale"]
    assert [name for name, _ in net.named_buffers()] == ["count", "scratch"]
    assert [name for name, _ in net.named_modules()] == ["", "body", "body.0", "body.1", "head"]
    assert [name for name, _ in net.named_children()] == ["body", "head"]
    assert list(net.state_dict()) == ["scale", "count", "body.0.weight", "body.0.bias", "head.weight"]
    assert net.get_submodule("body.0") is net.body[0]
    assert net.get_parameter("body.0.weight") is net.body[0].weight


def test_text():
    assert repr(Net()) == (
        "Net(\n  (body): Sequential(\n    (0): Linear(in_features=3, out_features=4, bias=True)\n    (1): ReLU()\n  )\n"
        "  (head): Linear(in_features=4, out_features=2, bias=False)\n)"
    )
    assert repr(nn.Sequential()) == "Sequential()"
    assert repr(nn.Conv2d(1, 6, 5, padding=2)) == "Conv2d(1, 6, kernel_size=(5, 5), stride=(1, 1), padding=(2, 2))"
    assert repr(nn.Conv2d(4, 4, (1, 3), 2, "valid", 2, 4, False)) == (
        "Conv2d(4, 4, kernel_size=(1, 3), stride=(2, 2), padding=valid, dilation=(2, 2), groups=4, bias=False)"
    )
    assert repr(nn.LazyConv2d(6, 5)) == "LazyConv2d(0, 6, kernel_size=(5, 5), stride=(1, 1))"
    assert repr(nn.Flatten()) == "Flatten(start_dim=1, end_dim=-1)"
    assert repr(nn.ReLU(inplace=True)) == "ReLU(inplace=True)"


def test_modes_and_truth():
    net = Net()
    assert net
    assert net.training and net.body[0].training
    assert net.eval() is net
    assert not net.training and not net.body[1].training
    assert net.train() is net
    assert net.body[0].training


def test_apply_visits_children_first():
    seen = []
    net = Net()
    assert net.apply(lambda module: seen.append(type(module).__name__)) is net
    assert seen == ["Linear", "ReLU", "Sequential", "Linear", "Net"]


def test_zero_grad():
    net = Net()
    net.zero_grad()
    net(sc.ones(2, 3)).sum().backward()
    gradient = net.scale.grad
    net.zero_grad(set_to_none=False)
    assert net.scale.grad is gradient
    assert gradient.tolist() == [0, 0]
    net.zero_grad()
    assert net.scale.grad is None


def test_attributes():
    net = Net()
    with pytest.raises(TypeError, match="scale must be a Parameter or None, got Tensor"):
        net.scale = sc.ones(2)
    net.scale = nn.Parameter(sc.zeros(2))
    assert net.scale.tolist() == [0, 0]
    net.head = None
    assert net.head is None
    del net.body
    assert [name for name, _ in net.named_parameters()] == ["scale"]
    with pytest.raises(AttributeError, match="'Net' object has no attribute 'body'"):
        net.body  # noqa: B018
    with pytest.raises(AttributeError, match="call super"):
        type("Early", (nn.Module,), {"__init__": lambda self: setattr(self, "w", nn.Parameter(sc.ones(1)))})()
    with pytest.raises(KeyError, match="must not be empty or contain"):
        net.add_module("a.b", nn.ReLU())
    with pytest.raises(KeyError, match="'forward' already exists"):
        net.register_buffer("forward", None)
    net.conv3 = None
    assert not net.conv3
    net.conv3 = nn.Linear(1, 1)
    assert net.conv3
    assert "conv3" in dir(net)


def test_shared_modules_and_parameters():
    layer = nn.Linear(2, 2)
    net = nn.Sequential(layer, nn.ReLU(), layer)
    assert len(list(net.parameters())) == 2
    assert net[0] is net[2]
    assert list(net.state_dict()) == ["0.weight", "0.bias", "2.weight", "2.bias"]


def test_hooks():
    layer, calls = nn.Identity(), []
    first = layer.register_forward_pre_hook(lambda module, args: (args[0] + 1,))
    second = layer.register_forward_hook(lambda module, args, result: calls.append(result.item()))
    third = layer.register_forward_hook(lambda module, args, result: result * 10)
    assert layer(sc.tensor(1.0)).item() == 20
    assert calls == [2.0]
    for handle in (first, second, third):
        handle.remove()
        handle.remove()
    assert layer(sc.tensor(1.0)).item() == 1


def test_state():
    net, other = Net(), Net()
    other.count += 5
    state = other.state_dict()
    assert isinstance(state, OrderedDict)
    assert not state["scale"].requires_grad
    assert repr(net.load_state_dict(state)) == "<All keys matched successfully>"
    for name, value in net.state_dict().items():
        assert sc.equal(value, state[name])
        assert value.data_ptr() != state[name].data_ptr()
    state["scale"] = sc.ones(3)
    state["extra"] = sc.ones(1)
    del state["head.weight"]
    with pytest.raises(RuntimeError) as caught:
        net.load_state_dict(state)
    assert str(caught.value) == (
        "Error(s) in loading state_dict for Net:\n"
        '\tUnexpected key(s) in state_dict: "extra".\n'
        '\tMissing key(s) in state_dict: "head.weight".\n'
        "\tsize mismatch for scale: copying a param with shape swiftconv.Size([3]) from checkpoint, the shape in "
        "current model is swiftconv.Size([2])."
    )
    del state["scale"]
    result = net.load_state_dict(state, strict=False)
    assert (result.missing_keys, result.unexpected_keys) == (["scale", "head.weight"], ["extra"])


def test_arrays_can_be_loaded():
    layer = nn.Linear(2, 1)
    layer.load_state_dict({"weight": np.ones((1, 2), np.float32), "bias": np.zeros(1)})
    assert layer.weight.tolist() == [[1, 1]]
    assert layer.bias.dtype is sc.float32


def test_dtypes():
    net = Net().double()
    assert {parameter.dtype for parameter in net.parameters()} == {sc.float64}
    assert net(sc.ones(1, 3).double()).dtype is sc.float64
    assert net.to("cpu") is net
    with pytest.raises(RuntimeError, match="'cuda' is not available"):
        net.to("cuda")


def test_copies():
    net = Net()
    net(sc.ones(1, 3)).sum().backward()
    twin = copy.deepcopy(net)
    for a, b in zip(net.parameters(), twin.parameters(), strict=True):
        assert type(b) is nn.Parameter
        assert sc.equal(a, b) and a is not b and a.data_ptr() != b.data_ptr()
        assert sc.equal(a.grad, b.grad)
    loaded = pickle.loads(pickle.dumps(nn.Sequential(nn.Linear(2, 2), nn.LazyLinear(3))))
    assert type(loaded[0].weight) is nn.Parameter
    assert type(loaded[1].weight) is nn.UninitializedParameter


# ---- Containers ------------------------------------------------------------------------------------------------------


def test_sequential():
    net = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1))
    assert len(net) == 3
    assert type(net[-1]) is nn.Linear
    assert [type(each) for each in net] == [nn.Linear, nn.ReLU, nn.Linear]
    assert isinstance(net[:2], nn.Sequential) and len(net[:2]) == 2
    net.append(nn.Sigmoid())
    net.insert(1, nn.Tanh())
    assert [type(each).__name__ for each in net] == ["Linear", "Tanh", "ReLU", "Linear", "Sigmoid"]
    del net[1]
    net[1] = nn.Identity()
    assert list(net._modules) == ["0", "1", "2", "3"]
    named = nn.Sequential(OrderedDict(first=nn.Linear(2, 2), second=nn.ReLU()))
    assert named.first is named[0]
    net = nn.Sequential()
    net.add_module("block", nn.ReLU())
    assert net(sc.tensor([-1.0])).item() == 0


def test_list_and_dictionary():
    layers = nn.ModuleList([nn.Linear(1, 1)])
    layers += [nn.Linear(1, 1)]
    layers.extend([nn.Linear(1, 1)])
    assert [name for name, _ in layers.named_parameters()][:2] == ["0.weight", "0.bias"]
    assert len(layers[1:]) == 2
    choices = nn.ModuleDict({"a": nn.ReLU()})
    choices["b"] = nn.Tanh()
    assert list(choices) == ["a", "b"] and "b" in choices and len(choices) == 2
    assert [type(each) for each in choices.values()] == [nn.ReLU, nn.Tanh]
    assert type(choices.pop("a")) is nn.ReLU
    choices.clear()
    assert not len(choices)


# ---- Lazy layers -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "x", "plain", "shape"),
    [
        (lambda: nn.LazyLinear(4), (2, 3), nn.Linear, (4, 3)),
        (lambda: nn.LazyConv1d(4, 3), (2, 5, 8), nn.Conv1d, (4, 5, 3)),
        (lambda: nn.LazyConv2d(4, 3, groups=2), (2, 6, 8, 8), nn.Conv2d, (4, 3, 3, 3)),
        (lambda: nn.LazyConv3d(4, 2, bias=False), (1, 5, 3, 3, 3), nn.Conv3d, (4, 5, 2, 2, 2)),
    ],
)
def test_lazy_layers(make, x, plain, shape):
    layer = make()
    before = list(layer.parameters())
    assert repr(before[0]) == "<UninitializedParameter>"
    assert layer.has_uninitialized_params()
    optimizer = sc.optim.SGD(layer.parameters(), lr=0.1)
    layer.zero_grad()
    layer(sc.ones(x)).sum().backward()
    assert type(layer) is plain
    assert layer.weight.shape == shape
    after = list(layer.parameters())
    assert all(a is b for a, b in zip(before, after, strict=True))
    assert type(layer.weight) is nn.Parameter and layer.weight.requires_grad and layer.weight.is_leaf
    old = layer.weight.detach().clone()
    optimizer.step()
    assert not sc.equal(old, layer.weight)


def test_lazy_layers_can_be_filled_by_a_state():
    layer = nn.LazyLinear(2)
    layer.load_state_dict(nn.Linear(3, 2).state_dict())
    assert repr(layer) == "LazyLinear(in_features=0, out_features=2, bias=True)"
    loaded = layer.weight.detach().clone()
    layer(sc.ones(1, 3))
    assert repr(layer) == "Linear(in_features=3, out_features=2, bias=True)"
    assert sc.equal(layer.weight, loaded)


def test_initial_values_of_lazy_parameters_are_ignored():
    layer = nn.LazyLinear(2)
    nn.init.zeros_(layer.weight)
    nn.init.xavier_uniform_(layer.weight)
    layer.weight.data.normal_(0, 0.01)
    layer(sc.ones(1, 3))
    assert layer.weight.abs().max() > 0


# ---- Initial values --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("layer", "fan_in"), [(nn.Linear(100, 50), 100), (nn.Conv2d(20, 30, 3), 180), (nn.Conv2d(20, 30, 3, groups=2), 90)]
)
def test_default_values(layer, fan_in):
    bound = 1 / math.sqrt(fan_in)
    for parameter in layer.parameters():
        assert parameter.abs().max() <= bound
        assert parameter.abs().max() > 0.8 * bound
    assert abs(layer.weight.std().item() - bound / math.sqrt(3)) < 0.05 * bound


@pytest.mark.parametrize(
    ("fill", "mean", "std"),
    [
        (lambda w: nn.init.uniform_(w, -1, 3), 1, 4 / math.sqrt(12)),
        (lambda w: nn.init.normal_(w, 2, 0.5), 2, 0.5),
        (lambda w: nn.init.constant_(w, 3), 3, 0),
        (nn.init.ones_, 1, 0),
        (nn.init.zeros_, 0, 0),
        (nn.init.xavier_uniform_, 0, math.sqrt(2 / (200 + 300))),
        (lambda w: nn.init.xavier_normal_(w, gain=2), 0, 2 * math.sqrt(2 / (200 + 300))),
        (lambda w: nn.init.kaiming_uniform_(w, nonlinearity="relu"), 0, math.sqrt(2 / 200)),
        (lambda w: nn.init.kaiming_normal_(w, mode="fan_out", nonlinearity="linear"), 0, math.sqrt(1 / 300)),
        (lambda w: nn.init.trunc_normal_(w, std=1, a=-2, b=2), 0, 0.8796),
    ],
)
def test_init(fill, mean, std):
    w = nn.Parameter(sc.empty(300, 200))
    assert fill(w) is w
    assert w.requires_grad and w.is_leaf
    assert abs(w.mean().item() - mean) < 0.02
    assert abs(w.std().item() - std) < 0.02


def test_structured_init():
    w = nn.init.orthogonal_(sc.empty(5, 8), gain=2)
    np.testing.assert_allclose((w @ w.t()).numpy(), 4 * np.eye(5), atol=1e-5)
    w = nn.init.orthogonal_(sc.empty(8, 5))
    np.testing.assert_allclose((w.t() @ w).numpy(), np.eye(5), atol=1e-5)
    assert sc.equal(nn.init.eye_(sc.empty(3, 3)), sc.eye(3))
    w = nn.init.sparse_(sc.empty(10, 4), sparsity=0.3)
    assert ((w == 0).sum(0) == 3).all()
    x = sc.rand(2, 4, 5, 5)
    w = nn.init.dirac_(sc.empty(4, 4, 3, 3))
    np.testing.assert_allclose(nn.functional.conv2d(x, w, padding=1).numpy(), x.numpy())
    assert nn.init.calculate_gain("tanh") == 5 / 3
    assert nn.init.calculate_gain("leaky_relu", 1) == 1


# ---- SGD -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options",
    [
        {"lr": 0.1},
        {"lr": 0.1, "weight_decay": 0.2},
        {"lr": 0.1, "momentum": 0.9},
        {"lr": 0.1, "momentum": 0.9, "dampening": 0.5, "weight_decay": 0.1},
        {"lr": 0.1, "momentum": 0.9, "nesterov": True},
        {"lr": 0.1, "maximize": True},
    ],
)
def test_sgd(options, rng):
    start, gradients = rng.normal(size=4), rng.normal(size=(5, 4))
    w, velocity = start.copy(), None
    for gradient in gradients:
        step = (-gradient if options.get("maximize") else gradient) + options.get("weight_decay", 0) * w
        if options.get("momentum"):
            dampening = options.get("dampening", 0)
            velocity = step if velocity is None else options["momentum"] * velocity + (1 - dampening) * step
            step = step + options["momentum"] * velocity if options.get("nesterov") else velocity
        w = w - options["lr"] * step
    parameter = sc.tensor(start, requires_grad=True)
    optimizer = sc.optim.SGD([parameter], **options)
    for gradient in gradients:
        optimizer.zero_grad()
        (parameter * sc.from_numpy(gradient)).sum().backward()
        optimizer.step()
    np.testing.assert_allclose(parameter.detach().numpy(), w, rtol=1e-12)


def test_groups_and_state():
    a, b = (sc.ones(2, requires_grad=True) for _ in range(2))
    optimizer = sc.optim.SGD([{"params": [a]}, {"params": b, "lr": 1.0}], lr=0.1, momentum=0.9)
    (a + b).sum().backward()
    optimizer.step()
    assert a.tolist() == pytest.approx([0.9, 0.9])
    assert b.tolist() == [0, 0]
    state = optimizer.state_dict()
    assert [group["params"] for group in state["param_groups"]] == [[0], [1]]
    assert state["state"][0]["momentum_buffer"].tolist() == [1, 1]
    other = sc.optim.SGD([{"params": [a]}, {"params": [b]}], lr=5.0)
    other.load_state_dict(state)
    assert other.param_groups[1]["lr"] == 1.0
    assert other.state[a]["momentum_buffer"].tolist() == [1, 1]
    with pytest.raises(ValueError, match="other parameter groups"):
        sc.optim.SGD([a], lr=1).load_state_dict(state)
    with pytest.raises(ValueError, match="more than one group"):
        sc.optim.SGD([{"params": [a]}, {"params": [a]}], lr=1)


def test_closure_and_parameters_without_gradient():
    a, b = (sc.ones(1, requires_grad=True) for _ in range(2))
    optimizer = sc.optim.SGD([a, b], lr=0.5)

    def closure():
        optimizer.zero_grad()
        loss = (a * a).sum()
        loss.backward()
        return loss

    assert optimizer.step(closure).item() == 1
    assert (a.item(), b.item()) == (0, 1)

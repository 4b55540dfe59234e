"""The commonest mistakes, each as code that makes it, and a part of the text that must say what to write instead.

`test_mistakes.py` runs them, and keeps the documentation's table of them.
"""

from typing import NamedTuple


class Mistake(NamedTuple):
    """A mistake: what it is, code that makes it, the class of the error or warning, and the part that names the fix."""

    title: str
    code: str
    kind: type[Exception]
    fix: str


CONV = "nn.Conv2d(1, 4, kernel_size=3)"
STEP = "net = nn.Linear(2, 1); optimizer = optim.SGD(net.parameters(), lr=0.1); x = sc.ones(3, 2)"

MISTAKES = [
    Mistake("A picture without axes for batch and channel", f"{CONV}(sc.rand(28, 28))", ValueError, "x.reshape(1, 1, 28, 28)"),
    Mistake("Channels last", "nn.Conv2d(3, 4, 3)(sc.rand(8, 28, 28, 3))", ValueError, "x.permute(0, 3, 1, 2)"),
    Mistake("The wrong number of channels", "nn.Conv2d(3, 4, 3)(sc.rand(8, 1, 28, 28))", ValueError, "must be x.shape[1]"),
    Mistake("A float64 picture into a float32 layer", f"{CONV}(sc.tensor(np.ones((1, 1, 9, 9))))", TypeError, "x.to(weight.dtype)"),
    Mistake("A picture of whole numbers", f"{CONV}(sc.zeros(1, 1, 9, 9, dtype=sc.uint8))", TypeError, "use x.float()"),
    Mistake("A kernel larger than the picture", "nn.Conv2d(1, 4, 5)(sc.rand(1, 1, 3, 3))", ValueError, "smaller kernel or more padding"),
    Mistake("A pooling window larger than its input", "F.max_pool2d(sc.rand(1, 1, 2, 2), 3)", ValueError, "smaller kernel_size"),
    Mistake("A colour picture into corr2d", "sc.corr2d(np.ones((5, 5, 3)), np.ones((3, 3)))", ValueError, "X[:, :, 0]"),
    Mistake("A linear layer of another size than the convolutions make", "nn.Linear(400, 10)(sc.rand(2, 256))", ValueError, "in_features of the layer must be 256"),
    Mistake("Feature maps that were not flattened", "nn.Linear(400, 10)(sc.rand(2, 16, 5, 5))", ValueError, "x.flatten(1)"),
    Mistake("Labels as floats", "F.cross_entropy(sc.rand(4, 10), sc.ones(4))", TypeError, "target.long()"),
    Mistake("Labels as a column", "F.cross_entropy(sc.rand(4, 10), sc.zeros(4, 1).long())", ValueError, "target.squeeze(1)"),
    Mistake("A label that is no class", "F.cross_entropy(sc.rand(2, 10), sc.tensor([3, 10]))", IndexError, "0 to 9"),
    Mistake("Targets of another shape", "F.mse_loss(sc.rand(4, 1), sc.rand(4))", ValueError, "use reshape"),
    Mistake("Backward from many numbers", "(sc.ones(3, requires_grad=True) * 2).backward()", RuntimeError, ".sum().backward()"),
    Mistake("Backward twice", "y = sc.ones(3, requires_grad=True).square().sum(); y.backward(); y.backward()", RuntimeError, "retain_graph=True"),
    Mistake("Backward where nothing was recorded", "sc.ones(3).sum().backward()", RuntimeError, "requires_grad=True"),
    Mistake("Gradients that were never cleared", f"{STEP}\nfor _ in range(2): net(x).sum().backward(); optimizer.step()", UserWarning, "call zero_grad() before backward()"),
    Mistake("A parameter changed in place", "w = sc.ones(3, requires_grad=True); w -= 0.1", RuntimeError, "with no_grad()"),
    Mistake("A value changed that a gradient needs", "y = sc.ones(3, requires_grad=True).exp(); y += 1; y.sum().backward()", RuntimeError, "clone() the value first"),
    Mistake("An array of a tensor with a gradient", "sc.ones(3, requires_grad=True).numpy()", RuntimeError, "tensor.detach().numpy()"),
    Mistake("NumPy's function where the gradient would be lost", "np.mean(sc.ones(3, requires_grad=True))", TypeError, "use sc.mean(x)"),
    Mistake("A lazy layer before its first input", "nn.LazyConv2d(4, 3).weight + 1", ValueError, "give the module an input first"),
    Mistake("Shapes that do not broadcast", "sc.ones(3, 4) + sc.ones(3)", ValueError, "make them equal, or one of them 1"),
    Mistake("Matrices that do not fit", "sc.ones(3, 4) @ sc.ones(3, 4)", ValueError, "they must be equal"),
    Mistake("Batch normalisation of one value", "nn.BatchNorm1d(3)(sc.rand(1, 3))", ValueError, "use a larger batch, or eval()"),
    Mistake("A graphics card", 'sc.ones(3).to("cuda")', RuntimeError, "use 'cpu'"),
    Mistake("Half precision", "sc.ones(3).half()", TypeError, "use float32"),
    Mistake("A module's parts before its own initialisation", "class Net(nn.Module):\n    def __init__(self): self.layer = nn.Linear(1, 1)\nNet()", AttributeError, "call super().__init__()"),
]  # fmt: skip

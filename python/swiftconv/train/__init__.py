"""Training: the loop that every example repeats, with validation, checkpoints and a clean stop.

Example
-------
>>> from swiftconv import train
>>> X = sc.linspace(-1, 1, 64).reshape(-1, 1)
>>> data = sc.data.DataLoader(sc.data.TensorDataset(X, 3 * X + 1), batch_size=16, shuffle=True)
>>> net = nn.Linear(1, 1)
>>> optimizer = sc.optim.SGD(net.parameters(), lr=0.3)
>>> history = train.fit(net, data, optimizer=optimizer, loss=nn.MSELoss(), epochs=20, progress=False)
>>> history["loss"][-1] < 1e-3, round(net.weight.item(), 1), round(net.bias.item(), 1)
(True, 3.0, 1.0)
"""

from __future__ import annotations

from .history import History
from .loop import evaluate, fit
from .metrics import accuracy

__all__ = ["History", "accuracy", "evaluate", "fit"]

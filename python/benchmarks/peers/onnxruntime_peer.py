"""ONNX Runtime: forward only, weights as constants of the graph, the result in memory of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from operations import Conv, Corr2d, Linear, Operation, Pool, Unary

from .peer import Call, Peer

# An operator's name and its attributes.
Node = tuple[str, dict[str, Any]]


class OnnxRuntime(Peer):
    def __init__(self, threads: int) -> None:
        import onnx
        import onnxruntime

        self.onnx, self.runtime, self.version = onnx, onnxruntime, onnxruntime.__version__
        self.options = onnxruntime.SessionOptions()
        self.options.intra_op_num_threads = threads

    def call(self, node: Callable[..., Any], operation: Operation, gradients: tuple[int, ...], dtype: Any) -> Any:
        if gradients:
            return None
        x, *constants = operation.inputs(dtype)
        if isinstance(operation, Corr2d):
            x, constants = x[None, None], [constants[0][None, None]]
        return self.session(node(), x, constants)

    def session(self, node: Node, x: np.ndarray, constants: list[np.ndarray]) -> Call:
        onnx, (kind, attributes) = self.onnx, node
        helper, element = onnx.helper, onnx.helper.np_dtype_to_tensor_dtype(x.dtype)
        names = [f"c{i}" for i in range(len(constants))]
        graph = helper.make_graph(
            [helper.make_node(kind, ["x", *names], ["y"], **attributes)],
            "case",
            [helper.make_tensor_value_info("x", element, x.shape)],
            [helper.make_tensor_value_info("y", element, None)],
            [onnx.numpy_helper.from_array(c, name) for c, name in zip(constants, names, strict=True)],
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        session = self.runtime.InferenceSession(model.SerializeToString(), self.options, ["CPUExecutionProvider"])
        y = np.empty_like(session.run(None, {"x": x})[0])
        binding = session.io_binding()
        binding.bind_cpu_input("x", x)
        binding.bind_output("y", "cpu", 0, y.dtype, y.shape, y.ctypes.data)

        def run() -> np.ndarray:
            session.run_with_iobinding(binding)
            return y

        return run

    def arrays(self, results: Any, operation: Operation, gradients: tuple[int, ...]) -> list[np.ndarray]:
        return [results[0, 0] if isinstance(operation, Corr2d) else results]

    def conv(self, o: Conv) -> Callable[[], Node]:
        attributes = {"strides": [o.s] * o.axes, "pads": [o.p] * 2 * o.axes, "dilations": [o.d] * o.axes, "group": o.g}
        return lambda: ("ConvTranspose" if o.transposed else "Conv", attributes)

    def linear(self, o: Linear) -> Callable[[], Node]:
        return lambda: ("Gemm", {"transB": 1}) if o.bias else ("MatMul", {})

    def pool(self, o: Pool) -> Callable[[], Node]:
        if not o.k:
            return lambda: ("GlobalAveragePool", {})
        attributes = {"kernel_shape": [o.k] * 2, "strides": [o.s] * 2, "pads": [o.p] * 4}
        return lambda: ("MaxPool" if o.mode == "max" else "AveragePool", attributes)

    def unary(self, o: Unary) -> Callable[[], Node]:
        return lambda: (o.name.capitalize(), {"axis": -1} if o.name == "softmax" else {})

    def corr2d(self, o: Corr2d) -> Callable[[], Node]:
        return lambda: ("Conv", {})

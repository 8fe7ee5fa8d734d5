#!/usr/bin/env python3
"""onnx-conformance.py [WORD...] -- runs the tests of the package onnx on the reader of ONNX files: the node tests of
the operators in docs/models.md, at all opsets from 7 on that onnx.version_converter reaches, the tests made from
PyTorch, and the nine networks of onnx/backend/test/data/light. WORD: only tests whose name contains one.

The reader computes layers of a picture, and no others. A test is therefore wrapped: a convolution reads its tensor out
of the picture, the other inputs become constants, and each sample of a batch is a network of its own. Prints a line
for each test: ok; refused, with the reader's message; skip, with the reason why a picture cannot carry the test; or
FAIL. Needs onnx and onnxruntime. PYTHONPATH and REVERIE_LIBRARY select package and library of Reverie.
"""
import collections
import dataclasses
import glob
import os
import sys
import tempfile
import warnings

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper, version_converter
from onnx.backend.test.loader import load_model_tests

import reverie

ELEMENTWISE = ("Add Clip Div Dropout Elu Erf Gelu HardSigmoid HardSwish Identity LeakyRelu Mul PRelu Pow Relu Selu "
               "Sigmoid Sub Sum Tanh").split()
BY_CHANNEL = "Concat Split".split()
ON_MAPS = ("AveragePool BatchNormalization Conv ConvTranspose GlobalAveragePool InstanceNormalization LRN MaxPool Pad "
           "ReduceMean Resize Slice Upsample").split()
ON_LAST = "LayerNormalization".split()  # with the channels last
ON_MEANS = "Flatten Gemm MatMul Reshape Squeeze Unsqueeze".split()
SEVERAL = "Add Concat Div Mul Sub Sum".split()  # operators whose inputs may all be layers
# Tests of each operator that pass. Fewer fail; more need new numbers here.
PASSED = dict(Add=1, AveragePool=14, BatchNormalization=4, Clip=9, Concat=11, Conv=18, ConvTranspose=10, Dropout=6,
              Elu=4, Erf=1, Gelu=4, Gemm=9, GlobalAveragePool=2, HardSigmoid=4, HardSwish=1, Identity=3,
              InstanceNormalization=3, LRN=2, LayerNormalization=5, LeakyRelu=5, MatMul=1, MaxPool=13,
              Mul=2, PRelu=2, Pad=8, Pow=1, Relu=2, Resize=12, Selu=5, Sigmoid=3, Split=15, Sub=2,
              Sum=3, Tanh=3, Upsample=1)
FIRST_OPSET = 7
TOLERANCE = {"rtol": 1e-3, "atol": 1e-6}  # rtol: of the package's tests; atol: sums of f32 whose result is near 0

folder = tempfile.TemporaryDirectory()


class Skip(Exception):
    """No picture can carry the test."""


def network(model):
    path = os.path.join(folder.name, "test.onnx")
    with open(path, "wb") as file:
        file.write(model.SerializeToString())
    return reverie.Network(weights=path, preprocessing="rgb_0_255 minus 0 divided by 1")


def layer(network, picture, name):
    """Values of a layer, (channels, rows, columns). A layer that stands for a mean over positions is "class"."""
    name = name if name in network.layers else "class"
    if name not in network.layers:
        raise Skip("the output is no layer")
    planes = np.ascontiguousarray(picture, np.float32)
    return np.asarray(network.features(reverie.Picture.from_planes(planes), [name])[name])


# ---- one sample -----------------------------------------------------------------------------------------------------


def wrap(model, maps, constants, pooled, last):
    """`model` with a picture as its input. maps: arrays (channels, rows, columns) of one size, by name; constants: other
    inputs, by name; pooled: whether the maps become means, (1, channels); last: whether the channels go last. Returns model
    and picture."""
    rows, cols = next(iter(maps.values())).shape[1:]
    total = sum(len(x) for x in maps.values())
    side = int(np.ceil(np.sqrt(total / 3)))
    picture = np.zeros((3, rows * side, cols * side), np.float32)
    nodes, tensors, first = [], [numpy_helper.from_array(np.asarray(x), name) for name, x in constants.items()], 0
    for name, x in maps.items():
        kernel = np.zeros((len(x), 3, side, side), np.float32)
        for c in range(len(x)):
            position, plane = divmod(first + c, 3)
            row, col = divmod(position, side)
            picture[plane, row::side, col::side] = x[c]
            kernel[c, plane, row, col] = 1
        first += len(x)
        tensors.append(numpy_helper.from_array(kernel, name + ".kernel"))
        out = name + ".map" if pooled or last else name
        nodes.append(helper.make_node("Conv", ["picture", name + ".kernel"], [out], strides=[side, side]))
        if pooled:
            nodes.append(helper.make_node("GlobalAveragePool", [out], [name + ".mean"]))
            nodes.append(helper.make_node("Flatten", [name + ".mean"], [name]))
        if last:
            nodes.append(helper.make_node("Transpose", [out], [name], perm=[0, 2, 3, 1]))
    graph = helper.make_graph(nodes + list(model.graph.node), "test", [
        helper.make_tensor_value_info("picture", TensorProto.FLOAT, ["N", 3, *picture.shape[1:]])],
        list(model.graph.output), tensors + list(model.graph.initializer))
    return helper.make_model(graph, opset_imports=model.opset_import, ir_version=model.ir_version), picture


def run_sample(model, maps, constants, pooled, last, expected):
    """Compares the outputs of one sample with `expected`, arrays by name."""
    wrapped, picture = wrap(model, maps, constants, pooled, last)
    net = network(wrapped)
    for name, of_sample in expected.items():
        y = layer(net, picture, name.replace(":", "_"))
        if y.size != of_sample.size:
            y = y.mean((1, 2))
        np.testing.assert_equal(y.size, of_sample.size)
        np.testing.assert_allclose(y.reshape(of_sample.shape), of_sample.astype(np.float32), **TOLERANCE)


# ---- one test -------------------------------------------------------------------------------------------------------


def axis_to_channels(model, tensors):
    """Moves the axis of a Concat or Split to the channels. Returns the model, and the function that moves tensors to
    (samples, channels, rows, columns)."""
    model = onnx.ModelProto.FromString(model.SerializeToString())
    node = model.graph.node[0]
    rank = next(iter(tensors.values())).ndim
    axis = next((a for a in node.attribute if a.name == "axis"), None)
    if axis is None:
        node.attribute.append(helper.make_attribute("axis", 0))
        axis = node.attribute[-1]
    at = axis.i % rank
    if at > 1:
        raise Skip("another axis than the channels")
    axis.i = 1

    def move(x):
        x = x[None] if at == 0 else x
        return x.reshape(x.shape + (1,) * (4 - x.ndim))
    return model, move


def run_test(model, inputs, outputs):
    """Runs a test with `inputs` and `outputs`, arrays by name. Raises Skip, AssertionError or reverie.Error."""
    if len(model.graph.node) > 1 and not all(node.op_type in ELEMENTWISE for node in model.graph.node):
        raise Skip("several nodes")
    op = model.graph.node[0].op_type
    first = next(iter(inputs.values()))
    several = op in SEVERAL
    if first.dtype.kind != "f":
        raise Skip("whole numbers")
    if op == "Dropout" and len(inputs) == 3 and inputs[model.graph.node[0].input[2]]:
        raise Skip("training")
    layers = {name: x for name, x in inputs.items() if x is first or (several and (
        x.shape == first.shape or op == "Concat"))}
    constants = {name: x for name, x in inputs.items() if name not in layers}
    outputs = {name: y for name, y in outputs.items() if op not in ("Dropout", "LayerNormalization", "MaxPool") or
               name == model.graph.node[0].output[0]}
    last = op in ON_LAST and first.ndim == 4
    pooled = op in ON_MEANS + ON_LAST and not last
    if op in BY_CHANNEL:
        model, move = axis_to_channels(model, layers)
    elif op in ELEMENTWISE and first.ndim <= 4:
        def move(x):
            return x.reshape((1,) * (4 - x.ndim) + x.shape)
    elif pooled and first.ndim == 2:
        def move(x):
            return x.reshape(x.shape + (1,) * (4 - x.ndim))
    elif last:
        def move(x):
            return x.transpose(0, 3, 1, 2)
    elif op in ON_MAPS and first.ndim == 4:
        def move(x):
            return x
    else:
        raise Skip(f"no (samples, channels, rows, columns): {list(first.shape)}")
    layers = {name: move(x) for name, x in layers.items()}
    if op in ELEMENTWISE or op in BY_CHANNEL or last:
        outputs = {name: move(y) for name, y in outputs.items()}
    n = len(next(iter(layers.values())))
    if 0 in first.shape or any(len(y) != n for y in outputs.values()):
        raise Skip("an empty tensor, or samples that are not independent")
    for i in range(n):
        run_sample(model, {name: x[i] for name, x in layers.items()}, constants, pooled, last,
                   {name: y[i] for name, y in outputs.items()})


def to_array(value):
    return numpy_helper.to_array(value) if isinstance(value, TensorProto) else np.asarray(value)


def model_of(test):
    return test.model or onnx.load(os.path.join(test.model_dir, "model.onnx"))


def data_sets(test):
    """Pairs of inputs and outputs of a test."""
    if test.model is not None:
        return [([to_array(x) for x in a], [to_array(y) for y in b]) for a, b in test.data_sets]
    pairs = []
    for path in sorted(glob.glob(os.path.join(test.model_dir, "test_data_set_*"))):
        pair = [[numpy_helper.to_array(onnx.load_tensor(file)) for file in
                 sorted(glob.glob(os.path.join(path, which + "_*.pb")))] for which in ("input", "output")]
        pairs.append(pair)
    return pairs


def outcome(run, *args):
    try:
        run(*args)
        return "ok", ""
    except Skip as reason:
        return "skip", str(reason)
    except reverie.Error as error:
        return "refused", str(error).rpartition("test.onnx: ")[2]
    except AssertionError as error:
        return "FAIL", " ".join(str(error).split())[:160]


def node_test(test):
    model = model_of(test)
    inits = {x.name for x in model.graph.initializer}
    names = [x.name for x in model.graph.input if x.name not in inits]
    for x, y in data_sets(test):
        run_test(model, dict(zip(names, x)), dict(zip([y.name for y in model.graph.output], y)))


def at_opset(test, opset):
    """The test at another opset; None: it cannot be converted."""
    try:
        model = version_converter.convert_version(test.model, opset)
    except Exception:  # of many types
        return None
    same = [x.name for x in model.graph.input] == [x.name for x in test.model.graph.input]
    return dataclasses.replace(test, model=model) if same else None


# ---- networks -------------------------------------------------------------------------------------------------------


def seeded(model):
    """`model` with random weights in place of its constants of one number."""
    rng = np.random.default_rng(1)
    shapes = {x.name: numpy_helper.to_array(x) for x in model.graph.initializer}
    for node in [node for node in model.graph.node if node.op_type == "ConstantOfShape"]:
        shape = shapes[node.input[0]]
        x = rng.uniform(0.5, 1, shape) if len(shape) == 1 else \
            rng.normal(0, 1 / np.sqrt(max(np.prod(shape[1:]), 1)), shape)
        model.graph.node.remove(node)
        model.graph.initializer.append(numpy_helper.from_array(x.astype(np.float32), node.output[0]))
    return model


def light_network(path):
    """Compares the output of a network, and with random weights all layers with those of onnxruntime."""
    model = onnx.load(path)
    picture = (np.arange(3 * 224 * 224) / (3 * 224 * 224)).astype(np.float32).reshape(3, 224, 224)
    net = network(model)
    expected = numpy_helper.to_array(onnx.load_tensor(path.replace(".onnx", "_output_0.pb"))).ravel()
    reached = "class" in net.layers
    if reached:
        y = layer(net, picture, "class").mean((1, 2))
        if model.graph.node[-1].op_type == "Softmax":
            y = np.exp(y - y.max()) / np.exp(y - y.max()).sum()
        np.testing.assert_allclose(y, expected, rtol=1e-3, atol=1e-6)
    model = seeded(model)
    net = network(model)
    names = [name for name in net.layers if not name.endswith(":pre") and name != "class"]
    del model.graph.output[:]
    model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in names)
    session = onnxruntime.InferenceSession(model.SerializeToString())
    theirs = session.run(names, {session.get_inputs()[0].name: picture[None]})
    ours = net.features(reverie.Picture.from_planes(picture), names)
    for name, y in zip(names, theirs):
        y, x = y.reshape(y.shape[1], -1), np.asarray(ours[name])
        x = x.reshape(len(x), -1)
        x = x.mean(1, keepdims=True) if y.shape[1] == 1 else x
        np.testing.assert_allclose(x, y, rtol=1e-3, atol=1e-4 * np.abs(y).max(), err_msg=name)
    print(f"      {len(names)} layers{'' if reached else '; the output needs one input size'}")


# ---- all ------------------------------------------------------------------------------------------------------------


def main():
    words = sys.argv[1:]
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    onnxruntime.set_default_logger_severity(3)
    count, opsets, passed = collections.Counter(), collections.Counter(), collections.Counter()
    supported = ELEMENTWISE + BY_CHANNEL + ON_MAPS + ON_MEANS + ON_LAST

    def report(name, result, opset=""):
        count[result[0]] += 1
        print(f"{result[0]:8}{name}{opset}{': ' + result[1] if result[1] else ''}", flush=True)

    for kind in ("node", "pytorch-converted", "pytorch-operator"):
        for test in sorted(load_model_tests(kind=kind), key=lambda test: test.name):
            if words and not any(word in test.name for word in words):
                continue
            if not all(node.op_type in supported for node in model_of(test).graph.node):
                continue
            result = outcome(node_test, test)
            report(test.name, result)
            passed[model_of(test).graph.node[0].op_type] += result[0] == "ok"
            for opset in range(FIRST_OPSET, test.model.opset_import[0].version if test.model else 0):
                older = at_opset(test, opset) if result[0] == "ok" else None
                if older:
                    of_older = outcome(node_test, older)
                    opsets[of_older[0]] += 1
                    if of_older[0] != "ok":
                        report(test.name, of_older, f" at opset {opset}")
    for path in sorted(glob.glob(os.path.join(os.path.dirname(onnx.__file__), "backend/test/data/light/*.onnx"))):
        name = os.path.basename(path)[:-5]
        if not words or any(word in name for word in words):
            report(name, outcome(light_network, path))
    print(" ".join(f"{op}={n}" for op, n in sorted(passed.items())))
    print(f"{count['ok']} passed, {count['FAIL']} failed, {count['skip']} skipped, {count['refused']} refused; "
          f"at older opsets {opsets['ok']} passed")
    fewer = [] if words else [f"{op} {passed[op]} of {n}" for op, n in PASSED.items() if passed[op] < n]
    if fewer:
        print("fewer tests pass than before: " + ", ".join(fewer))
    sys.exit(count["FAIL"] > 0 or len(fewer) > 0)


if __name__ == "__main__":
    main()

"""Compares a compiled circuit with its input, independently of the C++ code.

Distances are delta = min over phases of ||A - e^{i phi} B|| / sqrt(columns): over all columns of
the unitaries up to `unitary_qubits`, over two random states up to `state_qubits`, over
superpositions of random basis states beyond (one random state where these do not stay few).
d = delta^2 / 2, which for unitaries is 1 - |Tr(A^dagger B)|/N. Measurements at the end are dropped,
qubit mappings are honoured: qubit i of the input starts on wire initial[i] of the output and ends
on wire final[i]. A measurement between gates becomes CX onto a wire of its own, and each series of
outcomes may have its own phase.

As a program (under a Python with numpy) it answers one JSON line per JSON line on stdin. Without
numpy it works too, for small circuits.
"""

from __future__ import annotations

import cmath
import dataclasses
import functools
import json
import math
import pathlib
import random
import sys
from collections.abc import Iterator, Sequence
from typing import Any

if __package__ in (None, ''):
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from compile_bench import qasm  # noqa: E402 (as a program the folder must be found first)

try:
    import numpy as np
except ModuleNotFoundError:
    np = None
if np is not None:
    from compile_bench import sparse

FUSED_QUBITS = 5    # gates are multiplied into blocks of so many qubits before a state sees them
LOOKAHEAD = 400     # operations that a block may look past
NUM_STATES = 2
STATE_COPIES = 6    # of a large state, that its simulation and comparison need at once
PLAIN_QUBITS = 8    # largest circuit without numpy


@dataclasses.dataclass
class Limits:
    unitary_qubits: int = 10
    state_qubits: int = 20
    large_qubits: int = 25      # one random state, where basis states do not stay few


def u_matrix(angles: Sequence[float]) -> list[list[complex]]:
    theta, phi, lam = angles
    cos, sin = math.cos(theta / 2), math.sin(theta / 2)
    return [[cos, -cmath.exp(1j * lam) * sin],
            [cmath.exp(1j * phi) * sin, cmath.exp(1j * (phi + lam)) * cos]]


# Without numpy: lists of columns, each a list of 2^n amplitudes; qubit 0 is the lowest bit.

def plain_apply(primitive: qasm.Primitive, state: list[complex]) -> None:
    if len(primitive.qubits) == 2:
        control, target = (1 << q for q in primitive.qubits)
        for i in range(len(state)):
            if i & control and not i & target:
                state[i], state[i | target] = state[i | target], state[i]
        return
    bit = 1 << primitive.qubits[0]
    (a, b), (c, d) = u_matrix(primitive.angles)
    for i in range(len(state)):
        if not i & bit:
            low, high = state[i], state[i | bit]
            state[i], state[i | bit] = a * low + b * high, c * low + d * high


def move_index(index: int, wires: Sequence[int]) -> int:
    """The basis index in which bit i of `index` sits at position wires[i]."""
    return sum((index >> i & 1) << wire for i, wire in enumerate(wires))


def plain_distance(before: qasm.Circuit, after: qasm.Circuit, initial: Sequence[int],
                   final: Sequence[int]) -> float:
    size = 1 << before.num_qubits
    overlap, columns = 0j, []
    for k in range(size):
        expected = [0j] * size
        expected[k] = 1
        found = [0j] * size
        found[move_index(k, initial)] = 1
        for primitive in before.primitives:
            plain_apply(primitive, expected)
        for primitive in after.primitives:
            plain_apply(primitive, found)
        found = [found[move_index(i, final)] for i in range(size)]
        columns.append((expected, found))
        overlap += sum(e.conjugate() * f for e, f in zip(expected, found))
    phase = unit(overlap)
    total = sum(abs(phase * e - f) ** 2 for pair in columns for e, f in zip(*pair))
    return math.sqrt(total / size)


# With numpy: axis n-1-q of the state is qubit q, the last axis counts the columns.

def take_block(pending: list[qasm.Primitive]) -> tuple[list[qasm.Primitive], list[qasm.Primitive]]:
    """Splits off operations on few qubits that can go first; returns (block, rest)."""
    block: list[qasm.Primitive] = []
    skipped: list[qasm.Primitive] = []
    wires: set[int] = set()
    blocked: set[int] = set()
    for i, primitive in enumerate(pending[:LOOKAHEAD]):
        joined = wires.union(primitive.qubits)
        if blocked.isdisjoint(primitive.qubits) and len(joined) <= FUSED_QUBITS:
            wires = joined
            block.append(primitive)
        else:
            skipped.append(primitive)
            blocked.update(primitive.qubits)
            if len(wires) == FUSED_QUBITS and wires <= blocked:
                return block, skipped + pending[i + 1:]
    return block, skipped + pending[LOOKAHEAD:]


CX = [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]]  # control is the higher bit


def contract(state, matrix, qubits: Sequence[int], num_qubits: int):
    """matrix (its highest bit is qubits[0]) on axes of state."""
    k = len(qubits)
    axes = [num_qubits - 1 - q for q in qubits]
    tensor = np.asarray(matrix, dtype=complex).reshape((2,) * (2 * k))
    return np.moveaxis(np.tensordot(tensor, state, (range(k, 2 * k), axes)), range(k), axes)


def run_direct(primitives: list[qasm.Primitive], state, num_qubits: int):
    for primitive in primitives:
        matrix = CX if len(primitive.qubits) == 2 else u_matrix(primitive.angles)
        state = contract(state, matrix, primitive.qubits, num_qubits)
    return state


def block_matrix(block: list[qasm.Primitive], wires: list[int]):
    """The block's matrix with wires[0] as the highest bit."""
    k = len(wires)
    position = {wire: k - 1 - i for i, wire in enumerate(wires)}
    local = [qasm.Primitive(tuple(position[q] for q in p.qubits), p.angles) for p in block]
    columns = np.eye(1 << k, dtype=complex).reshape((2,) * k + (1 << k,))
    return run_direct(local, columns, k).reshape(1 << k, 1 << k)


def fused(circuit: qasm.Circuit) -> Iterator[tuple[Any, list[int]]]:
    """The circuit as matrices on a few wires each, in order."""
    pending = list(circuit.primitives)
    while pending:
        block, pending = take_block(pending)
        wires = sorted({q for p in block for q in p.qubits}, reverse=True)
        yield block_matrix(block, wires), wires


def run_fused(circuit: qasm.Circuit, state):
    n = circuit.num_qubits
    if n <= FUSED_QUBITS:
        return run_direct(circuit.primitives, state, n)
    for matrix, wires in fused(circuit):
        state = contract(state, matrix, wires, n)
    return state


def start_columns(num_qubits: int, num_deferred: int, states: int, seed: int):
    """So many random states, or, for 0, all basis states, on the first num_qubits qubits.

    The wires of outcomes, above them, start in 0.
    """
    size = 1 << num_qubits
    if states == 0:
        columns = np.eye(size, dtype=complex)
    else:
        generator = np.random.default_rng(seed)
        columns = generator.normal(size=(size, states)) + 1j * generator.normal(size=(size, states))
        columns /= np.linalg.norm(columns, axis=0)
    if num_deferred == 0:
        return columns.reshape((2,) * num_qubits + (-1,))
    all_columns = np.zeros((1 << num_deferred, *columns.shape), dtype=complex)
    all_columns[0] = columns
    return all_columns.reshape((2,) * (num_qubits + num_deferred) + (-1,))


@functools.lru_cache(maxsize=1)
def expected_columns(path: str, states: int, seed: int):
    """Kept, since the outputs of all tools for one input come one after the other."""
    circuit = read_cached(path)
    deferred = circuit.num_deferred
    start = start_columns(circuit.num_qubits - deferred, deferred, states, seed)
    return run_fused(circuit, start)


@functools.lru_cache(maxsize=2)
def read_cached(path: str) -> qasm.Circuit:
    return qasm.read(pathlib.Path(path))


def placed(columns, wires: Sequence[int]):
    """Moves qubit i to wire wires[i]."""
    n = len(wires)
    return np.moveaxis(columns, [n - 1 - i for i in range(n)], [n - 1 - w for w in wires])


def numpy_distance(path: str, after: qasm.Circuit, mappings: tuple[list[int], list[int]],
                   states: int, seed: int) -> float:
    initial, final = mappings
    deferred = after.num_deferred
    expected = expected_columns(path, states, seed)
    start = start_columns(after.num_qubits - deferred, deferred, states, seed)
    found = placed(run_fused(after, placed(start, initial)), inverse(final))
    # The phase is free for each series of outcomes.
    sectors = zip(expected.reshape(1 << deferred, -1), found.reshape(1 << deferred, -1))
    squares = sum(np.linalg.norm(unit(np.vdot(e, f)) * e - f) ** 2 for e, f in sectors)
    return math.sqrt(squares / expected.shape[-1])


def unit(value: complex) -> complex:
    return value / abs(value) if abs(value) > 0 else 1


# Beyond state_qubits: superpositions of a few basis states, as long as they stay few.

def run_sparse(circuit: qasm.Circuit, start: dict[int, complex]) -> sparse.State:
    state = sparse.of_dict(start)
    for matrix, wires in fused(circuit):
        state = sparse.apply(state, matrix, wires)
    return state


@functools.lru_cache(maxsize=NUM_STATES)
def expected_sparse(path: str, seed: int) -> sparse.State:
    circuit = read_cached(path)
    return run_sparse(circuit, sparse.start(circuit.num_qubits - circuit.num_deferred, seed))


def sparse_distance(path: str, after: qasm.Circuit, mappings: tuple[list[int], list[int]],
                    seed: int) -> tuple[float, float]:
    """The larger distance of the start states, and how far the simulation may be off."""
    initial, final = mappings
    qubits = after.num_qubits - after.num_deferred
    worst, slack = 0.0, 0.0
    for k in range(NUM_STATES):
        expected = expected_sparse(path, seed + k)
        start = {move_index(key, initial): a for key, a in sparse.start(qubits, seed + k).items()}
        found = run_sparse(after, start)
        found.keys = move_indices(found.keys, inverse(final))
        worst = max(worst, sparse.distance(expected, found, qubits))
        slack = max(slack, expected.dropped + found.dropped)
    return worst, slack


def move_indices(keys, wires: Sequence[int]):
    return sum((keys >> i & 1) << wire for i, wire in enumerate(wires))


def inverse(wires: Sequence[int]) -> list[int]:
    return [list(wires).index(i) for i in range(len(wires))]


def aligned(mapping: Sequence[int] | None, before: qasm.Circuit, after: qasm.Circuit,
            moved: dict[str, str] | None = None) -> list[int]:
    """The mapping, or else by the qubits' names, or else (names differ) by their order."""
    if mapping:
        return list(mapping) + list(range(len(mapping), before.num_qubits))
    if set(before.qubit_names) == set(after.qubit_names):
        moved = moved or {}
        return [after.qubit_names.index(moved.get(name, name)) for name in before.qubit_names]
    return list(range(before.num_qubits))


def check(request: dict, limits: Limits) -> dict:
    """Keys of the request: input, output (paths), measures (whether to compare them); where qubits
    start and end, if not where they were: initial, final (lists), or moved (ends, by names).

    Answers {method, delta, d}, method one of 'unitary', 'random states', 'basis states'; or
    {method: '', reason} where nothing could be compared; or {method: 'structure', reason} where the
    output is wrong by its form.
    """
    before = read_cached(request['input'])
    after = qasm.read(pathlib.Path(request['output']))
    if before.dynamic or after.dynamic:
        return {'method': '', 'reason': 'resets or conditions'}
    if after.num_deferred < before.num_deferred:
        return {'method': '', 'reason': 'measurements between gates are gone'}
    mappings = (aligned(request.get('initial'), before, after),
                aligned(request.get('final'), before, after, request.get('moved')))
    wrong = structural_fault(before, after, mappings, bool(request.get('measures')))
    if wrong:
        return {'method': 'structure', 'reason': wrong}
    if np is None:
        if before.num_qubits > PLAIN_QUBITS:
            return {'method': '', 'reason': f'{before.num_qubits} qubits without numpy'}
        return answer('unitary', plain_distance(before, after, *mappings))
    return check_with_numpy(request['input'], after, mappings, limits)


def structural_fault(before: qasm.Circuit, after: qasm.Circuit,
                     mappings: tuple[list[int], list[int]], measures: bool) -> str:
    """What is wrong with the output's form; '' when nothing is."""
    n = before.num_qubits
    if after.num_qubits != n:
        return f'{after.num_qubits} qubits instead of {n}'
    if any(sorted(mapping) != list(range(n)) for mapping in mappings):
        return 'a mapping is no permutation'
    expected = sorted((mappings[1][q], bit) for q, bit in before.measures)
    return 'measurements differ' if measures and expected != sorted(after.measures) else ''


def check_with_numpy(path: str, after: qasm.Circuit, mappings: tuple[list[int], list[int]],
                     limits: Limits) -> dict:
    seed = random.Random(path).getrandbits(32)
    if after.num_qubits > limits.state_qubits:
        return check_large(path, after, mappings, seed, limits)
    unitary = after.num_qubits <= limits.unitary_qubits
    delta = numpy_distance(path, after, mappings, 0 if unitary else NUM_STATES, seed)
    return answer('unitary' if unitary else 'random states', delta)


def check_large(path: str, after: qasm.Circuit, mappings: tuple[list[int], list[int]],
                seed: int, limits: Limits) -> dict:
    """Basis states as long as they stay few, else one random state where it fits into memory."""
    try:
        delta, slack = sparse_distance(path, after, mappings, seed)
        return {**answer('basis states', delta), 'slack': slack}
    except sparse.TooManyBranches:
        if after.num_qubits > limits.large_qubits:
            return {'method': '', 'reason': f'{after.num_qubits} qubits (--verify-qubits)'}
        if STATE_COPIES * 16 << after.num_qubits > available_bytes():
            return {'method': '', 'reason': f'{after.num_qubits} qubits do not fit into memory'}
        return answer('random states', numpy_distance(path, after, mappings, 1, seed))


def available_bytes() -> int:
    text = pathlib.Path('/proc/meminfo').read_text()
    return int(text.split('MemAvailable:')[1].split()[0]) * 1024


def answer(method: str, delta: float) -> dict:
    return {'method': method, 'delta': delta, 'd': delta * delta / 2}


def main() -> None:
    limits = Limits(*(int(value) for value in sys.argv[1:4]))
    for line in sys.stdin:
        try:
            result = check(json.loads(line), limits)
        except (qasm.QasmError, KeyError, IndexError, OSError, ValueError, MemoryError) as error:
            result = {'method': 'structure', 'reason': f'{type(error).__name__}: {error}'[:200]}
        print(json.dumps(result), flush=True)


if __name__ == '__main__':
    main()

"""Instantiation and synthesis with BQSKit, under the Python of the peers' environment.

    python synthesis_peer.py WORKERS

One JSON request per line on stdin, one answer per line, after 'ANSWER ', on stdout. Requests:
{task: "start", qubits, cx, haar, seed} instantiates once from random angles, in this process;
{task: "fit", pairs, unknown, seed} does so with two-qubit rotations, or unknown gates;
{task: "search", name, qubits, seed, leap} synthesises from the unitary with WORKERS workers.
Answers: {seconds, d, cx}, d = 1 - |Tr(U^dagger V)|/N of what was found; or {error}.
"""

from __future__ import annotations

import itertools
import json
import sys
import time

import numpy as np


def haar(size: int, random: np.random.Generator) -> np.ndarray:
    normal = random.normal(size=(size, size)) + 1j * random.normal(size=(size, size))
    q, r = np.linalg.qr(normal)
    return q * (np.diag(r) / np.abs(np.diag(r)))


def distance(a: np.ndarray, b: np.ndarray) -> float:
    return float(1 - abs(np.trace(a.conj().T @ b)) / len(a))


def locals_of(qubits: int, random: np.random.Generator) -> np.ndarray:
    out = np.eye(1)
    for _ in range(qubits):
        out = np.kron(out, haar(2, random))
    return out


def bare_target(name: str, qubits: int) -> np.ndarray:
    size = 1 << qubits
    u = np.eye(size, dtype=complex)
    if name == 'toffoli':
        u[[size - 1, size - 2]] = u[[size - 2, size - 1]]
    elif name == 'fredkin':
        u[[5, 6]] = u[[6, 5]]
    else:  # QFT without the reversal of its qubits
        index = np.arange(size)
        u = np.exp(2j * np.pi * np.outer(index, index) / size) / np.sqrt(size)
        u = u[[int(format(k, f'0{qubits}b')[::-1], 2) for k in index]]
    return u


def target_of(name: str, qubits: int, random: np.random.Generator) -> np.ndarray:
    """As in quercus_bench_synthesis: permuted qubits, random gates on each before and after."""
    if name == 'haar':
        return haar(1 << qubits, random)
    order = random.permutation(qubits)
    shape = (2,) * (2 * qubits)
    u = bare_target(name, qubits).reshape(shape)
    u = u.transpose([*order, *(qubits + order)]).reshape(1 << qubits, 1 << qubits)
    return locals_of(qubits, random) @ u @ locals_of(qubits, random)


def template(qubits: int, cx: int):
    from bqskit import Circuit
    from bqskit.ir.gates import CNOTGate, U3Gate
    circuit = Circuit(qubits)
    for qubit in range(qubits):
        circuit.append_gate(U3Gate(), qubit)
    pairs = itertools.cycle(itertools.combinations(range(qubits), 2))
    for pair in itertools.islice(pairs, cx):
        circuit.append_gate(CNOTGate(), pair)
        for qubit in pair:
            circuit.append_gate(U3Gate(), qubit)
    return circuit


def any_gates(pairs: int, unknown: bool):
    from bqskit import Circuit
    from bqskit.ir.gates import RXXGate, RYYGate, RZZGate, U3Gate, VariableUnitaryGate
    circuit = Circuit(3)
    if not unknown:
        for qubit in range(3):
            circuit.append_gate(U3Gate(), qubit)
    kinds = itertools.cycle((RXXGate(), RYYGate(), RZZGate()))
    cycle = itertools.cycle(itertools.combinations(range(3), 2))
    for pair in itertools.islice(cycle, pairs):
        circuit.append_gate(VariableUnitaryGate(2) if unknown else next(kinds), pair)
        for qubit in () if unknown else pair:
            circuit.append_gate(U3Gate(), qubit)
    return circuit


def instantiated(circuit, target: np.ndarray, cx: int) -> dict:
    begin = time.perf_counter()
    circuit.instantiate(target, multistarts=1)
    seconds = time.perf_counter() - begin
    return {'seconds': seconds, 'd': distance(target, np.array(circuit.get_unitary())), 'cx': cx}


def fit(request: dict) -> dict:
    random = np.random.default_rng(request['seed'])
    circuit = any_gates(request['pairs'], request['unknown'])
    if request['unknown']:
        target = haar(8, random)
    else:
        circuit.set_params(random.uniform(-np.pi, np.pi, circuit.num_params))
        target = np.array(circuit.get_unitary())
    return instantiated(circuit, target, 0)


def start(request: dict) -> dict:
    random = np.random.default_rng(request['seed'])
    circuit = template(request['qubits'], request['cx'])
    if request['haar']:
        target = haar(1 << request['qubits'], random)
    else:
        circuit.set_params(random.uniform(-np.pi, np.pi, circuit.num_params))
        target = np.array(circuit.get_unitary())
    return instantiated(circuit, target, request['cx'])


def make_search(workers: int):
    from bqskit import Circuit
    from bqskit.compiler import Compiler
    from bqskit.passes import LEAPSynthesisPass, QSearchSynthesisPass
    compiler = Compiler(num_workers=workers)

    def search(request: dict) -> dict:
        random = np.random.default_rng(request['seed'])
        target = target_of(request['name'], request['qubits'], random)
        chosen = LEAPSynthesisPass() if request['leap'] else QSearchSynthesisPass()
        begin = time.perf_counter()
        out = compiler.compile(Circuit.from_unitary(target), [chosen])
        seconds = time.perf_counter() - begin
        count = sum(n for gate, n in out.gate_counts.items() if gate.num_qudits == 2)
        return {'seconds': seconds, 'd': distance(target, np.array(out.get_unitary())),
                'cx': count}
    return search


def main() -> None:
    search = None
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if request['task'] == 'search' and search is None:
                search = make_search(int(sys.argv[1]))
            tasks = {'start': start, 'fit': fit, 'search': search}
            answer = tasks[request['task']](request)
        except Exception as error:  # whatever the peer raises is its answer
            answer = {'error': f'{type(error).__name__}: {error}'}
        print('ANSWER ' + json.dumps(answer), flush=True)


if __name__ == '__main__':
    main()

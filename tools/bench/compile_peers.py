#!/usr/bin/env python3
"""Compares our level 1 with BQSKit's on the same OpenQASM files.

    quercus_bench_generate --count 50 --seed 1 DIR
    quercus_bench_compile --json DIR > ours.json
    tools/bench/compile_peers.py --python-env VENV --ours ours.json DIR

VENV (or $QUERCUS_PEERS) is a Python environment with bqskit installed. Prints two-qubit counts and
seconds per circuit, geometric means per family (the file name up to the first underscore) and their
ratio. --json FILE also stores the rows.
"""

import argparse
import json
import math
import os
import pathlib
import subprocess
import sys

PEER = """
import json, sys, time
from bqskit import Circuit, compile
from bqskit.compiler import Compiler
workers, level = int(sys.argv[1]), int(sys.argv[2])
with Compiler(num_workers=workers) as compiler:
    for path in sys.stdin:
        path = path.strip()
        row = {'path': path}
        try:
            circuit = Circuit.from_file(path)
            start = time.perf_counter()
            out = compile(circuit, optimization_level=level, seed=1, compiler=compiler)
            row['seconds'] = time.perf_counter() - start
            row['count'] = sum(n for gate, n in out.gate_counts.items() if gate.num_qudits == 2)
        except Exception as error:
            row['error'] = f'{type(error).__name__}: {error}'[:200]
        print('ROW ' + json.dumps(row), flush=True)
"""


def run_peer(python, files, workers, level):
    """Yields one dict per file; {'count', 'seconds'} or {'error'}."""
    process = subprocess.Popen(
        [python, '-c', PEER, str(workers), str(level)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with process:
        process.stdin.write(''.join(f'{file}\n' for file in files))
        process.stdin.close()
        for line in process.stdout:
            if line.startswith('ROW '):
                yield json.loads(line[4:])
    if process.returncode != 0:
        sys.exit(f'the peer ended with code {process.returncode}')


def geometric_mean(values):
    # A circuit without any two-qubit gate left counts as one gate.
    return math.exp(sum(math.log(max(value, 1)) for value in values) / len(values))


def print_families(rows):
    print(f"\n{'family':<16}{'circuits':>9}{'ours':>10}{'bqskit':>10}{'ratio':>8}"
          f"{'ours s':>10}{'bqskit s':>10}")
    families = {}
    for row in rows:
        families.setdefault(row['family'], []).append(row)
    families['all'] = rows
    for name, members in families.items():
        ours = geometric_mean([row['ours'] for row in members])
        peer = geometric_mean([row['bqskit'] for row in members])
        print(f"{name:<16}{len(members):>9}{ours:>10.2f}{peer:>10.2f}{ours / peer:>8.3f}"
              f"{sum(row['ours_seconds'] for row in members):>10.2f}"
              f"{sum(row['bqskit_seconds'] for row in members):>10.2f}")


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.split('\n', maxsplit=1)[0])
    parser.add_argument('folder', type=pathlib.Path)
    parser.add_argument('--ours', type=argparse.FileType(), required=True,
                        help='output of quercus_bench_compile --json for the same folder')
    parser.add_argument('--python-env', default=os.environ.get('QUERCUS_PEERS'),
                        help='Python environment with bqskit (default: $QUERCUS_PEERS)')
    parser.add_argument('--workers', type=int, default=2)
    parser.add_argument('--level', type=int, default=1)
    parser.add_argument('--json', type=argparse.FileType('w'))
    arguments = parser.parse_args()
    if not arguments.python_env:
        parser.error('give --python-env or set QUERCUS_PEERS')
    return arguments


def main():
    arguments = parse_arguments()
    ours = {row['name']: row for row in json.load(arguments.ours)}
    files = sorted(f for f in arguments.folder.rglob('*.qasm') if f.stem in ours)
    python = str(pathlib.Path(arguments.python_env) / 'bin' / 'python')
    print(f"{'circuit':<26}{'in':>6}{'ours':>7}{'bqskit':>8}{'ours s':>9}{'bqskit s':>10}")
    rows = []
    for result in run_peer(python, files, arguments.workers, arguments.level):
        name = pathlib.Path(result['path']).stem
        if 'error' in result:
            print(f'{name:<26} bqskit failed: {result["error"]}', flush=True)
            continue
        mine = ours[name]
        rows.append({'name': name, 'family': name.split('_')[0], 'in': mine['cx_in'],
                     'ours': mine['cx_out'], 'ours_seconds': mine['seconds'],
                     'bqskit': result['count'], 'bqskit_seconds': result['seconds']})
        print(f"{name:<26}{mine['cx_in']:>6}{mine['cx_out']:>7}{result['count']:>8}"
              f"{mine['seconds']:>9.2f}{result['seconds']:>10.2f}", flush=True)
    if rows:
        print_families(rows)
    if arguments.json:
        json.dump(rows, arguments.json, indent=1)


if __name__ == '__main__':
    main()

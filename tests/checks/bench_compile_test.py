#!/usr/bin/env python3
"""Tests of tools/bench/compile_bench: reader, verifier, sets and figures. Needs no peers.

With numpy (in this Python) the numpy simulator is tested too; without, only the plain one.
"""

from __future__ import annotations

import contextlib
import importlib.machinery
import importlib.util
import math
import pathlib
import random
import sys
import tempfile
import types
import unittest
from collections.abc import Iterator

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / 'tools' / 'bench'))
from compile_bench import qasm, report, sets, verify  # noqa: E402

HEAD = 'OPENQASM 2.0; include "qelib1.inc"; '
TOFFOLI = HEAD + 'qreg q[3]; ccx q[0],q[1],q[2];'
# The same with the Toffoli of qelib1 written out and a last T moved.
TOFFOLI_OUT = HEAD + '''qreg q[3];
h q[2]; cx q[1],q[2]; tdg q[2]; cx q[0],q[2]; t q[2]; cx q[1],q[2]; tdg q[2]; cx q[0],q[2];
t q[1]; t q[2]; cx q[0],q[1]; h q[2]; t q[0]; tdg q[1]; cx q[0],q[1];'''


@contextlib.contextmanager
def simulators() -> Iterator[list[str]]:
    """Which simulators there are; verify.np is put back afterwards."""
    numpy = verify.np
    try:
        yield ['plain'] + (['numpy'] if numpy is not None else [])
    finally:
        verify.np = numpy


class VerifierTest(unittest.TestCase):
    def check(self, before: str, after: str, limits: verify.Limits = verify.Limits(),
              **request: object) -> list[dict]:
        """The answers of all simulators."""
        numpy, answers = verify.np, []
        with simulators() as names, tempfile.TemporaryDirectory() as folder:
            files = [pathlib.Path(folder) / name for name in ('before.qasm', 'after.qasm')]
            for file, text in zip(files, (before, after)):
                file.write_text(text)
            for name in names:
                verify.np = numpy if name == 'numpy' else None
                answers.append(verify.check({'input': str(files[0]), 'output': str(files[1]),
                                             **request}, limits))
        return answers

    def assert_same(self, before: str, after: str, **request: object) -> None:
        for answer in self.check(before, after, **request):
            self.assertLess(answer.get('delta', math.inf), 1e-12, answer)

    def assert_different(self, before: str, after: str, **request: object) -> None:
        for answer in self.check(before, after, **request):
            self.assertTrue(answer['method'] == 'structure' or answer['delta'] > 1e-3, answer)

    def test_accepts_an_equivalent_circuit(self) -> None:
        self.assert_same(TOFFOLI, TOFFOLI_OUT)

    def test_accepts_a_global_phase(self) -> None:
        phase = 'rz(1.5) q[0]; x q[0]; rz(1.5) q[0]; x q[0];'
        self.assert_same(HEAD + 'qreg q[2]; cx q[0],q[1];' + phase,
                         HEAD + 'qreg q[2]; cx q[0],q[1];')

    def test_catches_every_single_change(self) -> None:
        gates = TOFFOLI_OUT.split(';')
        for i in range(3, len(gates) - 1):
            with self.subTest(without=gates[i].strip()):
                self.assert_different(TOFFOLI, ';'.join(gates[:i] + gates[i + 1:]))

    def test_catches_a_small_angle(self) -> None:
        self.assert_different(HEAD + 'qreg q[2]; rz(0.5) q[0]; cx q[0],q[1];',
                              HEAD + 'qreg q[2]; rz(0.51) q[0]; cx q[0],q[1];')

    def test_catches_swapped_control_and_target(self) -> None:
        self.assert_different(HEAD + 'qreg q[2]; cx q[0],q[1];', HEAD + 'qreg q[2]; cx q[1],q[0];')

    def test_honours_mappings(self) -> None:
        before = HEAD + 'qreg q[3]; h q[0]; cx q[0],q[1]; t q[2]; cx q[1],q[2];'
        moved = HEAD + 'qreg q[3]; h q[2]; cx q[2],q[0]; t q[1]; cx q[0],q[1];'
        self.assert_same(before, moved, initial=[2, 0, 1], final=[2, 0, 1])
        self.assert_different(before, moved)
        self.assert_same(before, moved + 'swap q[0],q[2];', initial=[2, 0, 1], final=[0, 2, 1])
        self.assert_different(before, moved + 'swap q[0],q[2];', initial=[2, 0, 1],
                              final=[2, 0, 1])

    def test_honours_ends_by_names(self) -> None:
        before = HEAD + 'qreg q[3]; h q[0]; swap q[0],q[1]; swap q[1],q[2]; cx q[0],q[1];'
        after = HEAD + 'qreg q[3]; h q[0]; cx q[1],q[2];'
        ends = {'q[0]': 'q[1]', 'q[1]': 'q[2]', 'q[2]': 'q[0]'}
        self.assert_same(before, after, moved=ends)
        self.assert_different(before, after, moved={b: a for a, b in ends.items()})

    def test_catches_bad_forms(self) -> None:
        self.assert_different(TOFFOLI, HEAD + 'qreg q[4]; ccx q[0],q[1],q[2];')
        self.assert_different(TOFFOLI, TOFFOLI, initial=[0, 0, 1], final=[0, 1, 2])

    def test_compares_measurements(self) -> None:
        measured = HEAD + 'qreg q[2]; creg c[2]; cx q[0],q[1]; measure q -> c;'
        crossed = HEAD + 'qreg q[2]; creg c[2]; cx q[0],q[1]; ' \
                         'measure q[0] -> c[1]; measure q[1] -> c[0];'
        self.assert_same(measured, measured, measures=True)
        self.assert_different(measured, crossed, measures=True)
        self.assert_same(measured, HEAD + 'qreg q[2]; cx q[0],q[1];')

    def test_keeps_measurements_between_gates(self) -> None:
        text = HEAD + 'qreg q[2]; creg c[1]; h q[0]; measure q[0] -> c[0]; h q[0]; cx q[0],q[1];'
        self.assert_same(text, text)
        self.assert_different(text, text.replace('h q[0]; measure q[0] -> c[0];',
                                                 'measure q[0] -> c[0]; h q[0];'))
        for answer in self.check(text, HEAD + 'qreg q[2]; h q[0]; h q[0]; cx q[0],q[1];'):
            self.assertEqual(answer['method'], '')

    def test_does_not_judge_conditions(self) -> None:
        text = HEAD + 'qreg q[1]; creg c[1]; measure q[0] -> c[0]; if (c==1) x q[0];'
        self.assertEqual([a['method'] for a in self.check(text, text)][0], '')

    @unittest.skipIf(verify.np is None, 'no numpy in this Python')
    def test_random_states_and_fused_blocks(self) -> None:
        seed = random.SystemRandom().getrandbits(32)
        with self.subTest(seed=seed):
            # More qubits than the plain simulator takes.
            qubits = verify.PLAIN_QUBITS + 1
            before, after, wrong = random_circuits(random.Random(seed), qubits, 120)
            for text, is_same in ((after, True), (wrong, False)):
                for limits in (verify.Limits(), verify.Limits(unitary_qubits=3),
                               verify.Limits(unitary_qubits=3, state_qubits=3)):
                    answer = self.check(before, text, limits)[-1]
                    self.assertEqual(answer['delta'] < 1e-11, is_same, answer)


def random_circuits(generator: random.Random, qubits: int, size: int) -> tuple[str, str, str]:
    """A circuit, the same with inserted pairs of CX, and the same with one CX inserted."""
    gates, doubled = [], []
    for _ in range(size):
        a, b = generator.sample(range(qubits), 2)
        angle = generator.uniform(-3, 3)
        gate = generator.choice([f'u3({angle},0.3,{angle}/2) q[{a}];', f'cx q[{a}],q[{b}];',
                                 f'crz({angle}) q[{a}],q[{b}];'])
        gates.append(gate)
        doubled += [gate] + [f'cx q[{b}],q[{a}];'] * generator.choice([0, 2])
    start = HEAD + f'qreg q[{qubits}];'
    wrong = gates[:size // 2] + ['cx q[0],q[1];'] + gates[size // 2:]
    return start + ''.join(gates), start + ''.join(doubled), start + ''.join(wrong)


class ReaderTest(unittest.TestCase):
    def test_counts_cx_by_the_standard_definitions(self) -> None:
        text = HEAD + 'qreg a[2]; qreg b[2]; cu1(pi/4) a[0],b[1]; cx a,b; ccx a[0],a[1],b[0];'
        circuit = qasm.parse(text)
        self.assertEqual(circuit.cx_count(), 2 + 2 + 6)
        self.assertEqual(circuit.qubit_names, ['a[0]', 'a[1]', 'b[0]', 'b[1]'])

    def test_reads_own_gates_and_expressions(self) -> None:
        text = HEAD + 'gate g(x) a,b { rz(-x^2/2) a; cx a,b; } qreg q[2]; g(2*sin(pi/2)) q[1],q[0];'
        primitives = qasm.parse(text).primitives
        self.assertAlmostEqual(primitives[0].angles[2], -2)
        self.assertEqual(primitives[1].qubits, (1, 0))

    def test_refuses_what_it_does_not_know(self) -> None:
        for text in ('cx q[0],q[1];', 'qreg q[2]; foo q[0];', 'qreg q[1]; rx q[0];',
                     'qreg q[1]; @'):
            with self.subTest(text=text), self.assertRaises(qasm.QasmError):
                qasm.parse(HEAD + text)


class SetsTest(unittest.TestCase):
    def test_rule_of_the_nontrivial_set(self) -> None:
        row = {'circuit': 'qasmbench/x_n4.qasm', 'qubits': '30', 'cx_out': '10', 'note': ''}
        self.assertTrue(sets.is_nontrivial(row))
        for change in ({'qubits': '31'}, {'cx_out': '9'}, {'cx_out': ''}, {'note': 'dynamic'},
                       {'circuit': 'qasmbench/bv_n14.qasm'}, {'circuit': 'a/ghz_state_n23.qasm'},
                       {'circuit': 'a/cat_state_n22.qasm'}):
            self.assertFalse(sets.is_nontrivial(row | change), change)

    def test_sets_of_the_shared_data(self) -> None:
        data = sets.data_folder()
        if not data.is_dir():
            self.skipTest('no shared circuits (QUERCUS_SHARED)')
        rows = [r for r in sets.read_csv(data / 'qiskit_level3.csv') if sets.is_nontrivial(r)]
        self.assertEqual((len(rows), sum(int(r['cx_out']) for r in rows)), (64, 11990))
        for name, size in (('ten', 10), ('guoq', 7), ('nontrivial', 64)):
            files = sets.named(name).files
            self.assertEqual(len(files), size)
            self.assertEqual([f for f in files if not f.exists()], [])
        recorded = sets.recorded(data)
        self.assertEqual(recorded['bqskit 3']['tfim_n4'], (49, 185.0))
        self.assertEqual(recorded['guoq']['feynman/vbe_adder_3'], (41, None))
        self.assertEqual([len(recorded[f'bqskit {n}']) for n in (1, 2, 3)], [10, 10, 10])


def command() -> types.ModuleType:
    """tools/bench/compile as a module."""
    path = str(ROOT / 'tools' / 'bench' / 'compile')
    loader = importlib.machinery.SourceFileLoader('bench_compile_command', path)
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


class VerdictTest(unittest.TestCase):
    def test_ours_must_keep_its_bound(self) -> None:
        found = {'method': 'unitary', 'delta': 1e-8, 'd': 5e-17, 'delta_bound': 2e-8}
        self.assertIs(command().verdict(dict(found), mine=True), True)
        self.assertIs(command().verdict(found | {'delta_bound': 5e-9}, mine=True), False)
        self.assertIs(command().verdict(found | {'delta_bound': 5e-9}, mine=False), True)

    def test_wrong_and_unverified(self) -> None:
        far = {'method': 'unitary', 'delta': 0.1, 'd': 5e-3, 'delta_bound': 1.0}
        self.assertIs(command().verdict(dict(far), mine=True), False)
        self.assertIs(command().verdict(dict(far), mine=False), False)
        self.assertIs(command().verdict({'method': ''}, mine=True), None)
        self.assertIs(command().verdict({'method': 'structure'}, mine=False), False)

    def test_exit_code_is_for_wrong_or_missing_outputs_of_ours(self) -> None:
        module, run = command(), run_of(quercus_1=[4, 9], tket=[5, 8])
        results = [row['results'] for row in run['circuits']]
        self.assertTrue(module.ours_is_right(run))
        results[0]['tket'] = {'two_qubit': 1, 'correct': False}
        self.assertTrue(module.ours_is_right(run))
        for bad in ({'two_qubit': 1, 'correct': False}, {'error': 'x'}):
            results[1]['quercus 1'] = bad
            self.assertFalse(module.ours_is_right(run))

    def test_where_runs_differ_ours_is_judged_by_the_worst(self) -> None:
        module = command()
        checked = [{'two_qubit': 5, 'correct': True}, {'two_qubit': 7, 'correct': True}]
        outcomes = [module.runners.Outcome(seconds=s) for s in (1.0, 5.0, 2.0)]
        mine, peer = (module.summary(outcomes, checked, mine=m) for m in (True, False))
        self.assertEqual((mine['two_qubit'], peer['two_qubit'], peer['seconds']), (7, 5, 2.0))


def run_of(**counts: list[int]) -> report.Run:
    names = [name.replace('_', ' ') for name in counts]
    rows = [{'name': f'c{i}', 'qubits': 3, 'cx_in': 20,
             'results': {name: {'two_qubit': n, 'seconds': 2.0, 'correct': True, 'd': 0.0}
                         for name, n in zip(names, column)}}
            for i, column in enumerate(zip(*counts.values()))]
    return {'set': 'x', 'seed': None, 'circuits': rows, 'command': 'c', 'date': 'd', 'versions': {},
            'machine': {'cpu': 'p', 'cores': 2, 'memory_gib': 4, 'load': 0.0}}


class ReportTest(unittest.TestCase):
    def test_geometric_mean(self) -> None:
        self.assertAlmostEqual(report.geometric_mean([2, 8]), 4)
        self.assertAlmostEqual(report.geometric_mean([0, 4]), 2)  # no gate counts as one
        self.assertTrue(math.isnan(report.geometric_mean([])))

    def test_compares_with_the_better_peer(self) -> None:
        run = run_of(quercus_1=[4, 9], qiskit_3=[8, 8], tket=[16, 2])
        best = next(c for c in report.comparisons(run) if c.peer == report.BEST)
        self.assertAlmostEqual(best.ratio, 6 / 4)
        self.assertEqual((best.fewer, best.equal, best.more), (1, 0, ['c1']))

    def test_bqskit_is_compared_at_the_same_level(self) -> None:
        run = run_of(quercus_1=[4], quercus_2=[3], bqskit_1=[5], bqskit_2=[5])
        self.assertEqual([(c.mine, c.peer) for c in report.comparisons(run)],
                         [('quercus 1', 'bqskit 1'), ('quercus 2', 'bqskit 2')])

    def test_wrong_results_do_not_count(self) -> None:
        run = run_of(quercus_1=[4, 4], tket=[5, 1])
        run['circuits'][1]['results']['tket']['correct'] = False
        self.assertEqual(report.comparisons(run)[0].circuits, 1)

    def test_documentation_names_what_was_run(self) -> None:
        run = run_of(quercus_1=[4, 9], tket=[5, 8])
        text = report.docs([run | {'command': 'tools/bench/compile x', 'seed': 77}])
        for part in ('tools/bench/compile x', 'seed 77', '| c0 | 3 | 20 | 4 | 2.00 | 5 | 2.00 |',
                     'quercus 1 above tket: c1 9 > 8'):
            self.assertIn(part, text)


if __name__ == '__main__':
    unittest.main()

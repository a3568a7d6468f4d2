"""The circuits of a run, and the figures of other tools that were recorded with them."""

from __future__ import annotations

import csv
import dataclasses
import os
import pathlib
import re
import secrets
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[3]

TEN = ['qasmbench/adder_n4', 'qasmbench/qft_n4', 'qasmbench/fredkin_n3', 'qasmbench/variational_n4',
       'qasmbench/hhl_n7', 'qasmbench/qaoa_n6', 'qasmbench/vqe_n4', 'qasmbench/ising_n10',
       'qasmbench/qpe_n9', 'tfim_n4']
GUOQ = ['feynman/tof_5', 'feynman/barenco_tof_4', 'feynman/mod5_4', 'feynman/vbe_adder_3',
        'feynman/qft_4', 'qasmbench/fredkin_n3', 'qasmbench/sat_n7']
# For pipelines written by hand: ours and the peer's with the same passes.
IDIOM = ['qasmbench/adder_n4', 'qasmbench/fredkin_n3', 'qasmbench/qft_n4', 'qasmbench/qaoa_n6',
         'qasmbench/vqe_n4']
IDIOM_PIPELINE = ROOT / 'client' / 'examples' / 'partition_search_delete.json'
NAMED = ('ten', 'nontrivial', 'guoq', 'idiom', 'generated')
GENERATED_COUNT = 50


@dataclasses.dataclass
class CircuitSet:
    name: str
    files: list[pathlib.Path]
    folder: pathlib.Path          # names of circuits are relative to it
    seed: int | None = None       # of generated circuits

    def name_of(self, file: pathlib.Path) -> str:
        return str(file.relative_to(self.folder).with_suffix(''))


def data_folder() -> pathlib.Path:
    """Where the shared circuits are: $QUERCUS_SHARED, or `shared` beside the repository."""
    shared = os.environ.get('QUERCUS_SHARED')
    return (pathlib.Path(shared) if shared else ROOT.parent / 'shared') / 'data' / 'circuits'


def is_nontrivial(row: dict[str, str]) -> bool:
    """The rule: a row of qiskit_level3.csv that leaves a compiler something to do."""
    name = row['circuit'].rsplit('/', maxsplit=1)[-1]
    return (row['cx_out'] != '' and int(row['cx_out']) >= 10 and 'dynamic' not in row['note']
            and int(row['qubits']) <= 30 and not name.startswith(('ghz', 'cat', 'bv')))


def read_csv(file: pathlib.Path) -> list[dict[str, str]]:
    with file.open(newline='') as stream:
        return list(csv.DictReader(stream))


def nontrivial_names(data: pathlib.Path) -> list[str]:
    rows = read_csv(data / 'qiskit_level3.csv')
    return [row['circuit'].removesuffix('.qasm') for row in rows if is_nontrivial(row)]


def generated(generator: pathlib.Path, folder: pathlib.Path, seed: int | None) -> CircuitSet:
    seed = secrets.randbits(32) if seed is None else seed
    subprocess.run([generator, '--count', str(GENERATED_COUNT), '--seed', str(seed), folder],
                   check=True, stdout=subprocess.DEVNULL)
    # By number, so that the first ones are of all families.
    files = sorted(folder.glob('*.qasm'), key=lambda file: file.stem.split('_')[1])
    return CircuitSet('generated', files, folder, seed)


def named(name: str) -> CircuitSet:
    data = data_folder()
    if not data.is_dir():
        raise FileNotFoundError(f'no circuits in {data} (QUERCUS_SHARED)')
    names = {'ten': lambda: TEN, 'guoq': lambda: GUOQ, 'idiom': lambda: IDIOM,
             'nontrivial': lambda: nontrivial_names(data)}[name]()
    return CircuitSet(name, [data / f'{n}.qasm' for n in names], data)


def of_path(path: pathlib.Path) -> CircuitSet:
    if path.is_dir():
        return CircuitSet(path.name, sorted(path.rglob('*.qasm')), path)
    if not path.is_file():
        raise FileNotFoundError(f"{path.name}: no file, no folder, none of {', '.join(NAMED)}")
    return CircuitSet(path.stem, [path], path.parent)


# Recorded figures: {variant: {circuit: (two-qubit gates, seconds or None)}}.

Recorded = dict[str, dict[str, tuple[int, float | None]]]


def recorded(data: pathlib.Path) -> Recorded:
    """From the CSV files and the tables in the README beside the circuits."""
    text = (data / 'README.md').read_text()
    result = recorded_bqskit(text)
    result['guoq'] = recorded_guoq(text)
    for variant, file in (('qiskit 3', 'qiskit_level3.csv'), ('tket', 'tket_full_peephole.csv')):
        result[variant] = {row['circuit'].removesuffix('.qasm'): (int(row['cx_out']), None)
                           for row in read_csv(data / file) if row['cx_out']}
    return result


def recorded_bqskit(text: str) -> Recorded:
    result: Recorded = {}
    for name in TEN:
        label = 'tfim' if name == 'tfim_n4' else re.escape(name)
        row = re.search(rf'^\| {label}\b.*$', text, re.MULTILINE)
        cells = [cell.strip() for cell in row.group(0).split('|')[3:6]] if row else []
        for level, cell in enumerate(cells, 1):
            found = re.match(r'(\d+), ([\d.]+)', cell)
            if found:
                result.setdefault(f'bqskit {level}', {})[name] = (int(found[1]), float(found[2]))
    return result


def recorded_guoq(text: str) -> dict[str, tuple[int, float | None]]:
    found = {name: int(count) for name, count in re.findall(r'(\w+) \d+ -> (\d+)', text)}
    return {name: (found[stem], None) for name in GUOQ
            if (stem := name.rsplit('/', maxsplit=1)[-1]) in found}

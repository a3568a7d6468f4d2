"""Tables and figures from the rows of a run; the same for the terminal and for docs/benchmarks.md.

A run is the dict that --json stores: 'circuits' holds one row per circuit, whose 'results' maps a
variant ('quercus 1', 'bqskit 1', 'qiskit 3', 'tket', 'guoq') to {two_qubit, seconds, d, ...}.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Sequence

OUR_THRESHOLD = 1e-14      # to which our blocks are polished
PEER_THRESHOLD = 1e-8      # of BQSKit's synthesis, per block
BEST = 'better of qiskit 3 and tket'

Run = dict
Row = dict
Table = list[list[str]]


def geometric_mean(values: Iterable[float]) -> float:
    """A circuit without any two-qubit gate left counts as one gate. NaN of nothing."""
    logarithms = [math.log(max(value, 1)) for value in values]
    return math.exp(sum(logarithms) / len(logarithms)) if logarithms else math.nan


def variants(run: Run) -> list[str]:
    return list(dict.fromkeys(v for row in run['circuits'] for v in row['results']))


def ours(run: Run) -> list[str]:
    return [v for v in variants(run) if v.startswith('quercus')]


def count_of(row: Row, variant: str) -> int | None:
    if variant == BEST:
        counts = [count_of(row, v) for v in ('qiskit 3', 'tket')]
        return min((c for c in counts if c is not None), default=None)
    result = row['results'].get(variant, {})
    return None if result.get('correct') is False else result.get('two_qubit')


def seconds_of(row: Row, variant: str, key: str = 'seconds') -> float | None:
    return row['results'].get(variant, {}).get(key)


def references(run: Run, mine: str) -> list[str]:
    """What a variant of ours is compared with: of BQSKit only the same level."""
    found = [v for v in variants(run) if not v.startswith(('quercus', 'bqskit'))]
    same_level = 'bqskit ' + mine.rsplit(maxsplit=1)[-1]
    if same_level in variants(run):
        found.insert(0, same_level)
    return found + ([BEST] if {'qiskit 3', 'tket'} <= set(found) else [])


@dataclasses.dataclass
class Comparison:
    mine: str
    peer: str
    circuits: int
    ratio: float                   # of the geometric means of the two-qubit counts
    fewer: int
    equal: int
    more: list[str]                # circuits on which we have more
    speed: float | None            # their seconds over ours
    command_speed: float | None    # the same with the start of our command counted


def compare(rows: Sequence[Row], mine: str, peer: str) -> Comparison:
    pairs = [(row, a, b) for row in rows if (a := count_of(row, mine)) is not None
             and (b := count_of(row, peer)) is not None]
    ratio = geometric_mean(a for _, a, _ in pairs) / geometric_mean(b for _, _, b in pairs)
    return Comparison(mine, peer, len(pairs), ratio,
                      sum(a < b for _, a, b in pairs), sum(a == b for _, a, b in pairs),
                      [row['name'] for row, a, b in pairs if a > b],
                      speed(rows, mine, peer, 'seconds'),
                      speed(rows, mine, peer, 'command_seconds'))


def speed(rows: Sequence[Row], mine: str, peer: str, key: str) -> float | None:
    pairs = [(a, b) for row in rows if (a := seconds_of(row, mine, key)) is not None
             and (b := seconds_of(row, peer)) is not None]
    total = sum(a for a, _ in pairs)
    return sum(b for _, b in pairs) / total if total > 0 else None


def comparisons(run: Run, rows: Sequence[Row] | None = None) -> list[Comparison]:
    chosen = run['circuits'] if rows is None else rows
    found = [compare(chosen, mine, peer) for mine in ours(run) for peer in references(run, mine)]
    return [c for c in found if c.circuits > 0]


def families(run: Run) -> dict[str, list[Row]]:
    """By the file name up to the first underscore, for generated circuits."""
    result: dict[str, list[Row]] = {}
    for row in run['circuits']:
        result.setdefault(row['name'].split('_')[0], []).append(row)
    return result


# Tables: first row = heads, first column = left-aligned.

def mark(result: dict) -> str:
    """What a reader must know about a count: wrong, not verified, recorded earlier."""
    if result.get('recorded'):
        return '*'
    return {True: '', False: '!', None: '?'}[result.get('correct')]


def cell(result: dict | None) -> list[str]:
    if not result:
        return ['', '']
    if 'error' in result:
        return ['failed', '']
    seconds = result.get('seconds')
    return [f"{result['two_qubit']}{mark(result)}", '' if seconds is None else f'{seconds:.2f}']


def circuit_table(run: Run) -> Table:
    names = variants(run)
    table = [['circuit', 'qubits', 'cx in'] + [head for v in names for head in (v, 's')]]
    for row in run['circuits']:
        cells = [text for v in names for text in cell(row['results'].get(v))]
        table.append([row['name'], str(row['qubits']), str(row['cx_in'])] + cells)
    return table


def tool_table(run: Run) -> Table:
    table = [['tool', 'circuits', 'failed', 'verified', 'unverified', 'wrong', 'recorded', 'sum',
              'geo. mean', 'seconds', 'worst d', f'd <= {OUR_THRESHOLD:.0e}',
              f'd <= {PEER_THRESHOLD:.0e}']]
    for variant in variants(run):
        results = [r for row in run['circuits'] if (r := row['results'].get(variant))]
        done = [r for r in results if 'error' not in r]
        distances = [r['d'] for r in done if r.get('d') is not None]
        verdicts = [r.get('correct') for r in done if not r.get('recorded')]
        counts = [r['two_qubit'] for r in done]
        table.append([variant, str(len(results)), str(len(results) - len(done)),
                      str(verdicts.count(True)), str(verdicts.count(None)),
                      str(verdicts.count(False)), str(len(done) - len(verdicts)),
                      str(sum(counts)), f'{geometric_mean(counts):.2f}',
                      f"{sum(r.get('seconds') or 0 for r in done):.1f}",
                      f'{max(distances):.1e}' if distances else '',
                      str(sum(d <= OUR_THRESHOLD for d in distances)),
                      str(sum(d <= PEER_THRESHOLD for d in distances))])
    return table


def comparison_row(comparison: Comparison) -> list[str]:
    times = [f'{value:.1f}x' if value else '' for value in (comparison.speed,
                                                           comparison.command_speed)]
    return [comparison.mine, comparison.peer, str(comparison.circuits), f'{comparison.ratio:.3f}',
            str(comparison.fewer), str(comparison.equal), str(len(comparison.more)), *times]


def comparison_table(run: Run) -> Table:
    heads = ['ours', 'against', 'circuits', 'ratio', 'fewer', 'equal', 'more', 'faster',
             'with start']
    return [heads] + [comparison_row(c) for c in comparisons(run)]


def input_table(run: Run) -> Table:
    """What is left of the two-qubit gates of the inputs."""
    table = [['tool', 'circuits', 'of the input', 'average cut']]
    for variant in variants(run):
        shares = [c / row['cx_in'] for row in run['circuits']
                  if (c := count_of(row, variant)) is not None and row['cx_in'] > 0]
        if shares:
            logs = [math.log(max(share, 1e-9)) for share in shares]
            table.append([variant, str(len(shares)), f'{math.exp(sum(logs) / len(logs)):.3f}',
                          f'{1 - sum(shares) / len(shares):.1%}'])
    return table


def family_table(run: Run) -> Table:
    table = [['family', 'ours', 'against', 'circuits', 'ratio', 'fewer', 'equal', 'more', 'faster',
              'with start']]
    for name, rows in families(run).items():
        table += [[name] + comparison_row(c) for c in comparisons(run, rows)]
    return table


def sections(run: Run) -> list[tuple[str, Table]]:
    found = [('', circuit_table(run)), ('Tools', tool_table(run)), ('Left of the input',
                                                                    input_table(run))]
    if comparisons(run):
        found.append(('Ours against peers', comparison_table(run)))
        if run['set'] == 'generated':
            found.append(('By family', family_table(run)))
    return found


def losses(run: Run) -> list[str]:
    """One line per comparison in which we have more gates somewhere."""
    lines = []
    for c in comparisons(run):
        if c.more:
            counts = {row['name']: row for row in run['circuits']}
            shown = [f"{name} {count_of(counts[name], c.mine)} > {count_of(counts[name], c.peer)}"
                     for name in c.more]
            lines.append(f"{c.mine} above {c.peer}: {', '.join(shown)}")
    return lines


def troubles(run: Run) -> list[str]:
    """What failed, was wrong or could not be verified, and why."""
    lines = []
    for variant in variants(run):
        by_reason: dict[str, list[str]] = {}
        for row in run['circuits']:
            result = row['results'].get(variant, {})
            reason = result.get('error') or result.get('reason')
            if reason and not result.get('recorded'):
                what = 'failed' if 'error' in result else \
                    'WRONG' if result['correct'] is False else 'not verified'
                by_reason.setdefault(f'{what}, {reason}', []).append(row['name'])
        lines += [f"{variant}: {why}: {', '.join(names)}" for why, names in by_reason.items()]
    return lines


NOTES = ('Two-qubit gates; s: seconds from handing over a circuit to having the result, runtimes '
         'already started (with start: our whole command, its start included). ! wrong, ? not '
         'verified, * recorded earlier. d = 1 - |Tr(U^dagger V)|/N, from states above 10 qubits.')


def as_text(table: Table) -> str:
    widths = [max(len(row[i]) for row in table) for i in range(len(table[0]))]
    return '\n'.join('  '.join(text.ljust(w) if i == 0 else text.rjust(w)
                               for i, (text, w) in enumerate(zip(row, widths))).rstrip()
                     for row in table)


def as_markdown(table: Table) -> str:
    heads, *rows = ['| ' + ' | '.join(row) + ' |' for row in table]
    ruler = '|---|' + '--:|' * (len(table[0]) - 1)
    return '\n'.join([heads, ruler, *rows])


def print_run(run: Run) -> None:
    for title, table in sections(run):
        print(f'\n{title}\n{as_text(table)}' if title else f'\n{as_text(table)}')
    print()
    for line in losses(run) + troubles(run):
        print(line)
    print(f'\n{NOTES}')


def docs(runs: Sequence[Run]) -> str:
    """docs/benchmarks.md."""
    parts = ['# Benchmarks: compilation',
             'Written by `tools/bench/compile --write-docs`; do not edit.', NOTES]
    for run in runs:
        seed = f", seed {run['seed']}" if run.get('seed') is not None else ''
        versions = ', '.join(f'{name} {version}' for name, version in run['versions'].items())
        machine = run['machine']
        parts += [f"## {run['set']}: {len(run['circuits'])} circuits{seed}",
                  f"    {run['command']}",
                  f"{run['date']}; {machine['cpu']}, {machine['cores']} cores used, "
                  f"{machine['memory_gib']} GiB, load {machine['load']:.1f} at the start; "
                  f'{versions}.']
        for title, table in sections(run):
            parts += ([f'### {title}'] if title else []) + [as_markdown(table)]
        lines = losses(run) + troubles(run)
        if lines:
            parts.append('\n'.join(f'- {line}' for line in lines))
    return '\n\n'.join(parts) + '\n'

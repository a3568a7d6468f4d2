#!/usr/bin/env python3
"""Prints a Qiskit Target as a Quercus machine model (docs/machine_model.schema.json).

    tools/qiskit_target.py MODULE:EXPRESSION > model.json
    tools/qiskit_target.py qiskit.providers.fake_provider:GenericBackendV2(5,seed=1)

EXPRESSION is evaluated in MODULE and gives a Target or a backend that has one. Needs qiskit (2.x) in
the Python that runs it. Gates on three or more qubits and classical instructions are left out, and
so is what Quercus does not know, with a line on the standard error stream.
"""

import importlib
import json
import math
import sys

# Qiskit's name -> ours, where they differ. Parameterised gates with a fixed angle are unknown.
NAMES = {'id': 'id', 'prx': 'r', 'siswap': 'sqisw', 'phase': 'p'}
KNOWN = {'id', 'x', 'y', 'z', 'h', 's', 'sdg', 't', 'tdg', 'sx', 'sxdg', 'rx', 'ry', 'rz', 'p', 'u1',
         'u2', 'u3', 'u', 'r', 'cx', 'cy', 'cz', 'ch', 'cs', 'csdg', 'csx', 'swap', 'iswap', 'sqisw',
         'ecr', 'dcx', 'crx', 'cry', 'crz', 'cp', 'cu1', 'cu3', 'rxx', 'ryy', 'rzz', 'rzx'}


def is_known(value):
    return value is not None and math.isfinite(value)


def calibration(properties):
    out = {}
    if properties is not None and is_known(properties.error):
        out['error'] = min(1.0, max(0.0, float(properties.error)))
    if properties is not None and is_known(properties.duration):
        out['duration_ns'] = float(properties.duration) * 1e9
    return out


def known_names(target):
    """Qiskit's operation names that we keep -> ours."""
    names = {}
    for name in target.operation_names:
        ours = NAMES.get(name, name)
        width = getattr(target.operation_from_name(name), 'num_qubits', None)
        if ours in KNOWN and width in (1, 2):
            names[name] = ours
        elif name not in ('measure', 'reset', 'barrier', 'delay'):
            print(f'left out: {name}', file=sys.stderr)
    return names


def add_qubits(model, target, names):
    """One-qubit gates and, per qubit, the worst of them that takes time, and readout."""
    qubits = [{'qubit': q} for q in range(target.num_qubits)]
    for name, ours in names.items():
        if target.operation_from_name(name).num_qubits != 1:
            continue
        model['one_qubit_gates'].append(ours)
        for where, properties in (target[name] or {}).items():
            for key, value in calibration(properties).items():
                if where is not None:
                    entry = qubits[where[0]]
                    entry[key] = max(entry.get(key, 0.0), value)
    if 'measure' in target.operation_names:
        for where, properties in (target['measure'] or {}).items():
            if where is not None and 'error' in calibration(properties):
                qubits[where[0]]['readout_error'] = calibration(properties)['error']
    model['qubits'] = [entry for entry in qubits if len(entry) > 1]


def add_edges(model, target, names):
    """A pair that is listed in both directions with equal gates is one undirected edge."""
    edges = {}
    for name, ours in names.items():
        if target.operation_from_name(name).num_qubits != 2:
            continue
        model['two_qubit_gates'].append(ours)
        places = target[name] or {}
        if None in places:  # on any pair
            places = {(a, b): None for a in range(target.num_qubits)
                      for b in range(target.num_qubits) if a != b}
        for where, properties in places.items():
            edges.setdefault(tuple(where), []).append({'gate': ours, **calibration(properties)})
    for (a, b), gates in sorted(edges.items()):
        other = edges.get((b, a))
        if other == gates and a > b:
            continue
        model['edges'].append({'qubits': [a, b], 'directed': other != gates, 'gates': gates})


def model_of(target, name):
    model = {'name': name, 'num_qubits': target.num_qubits, 'one_qubit_gates': [],
             'two_qubit_gates': [], 'edges': []}
    names = known_names(target)
    add_qubits(model, target, names)
    add_edges(model, target, names)
    return model


def main(arguments):
    if len(arguments) != 1 or ':' not in arguments[0]:
        sys.exit(__doc__)
    module, expression = arguments[0].split(':', 1)
    found = eval(expression, vars(importlib.import_module(module)))  # the user's own expression
    target = getattr(found, 'target', found)
    print(json.dumps(model_of(target, str(getattr(found, 'name', None) or expression)), indent=1))


if __name__ == '__main__':
    main(sys.argv[1:])

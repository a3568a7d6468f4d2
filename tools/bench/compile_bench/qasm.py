"""Reads OpenQASM 2 for the verification, independently of the C++ reader.

Every gate is expanded down to the two built-in ones, U and CX, by the definitions of qelib1.inc
given below. Global phases are lost on the way, which the comparisons ignore anyhow.
"""

from __future__ import annotations

import dataclasses
import functools
import math
import pathlib
import re
from collections.abc import Callable

# The standard gates in terms of U and CX.
PRELUDE = """
gate u3(t,p,l) q { U(t,p,l) q; }        gate u(t,p,l) q { U(t,p,l) q; }
gate u2(p,l) q { U(pi/2,p,l) q; }       gate u1(l) q { U(0,0,l) q; }
gate p(l) q { U(0,0,l) q; }             gate u0(g) q { }
gate id q { }                           gate cx c,t { CX c,t; }
gate x q { U(pi,0,pi) q; }              gate y q { U(pi,pi/2,pi/2) q; }
gate z q { U(0,0,pi) q; }               gate h q { U(pi/2,0,pi) q; }
gate s q { U(0,0,pi/2) q; }             gate sdg q { U(0,0,-pi/2) q; }
gate t q { U(0,0,pi/4) q; }             gate tdg q { U(0,0,-pi/4) q; }
gate rx(t) q { U(t,-pi/2,pi/2) q; }     gate ry(t) q { U(t,0,0) q; }
gate rz(l) q { U(0,0,l) q; }            gate sx q { U(pi/2,-pi/2,pi/2) q; }
gate sxdg q { U(-pi/2,-pi/2,pi/2) q; }  gate swap a,b { CX a,b; CX b,a; CX a,b; }
gate cz a,b { h b; CX a,b; h b; }       gate cy a,b { sdg b; CX a,b; s b; }
gate ch a,b { ry(-pi/4) b; cz a,b; ry(pi/4) b; }
gate ccx a,b,c { h c; CX b,c; tdg c; CX a,c; t c; CX b,c; tdg c; CX a,c; t b; t c; h c;
  CX a,b; t a; tdg b; CX a,b; }
gate ccz a,b,c { h c; ccx a,b,c; h c; }
gate cswap a,b,c { CX c,b; ccx a,b,c; CX c,b; }
gate crx(t) a,b { h b; crz(t) a,b; h b; }
gate cry(t) a,b { ry(t/2) b; CX a,b; ry(-t/2) b; CX a,b; }
gate crz(l) a,b { rz(l/2) b; CX a,b; rz(-l/2) b; CX a,b; }
gate cu1(l) a,b { u1(l/2) a; CX a,b; u1(-l/2) b; CX a,b; u1(l/2) b; }
gate cp(l) a,b { cu1(l) a,b; }
gate cu3(t,p,l) c,q { u1((l+p)/2) c; u1((l-p)/2) q; CX c,q; U(-t/2,0,-(p+l)/2) q; CX c,q;
  U(t/2,p,0) q; }
gate cu(t,p,l,g) c,q { u1(g) c; cu3(t,p,l) c,q; }
gate csx a,b { h b; cu1(pi/2) a,b; h b; }
gate rzz(t) a,b { CX a,b; u1(t) b; CX a,b; }
gate rxx(t) a,b { h a; h b; rzz(t) a,b; h a; h b; }
gate ryy(t) a,b { rx(pi/2) a; rx(pi/2) b; rzz(t) a,b; rx(-pi/2) a; rx(-pi/2) b; }
gate iswap a,b { s a; s b; h a; CX a,b; CX b,a; h b; }
"""

TOKEN = re.compile(r'\s+|//[^\n]*|("[^"]*"|->|==|\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?'
                   r'|[A-Za-z_][A-Za-z0-9_]*|[-+*/^()\[\]{},;])')
FUNCTIONS: dict[str, Callable[[float], float]] = {
    'sin': math.sin, 'cos': math.cos, 'tan': math.tan, 'exp': math.exp, 'ln': math.log,
    'sqrt': math.sqrt}

Expression = Callable[[dict[str, float]], float]


class QasmError(ValueError):
    """The text is no OpenQASM 2 that this reader knows."""


@dataclasses.dataclass(frozen=True)
class Primitive:
    """U(angles) on one qubit; or, without angles, CX on (control, target); or a measurement."""
    qubits: tuple[int, ...]
    angles: tuple[float, ...] = ()
    bit: str = ''  # of a measurement


@dataclasses.dataclass(frozen=True)
class Call:
    """A gate as it is written in the file, after broadcasting over registers."""
    name: str
    qubits: tuple[int, ...]


@dataclasses.dataclass
class Circuit:
    qubit_names: list[str] = dataclasses.field(default_factory=list)
    num_deferred: int = 0  # the last qubits, see defer_measurements
    calls: list[Call] = dataclasses.field(default_factory=list)
    primitives: list[Primitive] = dataclasses.field(default_factory=list)
    measures: list[tuple[int, str]] = dataclasses.field(default_factory=list)  # qubit, bit
    dynamic: bool = False  # resets or conditions

    @property
    def num_qubits(self) -> int:
        return len(self.qubit_names)

    def cx_count(self) -> int:
        """CX after expanding every gate by its standard definition."""
        return sum(len(p.qubits) == 2 for p in self.primitives) - self.num_deferred

    def two_qubit_count(self) -> int:
        """Gates on two qubits; on circuits with wider gates the expanded count."""
        if any(len(call.qubits) > 2 for call in self.calls):
            return self.cx_count()
        return sum(len(call.qubits) == 2 for call in self.calls)

    def gate_names(self) -> set[str]:
        return {call.name for call in self.calls}


@dataclasses.dataclass
class Gate:
    parameters: list[str]
    qubits: list[str]
    body: list[tuple[str, list[Expression], list[str]]]


class Parser:
    def __init__(self, text: str, gates: dict[str, Gate]):
        self.tokens = tokenize(text)
        self.at = 0
        self.gates = dict(gates)
        self.registers: dict[str, range] = {}
        self.bits: dict[str, int] = {}
        self.circuit = Circuit()

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ''

    def take(self, expected: str | None = None) -> str:
        token = self.peek()
        if not token or (expected is not None and token != expected):
            raise QasmError(f"expected {expected or 'more'}, found {token or 'the end'!r}")
        self.at += 1
        return token

    def accept(self, token: str) -> bool:
        if self.peek() != token:
            return False
        self.at += 1
        return True

    # Expressions, by descent; powers bind tighter than signs.

    def expression(self) -> Expression:
        left = self.term()
        while self.peek() in ('+', '-'):
            left = binary(self.take(), left, self.term())
        return left

    def term(self) -> Expression:
        left = self.factor()
        while self.peek() in ('*', '/'):
            left = binary(self.take(), left, self.factor())
        return left

    def factor(self) -> Expression:
        if self.accept('-'):
            inner = self.factor()
            return lambda names: -inner(names)
        if self.accept('+'):
            return self.factor()
        base = self.atom()
        return binary('^', base, self.factor()) if self.accept('^') else base

    def atom(self) -> Expression:
        token = self.take()
        if token == '(':
            inner = self.expression()
            self.take(')')
            return inner
        if token == 'pi':
            return lambda names: math.pi
        if token in FUNCTIONS:
            self.take('(')
            inner = self.expression()
            self.take(')')
            return lambda names: FUNCTIONS[token](inner(names))
        if token[0].isdigit() or token[0] == '.':
            value = float(token)
            return lambda names: value
        return lambda names: names[token]

    def expressions(self) -> list[Expression]:
        values: list[Expression] = []
        if self.accept('('):
            while not self.accept(')'):
                values.append(self.expression())
                self.accept(',')
        return values

    def names(self, end: str) -> list[str]:
        names = []
        while not self.accept(end):
            names.append(self.take())
            self.accept(',')
        return names

    # Statements.

    def gate_definition(self) -> None:
        name = self.take()
        parameters = self.names(')') if self.accept('(') else []
        gate = Gate(parameters, self.names('{'), [])
        while not self.accept('}'):
            inner = self.take()
            arguments = self.expressions()
            operands = self.names(';')
            if inner != 'barrier':
                gate.body.append((inner, arguments, operands))
        self.gates[name] = gate

    def register(self, kind: str) -> None:
        name = self.take()
        self.take('[')
        size = int(self.take())
        self.take(']')
        self.take(';')
        if kind == 'creg':
            self.bits[name] = size
            return
        start = self.circuit.num_qubits
        self.registers[name] = range(start, start + size)
        self.circuit.qubit_names += [f'{name}[{i}]' for i in range(size)]

    def operand(self) -> list[int]:
        name = self.take()
        if name not in self.registers:
            raise QasmError(f'{name!r} is no quantum register')
        qubits = self.registers[name]
        if self.accept('['):
            index = int(self.take())
            self.take(']')
            return [qubits[index]]
        return list(qubits)

    def operands(self) -> list[list[int]]:
        result = [self.operand()]
        while self.accept(','):
            result.append(self.operand())
        self.take(';')
        return result

    def measure(self) -> None:
        qubits = self.operand()
        self.take('->')
        bit = self.take()
        if self.accept('['):
            found = [(qubits[0], f'{bit}[{self.take()}]')]
            self.take(']')
        else:
            found = [(q, f'{bit}[{i}]') for i, q in enumerate(qubits)]
        self.take(';')
        self.circuit.measures += found
        self.circuit.primitives += [Primitive((q,), bit=name) for q, name in found]

    def call(self, name: str) -> None:
        angles = [value({}) for value in self.expressions()]
        operands = self.operands()
        repeats = max(len(operand) for operand in operands)
        for i in range(repeats):
            qubits = tuple(o[i] if len(o) > 1 or repeats == 1 else o[0] for o in operands)
            if name != 'id':
                self.circuit.calls.append(Call(name, qubits))
            self.expand(name, angles, qubits)

    def expand(self, name: str, angles: list[float], qubits: tuple[int, ...]) -> None:
        if name in ('U', 'CX'):
            self.circuit.primitives.append(Primitive(qubits, tuple(angles)))
            return
        gate = self.gates.get(name)
        if gate is None or len(gate.qubits) != len(qubits) or len(gate.parameters) != len(angles):
            raise QasmError(f'gate {name!r} is unknown or used with other operands')
        values = dict(zip(gate.parameters, angles))
        wires = dict(zip(gate.qubits, qubits))
        for inner, arguments, operands in gate.body:
            self.expand(inner, [a(values) for a in arguments], tuple(wires[o] for o in operands))

    def statement(self) -> None:
        word = self.take()
        if word in ('OPENQASM', 'include'):
            self.names(';')
        elif word == 'gate':
            self.gate_definition()
        elif word in ('qreg', 'creg'):
            self.register(word)
        elif word == 'barrier':
            self.names(';')
        elif word == 'measure':
            self.measure()
        elif word in ('reset', 'if'):
            self.circuit.dynamic = True
            self.names(';')
        else:
            self.call(word)

    def run(self) -> Circuit:
        while self.peek():
            self.statement()
        defer_measurements(self.circuit)
        return self.circuit


def defer_measurements(circuit: Circuit) -> None:
    """Drops measurements at the end; the others become CX onto one more qubit each."""
    used_later: set[int] = set()
    reversed_primitives = []
    middle = []
    for primitive in reversed(circuit.primitives):
        qubit = primitive.qubits[0]
        if primitive.bit and qubit in used_later:
            middle.append((primitive.bit, len(middle)))
            reversed_primitives.append(primitive)
        elif not primitive.bit:
            reversed_primitives.append(primitive)
            used_later.update(primitive.qubits)
    wire = {k: circuit.num_qubits + i for i, (_, k) in enumerate(sorted(middle))}
    circuit.qubit_names += [f'outcome of {bit}' for bit, _ in sorted(middle)]
    circuit.num_deferred = len(middle)
    seen = iter(range(len(middle)))
    circuit.primitives = [Primitive((p.qubits[0], wire[next(seen)])) if p.bit else p
                          for p in reversed_primitives][::-1]


def binary(operator: str, left: Expression, right: Expression) -> Expression:
    if operator == '+':
        return lambda names: left(names) + right(names)
    if operator == '-':
        return lambda names: left(names) - right(names)
    if operator == '*':
        return lambda names: left(names) * right(names)
    if operator == '/':
        return lambda names: left(names) / right(names)
    return lambda names: left(names) ** right(names)


def tokenize(text: str) -> list[str]:
    tokens, at = [], 0
    while at < len(text):
        match = TOKEN.match(text, at)
        if not match:
            raise QasmError(f'unexpected character {text[at]!r}')
        if match.group(1):
            tokens.append(match.group(1))
        at = match.end()
    return tokens


@functools.cache
def standard_gates() -> dict[str, Gate]:
    parser = Parser(PRELUDE, {})
    parser.run()
    return parser.gates


def parse(text: str) -> Circuit:
    return Parser(text, standard_gates()).run()


def read(path: pathlib.Path) -> Circuit:
    return parse(path.read_text())

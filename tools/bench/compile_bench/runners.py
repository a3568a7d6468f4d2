"""Runs Quercus and the peers as subprocesses, one circuit at a time."""

from __future__ import annotations

import dataclasses
import json
import os
import pathlib
import selectors
import signal
import subprocess
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent


@dataclasses.dataclass
class Outcome:
    """What one run of one tool gave; error is empty on success."""
    error: str = ''
    unsupported: bool = False       # this build does not know the level
    seconds: float = 0.0
    command_seconds: float = 0.0    # ours only: the whole command, its start included
    delta_bound: float | None = None
    initial: list[int] | None = None
    final: list[int] | None = None
    moved: dict[str, str] | None = None  # where qubits end, by name


class LineProcess:
    """A subprocess that answers one line per request; started anew after a timeout."""

    def __init__(self, command: list[str], prefix: str = ''):
        self.command = command
        self.prefix = prefix.encode()
        self.process: subprocess.Popen[bytes] | None = None
        self.received = b''

    def start(self) -> subprocess.Popen[bytes]:
        if self.process is None or self.process.poll() is not None:
            self.received = b''
            self.process = subprocess.Popen(
                self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL, start_new_session=True, bufsize=0)
        return self.process

    def ask(self, request: dict, timeout: float) -> dict:
        process = self.start()
        assert process.stdin
        deadline = time.monotonic() + timeout
        try:
            process.stdin.write(json.dumps(request).encode() + b'\n')
            while (line := self.read_line(process, deadline)) is not None:
                if line.startswith(self.prefix):
                    return json.loads(line.removeprefix(self.prefix))
        except (BrokenPipeError, EOFError):
            return {'error': f'ended with code {process.wait()}'}
        self.stop()
        return {'error': f'no result within {timeout:.0f} s'}

    def read_line(self, process: subprocess.Popen[bytes], deadline: float) -> bytes | None:
        """The next line; None when the deadline passes first."""
        assert process.stdout
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            while b'\n' not in self.received:
                if not selector.select(max(0.0, deadline - time.monotonic())):
                    return None
                piece = os.read(process.stdout.fileno(), 1 << 16)
                if not piece:
                    raise EOFError
                self.received += piece
        line, self.received = self.received.split(b'\n', maxsplit=1)
        return line

    def stop(self) -> None:
        if self.process is None:
            return
        assert self.process.stdin
        self.process.stdin.close()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            pass
        try:
            os.killpg(self.process.pid, signal.SIGKILL)  # what it may have left running
        except ProcessLookupError:
            pass
        self.process.wait()


class Peer:
    """One peer at one level, in a process that stays between circuits."""

    def __init__(self, variant: str, arguments: list[str], python: pathlib.Path, timeout: float):
        self.variant = variant
        self.timeout = timeout
        self.lines = LineProcess([str(python), str(HERE / 'peer.py'), *arguments], 'ANSWER ')

    def run(self, source: pathlib.Path, target: pathlib.Path) -> Outcome:
        answer = self.lines.ask({'input': str(source), 'output': str(target)}, self.timeout)
        return Outcome(**answer)

    def stop(self) -> None:
        self.lines.stop()


@dataclasses.dataclass
class Quercus:
    """Our command line at one level, attached with `workers` workers or on a server."""
    variant: str
    program: pathlib.Path
    level: int
    workers: int
    server: str | None
    time_budget: str | None
    timeout: float
    pipeline: pathlib.Path | None = None  # instead of the level

    def command(self, source: pathlib.Path, target: pathlib.Path) -> list[str]:
        command = [str(self.program), '--json']
        command += ['--server', self.server] if self.server else []
        command += ['compile', str(source), '-o', str(target), '--seed', '1']
        command += ['--pipeline', str(self.pipeline)] if self.pipeline else ['--level',
                                                                              str(self.level)]
        command += [] if self.server else ['--workers', str(self.workers)]
        return command + (['--time-budget', self.time_budget] if self.time_budget else [])

    def run(self, source: pathlib.Path, target: pathlib.Path) -> Outcome:
        if self.server:
            self.clear_cache()
        with tempfile.TemporaryDirectory() as empty:  # nothing found from an earlier run
            environment = os.environ | {'XDG_CACHE_HOME': empty, 'XDG_STATE_HOME': empty}
            start = time.perf_counter()
            try:
                done = subprocess.run(self.command(source, target), env=environment,
                                      capture_output=True, text=True, timeout=self.timeout)
            except subprocess.TimeoutExpired:
                return Outcome(f'no result within {self.timeout:.0f} s')
            return self.outcome(done, time.perf_counter() - start)

    def outcome(self, done: subprocess.CompletedProcess[str], seconds: float) -> Outcome:
        try:
            answer = json.loads(done.stdout)
        except json.JSONDecodeError:
            return Outcome(f'exit code {done.returncode}: {done.stderr.strip()[-200:]}')
        if done.returncode != 0:
            message = answer.get('error', {}).get('message', done.stderr.strip()[-200:])
            unsupported = done.returncode == 2 and ('level' in message or 'budget' in message)
            return Outcome(message, unsupported)
        return Outcome(seconds=answer['job'].get('seconds', seconds), command_seconds=seconds,
                       delta_bound=answer.get('delta_bound'), initial=answer.get('initial_mapping'),
                       final=answer.get('final_mapping'))

    def clear_cache(self) -> None:
        """Servers without a cache refuse the command, which is as good."""
        subprocess.run([str(self.program), '--server', str(self.server), 'cache', 'clear'],
                       capture_output=True, check=False)

    def stop(self) -> None:
        pass


def peer_arguments(variant: str, workers: int, guoq_seconds: int) -> list[str]:
    """'bqskit 2' -> the arguments of peer.py."""
    tool, _, level = variant.partition(' ')
    return ['wisq' if tool == 'guoq' else tool, level or '0', str(workers), str(guoq_seconds)]


def installed_versions(python: pathlib.Path) -> dict[str, str]:
    script = ('import importlib.metadata as m, json\n'
              'found = {}\n'
              'for n in ("bqskit", "qiskit", "pytket", "openqudit", "wisq", "numpy"):\n'
              '    try: found[n] = m.version(n)\n'
              '    except m.PackageNotFoundError: pass\n'
              'print(json.dumps(found))')
    done = subprocess.run([str(python), '-c', script], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)

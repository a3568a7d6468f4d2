#!/usr/bin/env python3
"""The same job over three network namespaces with 5 ms of delay on each link, with connections allowed in
one direction only: first parents dial children, then children dial parents. One input and one result of
5 MB come back unchanged, and a compiled circuit has the same bytes both ways and in attached mode.

Server and client live in one namespace, the manager in the second, the rank in the third. The links are
pairs of TUN devices joined by this process, which holds every packet for 5 ms (not every kernel has
netem). Needs root, `ip`, `nft` and /dev/net/tun; exits 4 (skipped) without them.

usage: netns_test.py BIN_DIR CIRCUIT.qasm
"""
import collections
import fcntl
import os
import pathlib
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time

DELAY_S = 0.005
SKIPPED = 4


def skip(reason):
    print("skipped:", reason)
    sys.exit(SKIPPED)


def run(*words, **options):
    return subprocess.run(list(map(str, words)), check=True, capture_output=True, text=True, **options)


class Namespace:
    def __init__(self, name):
        self.name = f"quercus-{os.getpid()}-{name}"
        run("ip", "netns", "add", self.name)
        run("ip", "-n", self.name, "link", "set", "lo", "up")

    def tun(self, device, address, peer):
        """A TUN device in this namespace; returns its file descriptor."""
        own = os.open("/proc/self/ns/net", os.O_RDONLY)
        there = os.open(f"/var/run/netns/{self.name}", os.O_RDONLY)
        libc_setns(there)
        try:
            fd = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
            fcntl.ioctl(fd, 0x400454CA, struct.pack("16sH", device.encode(), 0x1001))
        finally:
            libc_setns(own)
            os.close(own)
            os.close(there)
        run("ip", "-n", self.name, "addr", "add", f"{address}/32", "peer", peer, "dev", device)
        run("ip", "-n", self.name, "link", "set", device, "mtu", "9000", "up")
        return fd

    def refuse_connections_from(self, address):
        """Drops connection attempts, not the packets of established connections."""
        for line in ("add table inet q", "add chain inet q in { type filter hook input priority 0; }",
                     f"add rule inet q in ip saddr {address} tcp flags & (syn|ack) == syn drop"):
            run("ip", "netns", "exec", self.name, "nft", line)

    def command(self, *words):
        return ["ip", "netns", "exec", self.name, *map(str, words)]

    def remove(self):
        subprocess.run(["ip", "netns", "del", self.name], check=False)


def libc_setns(fd):
    import ctypes
    if ctypes.CDLL(None, use_errno=True).setns(fd, 0x40000000) != 0:
        raise OSError(ctypes.get_errno(), "setns")


def forward(pairs, stopped):
    """Passes packets between the two ends of each pair after DELAY_S."""
    other = {a: b for pair in pairs for a, b in (pair, pair[::-1])}
    waiting = collections.deque()
    while not stopped.is_set():
        pause = max(0.0, waiting[0][0] - time.monotonic()) if waiting else 0.05
        readable, _, _ = select.select(list(other), [], [], min(pause, 0.05))
        now = time.monotonic()
        for fd in readable:
            for _ in range(64):
                try:
                    waiting.append((now + DELAY_S, other[fd], os.read(fd, 65536)))
                except BlockingIOError:
                    break
        while waiting and waiting[0][0] <= time.monotonic():
            _, fd, packet = waiting.popleft()
            try:
                os.write(fd, packet)
            except OSError:
                pass  # a full queue drops packets, as networks do


class Network:
    def __init__(self):
        self.fds, self.thread, self.stopped = [], None, threading.Event()
        self.server, self.manager, self.rank = (Namespace(n) for n in "smw")
        pairs = [(self.server.tun("upper", "10.78.1.1", "10.78.1.2"),
                  self.manager.tun("upper", "10.78.1.2", "10.78.1.1")),
                 (self.manager.tun("lower", "10.78.2.1", "10.78.2.2"),
                  self.rank.tun("lower", "10.78.2.2", "10.78.2.1"))]
        self.fds = [fd for pair in pairs for fd in pair]
        self.thread = threading.Thread(target=forward, args=(pairs, self.stopped))
        self.thread.start()

    def close(self):
        self.stopped.set()
        self.thread.join()
        for fd in self.fds:
            os.close(fd)
        for namespace in (self.server, self.manager, self.rank):
            namespace.remove()


class Tree:
    def __init__(self, bin_dir, folder, network, parents_dial):
        self.bin, self.folder, self.processes = bin_dir, folder, []
        if parents_dial:
            network.server.refuse_connections_from("10.78.1.2")
            network.manager.refuse_connections_from("10.78.2.2")
            self.start(network.rank, "quercus-worker", 1, "--listen", "10.78.2.2:7473")
            self.start(network.manager, "quercus-manager", "-m", "10.78.2.2:7473",
                       "--bind", "10.78.1.2")
            self.start(network.server, "quercus-server", "10.78.1.2", "--state-dir", folder / "state")
        else:
            network.manager.refuse_connections_from("10.78.1.1")
            network.rank.refuse_connections_from("10.78.2.1")
            self.start(network.server, "quercus-server", "--bind", "10.78.1.1",
                       "--state-dir", folder / "state")
            self.start(network.manager, "quercus-manager", "-x", "--bind", "10.78.2.1",
                       "--join", "10.78.1.1:7472")
            self.start(network.rank, "quercus-worker", 1, "--join", "10.78.2.1")
        self.client = network.server.command(
            bin_dir / "quercus", "--server", "127.0.0.1" if parents_dial else "10.78.1.1")
        run(*self.client, "server", "wait", "--workers", 1, "--timeout", 30)

    def start(self, namespace, program, *arguments):
        log = open(self.folder / f"{program}.log", "w")
        self.processes.append(subprocess.Popen(
            namespace.command(self.bin / program, *arguments, "-v"), stdout=log, stderr=log))

    def stop(self):
        # The server's process is the namespace tool's exec'ed successor: the same pid.
        for process in self.processes:
            if "quercus-server" in str(process.args):
                process.send_signal(signal.SIGINT)
        codes = []
        for process in self.processes:
            try:
                codes.append(process.wait(15))
            except subprocess.TimeoutExpired:
                process.kill()
                codes.append("did not stop")
        if any(codes):
            sys.exit(f"exit codes after SIGINT to the server: {codes}")


def run_case(bin_dir, circuit, folder, parents_dial):
    network = Network()
    tree = None
    try:
        tree = Tree(bin_dir, folder, network, parents_dial)
        large = folder / "large.in"
        large.write_bytes(os.urandom(5_000_000))
        start = time.monotonic()
        run(*tree.client, "run", "echo", "--input-file", large, "-o", folder / "large.out")
        seconds = time.monotonic() - start
        if (folder / "large.out").read_bytes() != large.read_bytes():
            sys.exit("the 5 MB result differs from the 5 MB input")
        run(*tree.client, "compile", circuit, "-o", folder / "out.qasm", "--seed", 7)
        print(f"{'parents' if parents_dial else 'children'} dial: 5 MB there and back in "
              f"{seconds:.2f} s, circuit compiled")
        return (folder / "out.qasm").read_bytes()
    finally:
        if tree is not None:
            tree.stop()
        network.close()


def main():
    bin_dir, circuit = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
    if os.geteuid() != 0:
        skip("needs root")
    for tool in ("ip", "nft"):
        if shutil.which(tool) is None:
            skip(f"needs {tool}")
    if not os.path.exists("/dev/net/tun"):
        skip("needs /dev/net/tun")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        run(bin_dir / "quercus", "compile", circuit, "-o", folder / "attached.qasm", "--seed", 7)
        expected = (folder / "attached.qasm").read_bytes()
        for parents_dial in (True, False):
            if run_case(bin_dir, circuit, folder, parents_dial) != expected:
                sys.exit("the compiled circuit differs from attached mode's")
    print("same bytes in attached mode and over both networks")


if __name__ == "__main__":
    main()

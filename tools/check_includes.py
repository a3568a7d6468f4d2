#!/usr/bin/env python3
"""Fails when an include points against the arrows of ARCHITECTURE.md, section 2.

    tools/check_includes.py [ROOT]      check a source tree (default: this checkout)
    tools/check_includes.py --self-test show that planted wrong-way includes are found

Three rules, each a table below:
  1. a room includes project headers only of itself and of the rooms in ROOMS;
  2. third-party and generated headers appear only in the rooms of EXTERNAL;
  3. what another room includes (directly or through further headers) contains none of HEAVY.
"""

import pathlib
import re
import sys
import tempfile

# Room -> rooms it may include. The longest matching folder is a file's room.
QUANTUM = ["quantum/base", "quantum/circuit", "quantum/qasm", "quantum/synthesis",
           "quantum/partition", "quantum/passes", "quantum/mapping"]
RUNTIME = ["runtime/scheduling", "runtime/loop", "runtime/workflow", "runtime/tasks",
           "runtime/executor", "runtime/wire", "runtime/transport", "runtime/host"]
ROOMS = {
    "quantum/base": [],
    "quantum/circuit": ["quantum/base"],
    "quantum/qasm": ["quantum/base", "quantum/circuit"],
    "quantum/synthesis": ["quantum/base", "quantum/circuit"],
    "quantum/partition": ["quantum/base", "quantum/circuit"],
    "quantum/passes": ["quantum/base", "quantum/circuit", "quantum/synthesis", "quantum/mapping",
                       "quantum/partition"],
    "quantum/mapping": ["quantum/base", "quantum/circuit", "quantum/synthesis",
                        "quantum/partition"],
    "runtime/scheduling": ["quantum/base"],
    "runtime/loop": ["quantum/base"],
    "runtime/workflow": ["quantum/base", "runtime/scheduling"],
    "runtime/tasks": QUANTUM + ["runtime/scheduling", "runtime/workflow"],
    "runtime/executor": ["quantum/base", "runtime/loop", "runtime/scheduling", "runtime/workflow",
                         "runtime/tasks"],
    "runtime/wire": ["quantum/base", "quantum/circuit", "quantum/synthesis",
                     "runtime/scheduling", "runtime/tasks", "proto"],
    "runtime/transport": ["quantum/base", "runtime/loop", "runtime/scheduling", "runtime/tasks",
                          "runtime/wire", "proto"],
    "runtime/host": ["quantum/base", "runtime/loop", "runtime/scheduling", "runtime/workflow",
                     "runtime/tasks", "runtime/executor", "runtime/transport"],
    "server": ["quantum/base"] + RUNTIME,
    "manager": ["quantum/base"] + RUNTIME,
    "worker": ["quantum/base"] + RUNTIME,
    "client": QUANTUM + RUNTIME + ["server"],
    # The SDK's public headers are installed, with those of quantum/base that they name.
    "client/include": ["quantum/base"],
}
# Tests and tools may look everywhere; what is in them must not be included from a room.
FREE = ["tests", "tools"]

# Third-party headers (pattern -> rooms that may name them; tests may name all).
EXTERNAL = {
    r"(grpc|grpcpp|grpc\+\+)/|google/protobuf/|google/rpc/|absl/|.*\.pb\.h$":
        ["runtime/wire", "runtime/transport", "proto"],
    r"boost/(asio|beast)": ["runtime/loop"],
    r"CLI/": ["server", "manager", "worker", "client", "runtime/host"],
    r"(spdlog|fmt)/": ["server", "manager", "worker", "client", "runtime/host", "runtime/executor"],
    r"Eigen/": QUANTUM,
    r"hwy/": QUANTUM,
    r"hwloc": ["runtime/host", "runtime/executor", "manager", "worker", "client"],
    r"sqlite3": ["runtime/host"],
    r"catch2/": [],
    # Pure rooms have no threads, clocks, sockets or files of their own.
    r"(thread|mutex|shared_mutex|condition_variable|future|iostream|syncstream)$|sys/|pthread|unistd":
        ["runtime/loop", "runtime/workflow", "runtime/tasks", "runtime/executor", "runtime/wire",
         "runtime/transport", "runtime/host", "server", "manager", "worker", "client",
         "client/include"],
}
# Never reachable through a header that another room includes.
HEAVY = re.compile(r"(grpc|grpcpp|grpc\+\+)/|google/|absl/|.*\.pb\.h$|boost/(asio|beast)|CLI/|"
                   r"(spdlog|fmt)/|Eigen/|catch2/")

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)
SUFFIXES = {".hpp", ".cpp", ".h", ".cc", ".inl", ".inc"}


def room_of(path):
    folders = [r for r in list(ROOMS) + FREE + ["proto"] if path == r or path.startswith(r + "/")]
    return max(folders, key=len, default=None)


def read_tree(root):
    """path -> list of (line, included name), for every source file of the rooms."""
    files = {}
    for top in sorted({r.split("/")[0] for r in list(ROOMS) + FREE}):
        for file in sorted((root / top).rglob("*")):
            if file.suffix in SUFFIXES and file.is_file():
                text = file.read_text(encoding="utf-8", errors="replace")
                files[file.relative_to(root).as_posix()] = [
                    (text.count("\n", 0, m.start()) + 1, m.group(2))
                    for m in INCLUDE.finditer(text)]
    return files


def resolve(files, path, name):
    """The project file that `name` means when included from `path`; None for others."""
    beside = (pathlib.PurePosixPath(path).parent / name).as_posix()
    public = "client/include/" + name
    return next((c for c in (name, beside, public) if c in files), None)


def heavy_reached(files, header, memo):
    """Heavy headers named by `header` or by project headers below it."""
    if header not in memo:
        memo[header] = set()  # ends cycles
        found = set()
        for _, name in files[header]:
            target = resolve(files, header, name)
            if target:
                found |= heavy_reached(files, target, memo)
            elif HEAVY.match(name):
                found.add(name)
        memo[header] = found
    return memo[header]


def check(root):
    files = read_tree(root)
    problems = []
    memo = {}
    for path, includes in files.items():
        room = room_of(path)
        if room in FREE:
            continue
        if room is None:
            problems.append(f"{path}:1: is in no room of tools/check_includes.py")
            continue
        for line, name in includes:
            at = f"{path}:{line}: "
            target = resolve(files, path, name)
            to = room_of(target) if target else room_of(name) if "/" in name else None
            if to in FREE:
                problems.append(at + f"{room} must not include {name} ({to} is not part of the product)")
            elif to and to != room and not (room == "client" and to == "client/include"):
                if to not in ROOMS[room]:
                    problems.append(at + f"{room} must not include {to} ({name})")
            if target and to != room and not to in FREE:
                for heavy in sorted(heavy_reached(files, target, memo)):
                    problems.append(at + f"{name} is a public header of {to} but brings in <{heavy}>")
            if not target:
                for pattern, allowed in EXTERNAL.items():
                    if re.match(pattern, name) and room not in allowed:
                        problems.append(at + f"<{name}> does not belong into {room}")
    return len(files), problems


PLANTED = [
    ("quantum/circuit/bad.cpp", '#include "runtime/scheduling/items.hpp"\n',
     "quantum/circuit must not include runtime/scheduling"),
    ("quantum/base/bad.cpp", '#include "quantum/circuit/circuit.hpp"\n',
     "quantum/base must not include quantum/circuit"),
    ("runtime/scheduling/bad.cpp", '#include "quantum/circuit/circuit.hpp"\n',
     "runtime/scheduling must not include quantum/circuit"),
    ("runtime/scheduling/clock.cpp", "#include <thread>\n",
     "<thread> does not belong into runtime/scheduling"),
    ("runtime/host/bad.cpp", "#include <boost/asio.hpp>\n",
     "<boost/asio.hpp> does not belong into runtime/host"),
    ("runtime/tasks/bad.cpp", '#  include "quercus/v1/tree.pb.h"\n',
     "<quercus/v1/tree.pb.h> does not belong into runtime/tasks"),
    ("quantum/passes/bad.cpp", '#include "quantum/synthesis/dense.hpp"\n',
     "brings in <Eigen/Dense>"),
    ("client/include/quercus/bad.hpp", '#include "runtime/transport/jobs.hpp"\n',
     "client/include must not include runtime/transport"),
    ("worker/bad.cpp", '#include "tests/support/catch.hpp"\n', "is not part of the product"),
]
GOOD = {
    "quantum/circuit/circuit.hpp": "#include <vector>\n",
    "quantum/synthesis/dense.hpp": "#include <Eigen/Dense>\n",
    "quantum/synthesis/solve.cpp": '#include "quantum/synthesis/dense.hpp"\n',
    "runtime/scheduling/items.hpp": "#include <chrono>\n",
    "runtime/transport/jobs.hpp": '#include "runtime/scheduling/items.hpp"\n',
    "runtime/transport/link.cpp": '#include <grpcpp/grpcpp.h>\n#include "quercus/v1/tree.pb.h"\n',
    "runtime/loop/loop.cpp": "#include <boost/asio/io_context.hpp>\n",
    "tests/support/catch.hpp": "#include <catch2/catch.hpp>\n",
}


def write(root, path, text):
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def self_test():
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for path, text in GOOD.items():
            write(root, path, text)
        count, problems = check(root)
        if problems or count != len(GOOD):
            failures += 1
            print("self-test: a clean tree was refused:", *problems, sep="\n  ")
        for path, text, expected in PLANTED:
            write(root, path, text)
            _, problems = check(root)
            if not any(p.startswith(path + ":1:") and expected in p for p in problems):
                failures += 1
                print(f"self-test: planted in {path} but not found: {expected}; got {problems}")
            (root / path).unlink()
    print(f"self-test: {len(PLANTED)} planted includes, {failures} failures")
    return 1 if failures else 0


def main(arguments):
    if arguments == ["--self-test"]:
        return self_test()
    if len(arguments) > 1 or any(a.startswith("-") for a in arguments):
        print(__doc__)
        return 2
    root = pathlib.Path(arguments[0] if arguments else pathlib.Path(__file__).parent.parent)
    count, problems = check(root)
    for problem in problems:
        print(problem)
    print(f"check_includes: {count} files, {len(problems)} wrong-way includes")
    return 1 if problems or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

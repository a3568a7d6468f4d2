#!/usr/bin/env python3
"""lint_file.py FILE: clang-tidy on one compiled file, unless just this text has passed before.

What has passed is remembered in build/lint/passed by a digest of the preprocessed text (with its
comments, for NOLINT), the compile command and the configuration; so a second run over everything
takes minutes. Exit code 1 on findings.
"""

import hashlib
import json
import pathlib
import re
import shlex
import subprocess
import sys

BUILD = pathlib.Path('build/lint')
TIDY = 'clang-tidy-16'


def digest_of(file: str) -> str:
    """Empty when the file cannot be preprocessed: clang-tidy then says why."""
    for entry in json.loads((BUILD / 'compile_commands.json').read_text()):
        path = pathlib.Path(entry['directory'], entry['file'])
        if path.resolve() == pathlib.Path(file).resolve():
            words = shlex.split(entry['command'])
            words = words[:words.index('-o')] + words[words.index('-o') + 2:]
            words = ['clang++-16', *words[next(i for i, w in enumerate(words) if w.startswith('-')):]]
            done = subprocess.run([*words, '-E', '-CC', '-w'], cwd=entry['directory'],
                                  capture_output=True, check=False)
            if done.returncode != 0:
                return ''
            text = hashlib.sha256(done.stdout)
            text.update(shlex.join(words).encode())
            text.update(pathlib.Path('.clang-tidy').read_bytes())
            text.update(subprocess.run([TIDY, '--version'], capture_output=True, check=False).stdout)
            return text.hexdigest()
    return ''


def main() -> int:
    file = sys.argv[1]
    digest = digest_of(file)
    stamp = BUILD / 'passed' / (digest or 'unknown')
    if digest and stamp.exists():
        return 0
    done = subprocess.run([TIDY, '-p', str(BUILD), '--quiet', file], capture_output=True, text=True,
                          check=False)
    said = done.stdout + done.stderr
    print(re.sub(r'^\d+ warnings? .*generated.*\n', '', said, flags=re.MULTILINE), end='')
    if done.returncode != 0:
        print(f'lint: clang-tidy: {file}')
        return 1
    if digest:
        stamp.parent.mkdir(parents=True, exist_ok=True)
        stamp.touch()
    return 0


if __name__ == '__main__':
    sys.exit(main())

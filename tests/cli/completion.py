#!/usr/bin/env python3
"""completion.py - the completion of real shells, in a pseudo-terminal: bash, and zsh and fish where they are installed. A line is typed with Tab
at its end; then the shell itself prints the words that it has become."""
import os
import pty
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time

SADDLE = os.environ['SADDLE']
SHELLS = {
    'bash': (['bash', '--norc', '--noprofile', '-i'], 'source saddle.bash; PS1=READY; bind "set enable-bracketed-paste off"; bind "set bell-style none"'),
    'zsh': (['zsh', '-f', '-i'], 'PS1=READY; autoload -U compinit; compinit -u -D; source saddle.zsh; unsetopt zle_bracketed_paste; setopt no_beep'),
    'fish': (['fish', '--no-config', '-i'], 'source saddle.fish; function fish_prompt; echo -n READY; end; function fish_greeting; end'),
}
# What is typed, Tab behind it, and the last word that comes of it.
LINES = [
    ('saddle ses', 'sessions'),
    ('saddle replay one-r', 'one-run'),
    ('saddle verify one-r', 'one-run'),
    ('saddle replay one-run@ear', 'one-run@early'),
    ('saddle fork one-run@be', 'one-run@best'),
    ('saddle export tens', 'tensorboard'),
    ('saddle export safetensors out one-run@ear', 'one-run@early'),
    ('saddle export bundle out one-run --wei', '--weights='),
    ('saddle compare one-run --met', '--metric='),
    ('saddle completion fi', 'fish'),
    ('saddle --read', '--readonly'),
    ("saddle -c 'set rho_dr", 'set rho_drw'),
    ("saddle -c 'set rho .3 at ep", 'set rho .3 at epoch'),
    ("saddle -c 'wait; marg", 'wait; margins'),
]


class Shell:
    def __init__(self, argv, folder):
        env = {'HOME': folder, 'PATH': os.path.dirname(SADDLE) + ':' + os.environ['PATH'], 'TERM': 'dumb', 'LC_ALL': 'C.UTF-8',
               'XDG_DATA_HOME': folder + '/data', 'XDG_CONFIG_HOME': folder + '/config', 'SADDLE_SESSIONS': folder + '/sessions'}
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.execvpe(argv[0], argv, env)
        self.seen = ''

    def until(self, pattern, seconds=60):
        """Reads until the pattern is seen; returns the match."""
        end = time.monotonic() + seconds
        while True:
            found = re.search(pattern, self.seen, re.S)
            if found:
                self.seen = self.seen[found.end():]
                return found
            assert time.monotonic() < end, f'not seen: {pattern!r} in {self.seen[-500:]!r}'
            if select.select([self.fd], [], [], 0.5)[0]:
                self.seen += os.read(self.fd, 65536).decode(errors='replace')

    def type(self, text):
        os.write(self.fd, text.encode())

    def close(self):
        os.close(self.fd)
        os.waitpid(self.pid, 0)


def last_word(shell, line, want):
    """The line after Tab: Ctrl-A, a command that prints words, Enter."""
    shell.type(line + '\t')
    # the completion echoes what it adds: waited for, as no prompt tells that it is done
    shell.until(re.escape(want.split()[-1][-2:]), 60)
    quote = "'" if "'" in line else ''
    time.sleep(0.2)
    shell.type("\x01printf '<%s>\\n' \x05")
    shell.type('\n')
    got = shell.until(r'(<saddle>.*?)READY').group(1)
    words = re.findall(r'<(.*?)>', re.sub(r'\x1b\[[0-9;?]*[a-zA-Z]|\r', '', got), re.S)
    return words[-1].strip() if quote or words else ''


def try_shell(name, folder):
    argv, begin = SHELLS[name]
    script = subprocess.run([SADDLE, 'completion', name], check=True, capture_output=True, text=True).stdout
    with open(f'{folder}/saddle.{name}', 'w') as out:
        out.write(script)
    shell = Shell(argv, folder)
    shell.type(begin + '\n')
    shell.until(r'READY.*READY|\nREADY|READY$')
    shell.type('echo be\\gun\n')
    shell.until(r'begun.*READY')
    wrong = []
    for line, want in LINES:
        try:
            got = last_word(shell, line, want)
        except AssertionError as problem:
            got = str(problem)
            wrong.append(f'{line!r}: {got}')
            break
        if got != want:
            wrong.append(f'{line!r} became {got!r}, not {want!r}')
    shell.close()
    return wrong


def main():
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        run = 'data demo; set eval_every 0; set hessian_every 0; set snapshot_seconds 0; set batch 8; unwatch; train --steps 6 --name one-run --paused; ' \
              'snapshot early at step 3; resume; wait'
        subprocess.run([SADDLE, '--sessions', folder + '/sessions', '--no-config', '-c', run], check=True, capture_output=True)
        for n, name in enumerate(SHELLS, 1):
            if not shutil.which(name):
                print(f'ok {n} - completion in {name} # SKIP no {name}')
                continue
            wrong = try_shell(name, folder)
            failed |= bool(wrong)
            print(f'{"not ok" if wrong else "ok"} {n} - completion in {name}: {len(LINES)} lines')
            for line in wrong:
                print('# ' + line)
    print(f'1..{len(SHELLS)}')
    sys.exit(failed)


if __name__ == '__main__':
    main()

#!/usr/bin/python3
"""prompt.py COMMAND... - a program at a terminal, without a screen: types each line of standard input when the prompt has come, and prints
what both outputs and the typed lines come to, as a person would see it."""
import os, pty, select, sys, termios

PROMPTS = (b"saddle> ", b"      > ", b" [y/N] ")
master, slave = pty.openpty()
quiet = termios.tcgetattr(slave)
quiet[3] &= ~(termios.ECHO | termios.ICANON) & 0xFFFFFFFF
quiet[6][termios.VMIN], quiet[6][termios.VTIME] = 1, 0
termios.tcsetattr(slave, termios.TCSANOW, quiet)
said, says = os.pipe()
child = os.fork()
if child == 0:
    os.setsid()
    os.dup2(slave, 0)
    os.dup2(says, 1)
    os.dup2(says, 2)
    for fd in (master, slave, said, says):
        os.close(fd)
    os.execvp(sys.argv[1], sys.argv[1:])
os.close(slave)
os.close(says)
lines = sys.stdin.buffer.read().splitlines()
seen = b""
while select.select([said], [], [], 120)[0]:
    some = os.read(said, 65536)
    if not some:
        break
    seen += some
    if lines and seen.endswith(PROMPTS) and not select.select([said], [], [], 0.1)[0]:  # a run may have had more to tell
        os.write(master, lines[0] + b"\n")
        seen += lines.pop(0) + b"\n"
sys.stdout.buffer.write(seen)
sys.stdout.flush()
code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
if code:
    print(f"[exit {code}]")

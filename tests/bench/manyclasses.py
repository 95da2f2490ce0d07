#!/usr/bin/env python3
"""What the screen costs while a run of 1000 classes trains: CPU of the terminal thread of the real program, on a long-tailed folder of pictures
that it makes, of links to a few. Fails above 1 % of a core. One argument: seconds for each size (default 30)."""
import os
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "screen"))
from terminal import Terminal, at_home, scratch  # noqa: E402

CLASSES, LEAST, MOST, LIMIT = 1000, 5, 160, .01
BUILD = os.environ.get("top_builddir", ".")
TRAIN = ("data folder {0} --size 16; model resnet8; device cpu; set threads 1; loss ce --weights effective --drw 1; opt sam --rho 0.1; set batch 64; "
         "set epochs 200; set hessian_images 8; set hessian_iters 4; watch 0 999; train --name many")


def make(folder):
    os.mkdir(folder + "/painted")
    paint = "".join("%s/painted/%d.jpg %d %d %d\n" % (folder, i, 24 + i % 9, 22 + i % 7, i) for i in range(200))
    subprocess.run([BUILD + "/tests/pictures/painter"], input=paint, text=True, check=True)
    for c in range(CLASSES):
        for split, many in (("train", round(MOST * (LEAST / MOST) ** (c / (CLASSES - 1)))), ("test", 1)):
            os.makedirs("%s/set/%s/c%04d" % (folder, split, c))
            for i in range(many):
                os.link("%s/painted/%d.jpg" % (folder, (7 * c + i) % 200), "%s/set/%s/c%04d/%04d.jpg" % (folder, split, c, i))
    return folder + "/set"


def seconds_of(pid):
    """CPU of the main thread of the screen's process, which is a child of the one that guards the terminal."""
    children = open("/proc/%d/task/%d/children" % (pid, pid)).read().split()
    pid = int(children[0]) if children else pid
    words = open("/proc/%d/task/%d/stat" % (pid, pid)).read().rsplit(")", 1)[1].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def measure(pictures, rows, cols, seconds):
    t = Terminal([os.path.join(BUILD, "saddle"), "--do", TRAIN.format(pictures)], rows, cols, at_home(scratch("saddle-many-")))
    t.wait_for("saddle>")
    t.see("img/s")
    cpu, wall, wrote = seconds_of(t.pid), time.time(), len(t.bytes)
    t.pump(seconds)
    cpu, wall, wrote = seconds_of(t.pid) - cpu, time.time() - wall, len(t.bytes) - wrote
    t.send("quit\r")
    t.see("leave?")
    t.send("y\r")
    t.exit_code()
    t.close()
    return cpu / wall, wrote / wall


def main():
    seconds, failed = float(sys.argv[1]) if len(sys.argv) > 1 else 30, False
    pictures = make(scratch("saddle-set-"))
    for rows, cols in ((24, 80), (40, 120), (60, 200)):
        cpu, rate = measure(pictures, rows, cols, seconds)
        failed |= cpu > LIMIT
        print("1000 classes, %3dx%-3d %5.2f %% of a core (limit %.0f %%), %5.1f KiB/s" % (cols, rows, 100 * cpu, 100 * LIMIT, rate / 1024), flush=True)
    sys.exit(failed)


if __name__ == "__main__":
    main()

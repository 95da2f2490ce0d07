#!/usr/bin/env python3
"""Runs beside each other on the screen: golden text at fixed sizes, what keys do, a run that is still trained, and journey 4: two forks of
one run with other knobs, trained, compared and exported. SADDLE_GOLDEN=write rewrites the golden files; read the difference before
committing it."""
import csv
import os
import re
import subprocess
import sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from terminal import Terminal, at_home, check_golden, run_tests, scratch  # noqa: E402

SADDLE = os.environ.get("SADDLE", "./saddle")
TOUR = os.path.join(HERE, "tour.saddle")
DEMO = os.path.join(HERE, "..", "..", "sessions", "demo.saddle")
SMALL = ("model resnet8; set batch 8; set lr .02; set opt sam; set rho .05; set hessian_every 0; set snapshot_seconds 0; set snapshot_every 2; "
         "set device cpu; set threads 1; unwatch")


def start(rows, cols, ascii_only=False, home=None):
    home = home or scratch("saddle-compare-")
    t = Terminal([SADDLE], rows, cols, at_home(home), ascii_only)
    t.home = home
    t.typed("")
    return t


def compare(t, *words):
    t.press(" ".join(("compare",) + words) + "\r", "compare ", "RUNS", "KEYS  COMPARE" if t.cols >= 100 else "KEYS COMPARE")
    t.send("\x0c")  # no message lies over the panes


def recorded(t):
    compare(t, "'%s'" % DEMO, "'%s'" % TOUR, "--metric", "tail,acc,lmin:9")
    t.at_rest()


def leave(t):
    t.prompt()
    t.end()


def choose_data(t):
    images = os.path.join(t.home, "images.st")
    subprocess.check_call([sys.executable, os.path.join(HERE, "..", "cli", "tensors.py"), images, "1", "2"])
    t.press("data tensors %s; %s\r" % (images, SMALL), "3 classes")


def has_row(t, letter, *words):
    """The row of a run in the table has these words, None for any, in this order behind its letter."""
    def has(t):
        found = [line for line in t.text().split("\n") if re.match(r"[│|]?[ >]%s [─━╌·o+.#]{3}" % letter, line)]
        cut = found[0].strip("│|").replace(">", " ", 1).split()[1:] if found else []
        return len(cut) >= len(words) and all(want in (None, is_) for want, is_ in zip(words, cut))
    t.wait_for(has, name="the row of %s with %s" % (letter, words))


def test_golden_80x24_ascii():
    t = start(24, 80, ascii_only=True)
    recorded(t)
    check_golden("compare-80x24-ascii", t)
    leave(t)


def test_golden_120x40_utf8():
    t = start(40, 120)
    recorded(t)
    t.send("r\x1b[D[")  # the other run; epoch 39; the mark before it: rho at 30
    t.see("at ep 30.0 of 40")
    t.at_rest()
    check_golden("compare-120x40-utf8", t)
    leave(t)


def test_keys():
    t = start(24, 80)
    recorded(t)
    has_row(t, "b", "━━━")
    has_row(t, "a", "───")
    t.press("r", "a ━━━")
    t.press("R", "b ━━━")
    t.press("k", "a ━━━")  # the runs have the focus
    t.press("j", "b ━━━")
    t.press("t", "TRACES acc")
    t.press("T", "TRACES tail")
    t.press("v", "4 DENSITY")
    t.press("v", "3 CLASSES")
    t.press("\x1b[D", "at ep 39.0 of 40")
    t.press(",", "at ep 38.0 of 40")
    t.press(".", "at ep 39.0 of 40")
    t.press("\x1b[H", "at ep 0.0 of 40")
    t.press("]", "at ep 5.0 of 40")  # rho, in tour
    t.press("g", "go to epoch:")
    t.press("12\r", "at ep 12.0 of 40")
    has_row(t, "a", None, "demo", "0.00")
    has_row(t, "b", None, "tour", "5.33")
    t.press("g", "go to epoch:")
    t.press("400\r", "epoch 400 is past the end")
    t.press("\x1b[F", "at the end, ep 40")
    t.press("\t\t", "3 CLASSES")
    t.press("G", ">M     5 moon")  # the least change comes last, and is reached
    t.press("/", "find class:")
    t.send("ship\r")
    t.see("no class has that in its name")
    t.press("/", "find class:")
    t.press("flower\r", ">T     9 flower")
    t.press("?", "COMPARE", "highlight the next run", "fill the prompt: fork it there")  # its own keys first
    t.press(" ", "MOVE", "  G          last")  # g and Home do something else here
    assert "first" not in t.text().split("MOVE")[1].split("VIEW")[0], t.text()
    t.press("q", "KEYS COMPARE")
    t.press("H", "COMPARE")  # nothing is asked about a class that is not shown
    t.press("F", "saddle> fork ", "tour.saddle@12")
    t.send("\x03")
    t.press("\x1b", "KEYS COMPARE")
    t.press("\x1b", "saddle>", "READY")
    t.gone("COMPARE")
    leave(t)


def test_enter_replays_the_moment():
    t = start(40, 120)
    recorded(t)
    t.press("\x1b[H", "at ep 0.0")
    t.press("]", "at ep 5.0")
    t.press("\r", "REPLAY", "ep 5.00/12")
    t.press(":export csv -\r", "a screen is no place for it")  # a replayed run's table, or a comparison's
    t.press("compare '%s' '%s' --csv -\r" % (DEMO, TOUR), "compare: '-': a screen is no place for it")
    t.press("live\r", "READY")
    t.keys()
    leave(t)


def test_from_the_shell():
    home = scratch("saddle-compare-")
    t = Terminal([SADDLE, "compare", DEMO, TOUR, "--metric", "tail", "--at", "12"], 24, 80, at_home(home))
    t.see("KEYS COMPARE", "at ep 12.0 of 40")  # keys act at once
    t.press("q", "READY")
    leave(t)


def test_sizes():
    t = start(24, 80, ascii_only=True)
    recorded(t)
    for rows, cols, text in ((8, 40, "RUNS"), (12, 40, "TRACES"), (7, 40, "40x8 needed"), (60, 200, "4 DENSITY"), (24, 80, "CLASSES")):
        t.resize(rows, cols)
        t.see(text)
    t.press("+", "RUNS")
    t.press("2+", "TRACES")  # alone
    t.gone("RUNS")
    t.press("0", "RUNS")
    leave(t)


def last_epoch(t):
    found = re.search(r"at the end, ep ([\d.]+)", t.text())
    return float(found.group(1)) if found else 0


def test_a_run_that_is_trained_meanwhile():
    t = start(40, 120)
    choose_data(t)
    t.press("train --name one --epochs 3\r", "DONE")
    t.press("train --name two --epochs 100000\r", "TRAIN")
    t.matches(r"ep [1-9]")
    compare(t, "one", "two")
    t.see("●two", " · TRAIN ep ")
    before = last_epoch(t)
    t.wait_for(lambda t: last_epoch(t) > before + 2, name="a line that grows")
    t.press(":stop --yes\r", "stopped")
    t.send("\x1b")
    t.wait_for(lambda t: "●two" not in t.text() and " TRAIN " not in t.text(), name="its end")
    leave(t)


# --- journey 4 -------------------------------------------------------------------------------------------------------------


def values(path, run):
    with open(path, encoding="utf-8") as f:
        return [(r["metric"], r["class"], float(r["epoch"]), r["value"]) for r in csv.DictReader(f) if r["run"] == run]


def test_journey_two_forks():
    t = start(24, 80, ascii_only=True)
    choose_data(t)
    t.press("train --name base --epochs 6\r", "DONE")
    t.press("fork base@4 a\r", "forked base@4 -> a")
    t.press("train\r", "DONE")
    t.press("fork base@4 b; set rho .5\r", "forked base@4 -> b")
    t.press("train\r", "DONE")
    table = os.path.join(t.home, "ab.csv")
    t.press("compare a b --metric acc,loss,step_loss --csv %s\r" % table, "wrote ")
    early = [[v for v in values(table, run) if v[2] <= 4] for run in "ab"]
    late = [[v for v in values(table, run) if v[2] > 4] for run in "ab"]
    assert early[0] == early[1] and len(early[0]) >= 4 + 4 + 12, early  # bit for bit, from the run that both came of
    assert late[0] != late[1] and len(late[0]) == len(late[1]), late

    compare(t, "a", "b", "--metric", "acc,loss")
    t.see("base@4", "rho", "0.05 > 0.5@4")
    t.at_rest()
    end = t.text()
    t.send("\x1b[H]")  # the first mark: where they were forked
    t.see("at ep 4.0 of 6")
    has_row(t, "a", "ooo", "a", "base@4")
    has_row(t, "b", "###", "b", "base@4", None, None, "+0.00")
    plot = [line[8:71] for line in end.split("\n") if re.match(r" *-?[\d.]*\|", line)]
    lines = "".join(plot)
    assert "F" in lines and "#" in lines and "o" in lines and "+" not in lines, end  # b strong, a thin
    left = [line[:line.index("F")] for line in plot if "F" in line][0]
    assert "o" not in left, end  # one line until the fork
    assert re.search(r"b [\d.]+$", "\n".join(plot + end.split("\n")), re.M), end
    assert all(ord(c) < 128 for c in end), end
    t.press("F", "saddle> fork b@4")  # by its name, as a user says it
    t.press("\x03\x1b", "KEYS COMPARE")
    t.send("x")  # from the fork on
    t.wait_for(lambda t: not re.search(r"^ +0 +1 +2 ", t.text(), re.M), name="the later part of the curves")
    path = os.path.join(t.home, "ab.txt")
    t.send(":export screen %s\r" % path)
    t.wait_for(lambda t: os.path.exists(path), name="the file")
    with open(path, encoding="utf-8") as f:
        assert "RUNS" in f.read()
    t.press("live\r", "DONE")  # the run of this process is b
    t.keys()
    leave(t)


if __name__ == "__main__":
    run_tests(globals())

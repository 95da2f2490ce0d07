#!/usr/bin/env python3
"""Every key of the table (src/tui/keys.def) arrives: in front of a made-up run it changes the screen, each by itself. A new key is tried without a
line here, unless something must be there before it."""
import os
import re
import sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from loop import finish, start  # noqa: E402
from terminal import run_tests  # noqa: E402

TABLE = os.path.join(os.environ.get("top_srcdir", os.path.join(HERE, "..", "..")), "src", "tui", "keys.def")
NAMED = {"INPUT_ESC": "\x1b", "INPUT_BACKTAB": "\x1b[Z", "INPUT_DOWN": "\x1b[B", "INPUT_UP": "\x1b[A", "INPUT_RIGHT": "\x1b[C", "INPUT_LEFT": "\x1b[D",
         "INPUT_HOME": "\x1b[H", "INPUT_END": "\x1b[F", "INPUT_PAGE_DOWN": "\x1b[6~", "INPUT_PAGE_UP": "\x1b[5~"}
FUNCTION = {1: "\x1bOP", 2: "\x1bOQ", 5: "\x1b[15~", 6: "\x1b[17~", 7: "\x1b[18~", 8: "\x1b[19~", 9: "\x1b[20~", 10: "\x1b[21~"}
# What is pressed first, so that there is something to change.
BEFORE = {"UP": "jj", "PAGE_UP": "G", "FIRST": "G", "ALL_PANES": "+", "ZOOM_OUT": "+", "FIND_NEXT": "/a\r", "FIND_BACK": "/a\r", "MARK_NEXT": "[", "SNAP_NEXT": "{",
          "RESORT": None, "REDRAW": None, "UNDO": None, "INTERRUPT": None, "SUSPEND": None, "STEP": "p",
          "LEFT": None, "RIGHT": None}
# Those with None change nothing that can be seen here: other tests of this folder (replay.py: LEFT, RIGHT) and of the prompt have them.


def bytes_of(code):
    """What a terminal sends for a code of the table."""
    if re.fullmatch(r"'(\\.|.)'", code):
        return code[1:-1].encode().decode("unicode_escape")
    f = re.fullmatch(r"INPUT_F\((\d+)\)", code)
    alt = re.fullmatch(r"INPUT_ALT \| '(.)'", code)
    return FUNCTION[int(f.group(1))] if f else "\x1b" + alt.group(1) if alt else NAMED[code] if code in NAMED else chr(int(code))


def bindings():
    with open(TABLE, encoding="utf-8") as f:
        text = re.sub(r"/\*.*?\*/", "", f.read(), flags=re.S)
    text = re.sub(r"#.*", "", text)
    return re.findall(r"\b(?:BIND|ALWAYS)\((INPUT_F\(\d+\)|'(?:\\.|[^'])'|[^,()]+), (\w+)\)", text), set(re.findall(r"\bACTION\((\w+),", text))


def shown(t):
    """Cells of all rows but what the machine does, which changes by itself."""
    return [[] if re.search("│ (cpu|mem) ", line) else [(c.data, c.fg, c.bold, c.reverse) for c in (t.screen.buffer[row][col] for col in range(t.cols))]
            for row, line in enumerate(t.screen.display)]


def in_front_of_a_run():
    t = start(rows=40, cols=120)
    t.send("train\r")
    t.typed("")
    t.keys()
    t.see("mem ", "queue ")
    return t


def changes(code, action):
    t = in_front_of_a_run()
    for key in BEFORE.get(action, "") if action != "PANE" else "5" if "4" in code else "4":
        before = shown(t)
        t.send(key)
        t.wait_for(lambda t: shown(t) != before, 20, "what %r does before %s" % (key, action))
        t.at_rest(0.2)  # what changed may have been something else
    before = shown(t)
    t.send(bytes_of(code))
    t.wait_for(lambda t: shown(t) != before, 20, "what the key %s (%s) does" % (code, action))
    t.close()


def test_every_key_does_something():
    found, actions = bindings()
    assert len(found) > 60 and {action for _, action in found} == actions, "no key for %s" % sorted(actions - {action for _, action in found})
    wrong = []
    for code, action in found:
        if BEFORE.get(action, "") is None:
            continue
        try:
            changes(code, action)
        except AssertionError as e:
            wrong.append("%s (%s): %s" % (code, action, str(e).split("\n")[0]))
    assert not wrong, "\n".join(wrong)


def test_what_is_no_key_does_nothing():
    """Else the test above would see changes that come by themselves."""
    t = in_front_of_a_run()
    before = shown(t)
    t.send("z")
    t.pump(2)
    now = shown(t)
    assert now == before, "\n".join(line for line, a, b in zip(t.screen.display, before, now) if a != b)
    finish(t)


run_tests({name: test for name, test in globals().items() if name in ("test_every_key_does_something", "test_what_is_no_key_does_nothing")})

#!/usr/bin/env python3
"""summary.py BUILD-DIR: count the test cases of the last `make check` and print one closing line.

Each test program leaves NAME.log and NAME.trs. cmocka and TAP programs are counted case by case; any other
program counts as one. What failed is shown with the lines around it, because a CI keeps no other log, and the five that took most of the
processors are named. Exit 1 when something failed or nothing ran.
"""
import pathlib
import re
import sys


def result_of(trs):
    match = re.search(r"^:global-test-result: (\w+)", trs.read_text(errors="replace"), re.M)
    return match.group(1) if match else "FAIL"


def cases(log):
    """(passed, failed, skipped) printed by the program itself, or None."""
    text = log.read_text(errors="replace") if log.exists() else ""
    passed = len(re.findall(r"^\[       OK \]", text, re.M))
    if passed or "[==========]" in text:
        failed = len(set(re.findall(r"^\[  FAILED  \] (?!.*test\(s\))(\S+)", text, re.M)))
        skipped = len(set(re.findall(r"^\[  SKIPPED \] (?!.*test\(s\))(\S+)", text, re.M)))
        return passed, failed, skipped
    tap = re.findall(r"^(not ok|ok)\b(.*)", text, re.M)
    if tap:
        skipped = sum(1 for word, rest in tap if word == "ok" and "# SKIP" in rest)
        good = sum(1 for word, _ in tap if word == "ok") - skipped
        return good, sum(1 for word, _ in tap if word == "not ok"), skipped
    return None


# A line that says what failed, in the words of cmocka, TAP, Python, make and the sanitizers. TAP's own comments follow one.
TROUBLE = re.compile(r"^\[  FAILED  \] (?!.*test\(s\))|^\[  ERROR   \]|^not ok\b|^FAIL\b|\bAssertionError\b|^Traceback|^\w*Error:|: error: "
                     r"|^(?!# ).*(runtime error: |ERROR: \w+Sanitizer|WARNING: ThreadSanitizer|Segmentation fault|Aborted)")
LINES_PER_TEST, BEFORE, AFTER, WIDEST = 60, 4, 30, 240


def excerpt(text):
    """The lines of a log that tell what failed, each with those around it, and its last line; its end when none does."""
    lines = text.rstrip("\n").split("\n")
    marks = [i for i, line in enumerate(lines[:-1]) if TROUBLE.search(line)]
    if not marks:
        return lines[-LINES_PER_TEST:]
    wanted = {len(lines) - 1}
    for mark in marks:
        wanted.update(range(max(0, mark - BEFORE), mark + 1))
        for i in range(mark + 1, min(len(lines), mark + 1 + max(6, AFTER // len(marks)))):
            if re.match(r"ok\b|\[ RUN ", lines[i]):
                break  # the next case: not about this one
            wanted.add(i)
    shown, last = [], -1
    for i in sorted(wanted):
        shown += (["..."] if i > last + 1 else []) + [lines[i]]
        last = i
    if len(shown) > LINES_PER_TEST:
        shown[LINES_PER_TEST - 2:-1] = ["... (%d lines more)" % (len(shown) - LINES_PER_TEST + 1)]
    return shown


def show(log):
    text = log.read_text(errors="replace") if log.exists() else "(no log)"
    for line in excerpt(text):
        line = "".join(c if c.isprintable() or c == "\t" else "?" for c in line)
        print("    " + (line if len(line) <= WIDEST else line[:WIDEST] + "..."))


TOOK = re.compile(r"^# took (\d+) s, ([\d.]+) s of processors$", re.M)  # tests/limit.sh


def name_slowest(build):
    took = []
    for log in build.glob("tests/**/*.log"):
        times = TOOK.findall(log.read_text(errors="replace"))
        if times:
            took.append((float(times[-1][1]), int(times[-1][0]), str(log.with_suffix("").relative_to(build))))
    if took:
        print("slowest: " + ", ".join("%s %.0f s (%d by the clock)" % (name, cpu, wall) for cpu, wall, name in sorted(took, reverse=True)[:5]))


def main():
    build = pathlib.Path(sys.argv[1])
    passed = failed = skipped = 0
    for trs in sorted(build.glob("tests/**/*.trs")):
        log, result = trs.with_suffix(".log"), result_of(trs)
        counted = cases(log)
        if counted:
            p, f, s = counted
            if result in ("FAIL", "ERROR", "XPASS") and f == 0:
                f = 1
        else:
            p, f, s = int(result in ("PASS", "XFAIL")), int(result in ("FAIL", "ERROR", "XPASS")), int(result == "SKIP")
        passed, failed, skipped = passed + p, failed + f, skipped + s
        if f:
            print(f"{trs.with_suffix('').relative_to(build)}: {f} failed; from {log}:")
            show(log)
        if result == "SKIP":
            reason = [line for line in log.read_text(errors="replace").strip().splitlines() if not TOOK.match(line)] if log.exists() else []
            print(f"{trs.with_suffix('').relative_to(build)}: skipped: {reason[-2] if len(reason) > 1 else (reason or ['?'])[-1]}")
    name_slowest(build)
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    sys.exit(1 if failed or passed == 0 else 0)


main()

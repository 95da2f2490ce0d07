"""play.py: one test of `make check` beside sources and a build that were spoiled, for run.py and survey.py."""
import os
import signal
import subprocess
import time

SKIPPED = 77
SCRIPTS = (".sh", ".py", ".t")
BESIDE = {"courses.py": "tests/golden/line_by_line", "courses_of_knobs.py": "tests/golden/line_by_line"}  # programs that a script calls


def wanted(tests):
    """What make has to build for these."""
    return sorted({"saddle" if t.endswith(SCRIPTS) else t for t in tests} | {BESIDE[os.path.basename(t)] for t in tests if os.path.basename(t) in BESIDE})


def play(test, top, build, limit, out=subprocess.DEVNULL, **more):
    """Exit code, or None when it had to be ended after `limit` seconds; seconds. `more` is added to its environment."""
    teller = [os.path.join(top, "tests", "told", "told.sh")] if test.endswith(".t") else []  # who plays a transcript
    command = teller + [os.path.join(top if test.endswith(SCRIPTS) else build, test)]
    env = dict(os.environ, SADDLE_COURSES="all", SADDLE=os.path.join(build, "saddle"), srcdir=top, top_srcdir=top, top_builddir=build, **more)
    begin = time.monotonic()
    p = subprocess.Popen(command, cwd=build, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True)
    try:
        code = p.wait(limit)
    except subprocess.TimeoutExpired:
        code = None
    finally:
        if p.poll() is None:  # it hangs, or we are ended
            os.killpg(p.pid, signal.SIGKILL)
            p.wait()
    return code, time.monotonic() - begin

#!/usr/bin/env python3
"""What is shown of a run is the run's: after its end, after it was resumed, while another process records it; and a slip at a
terminal ends nothing."""
import os
import re
import signal
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from terminal import Terminal, at_home, run_tests, scratch  # noqa: E402

SADDLE = os.environ.get("SADDLE", "./saddle")
TINY = ("data demo; set device cpu; set eval_every 0; set hessian_every 0; set snapshot_seconds 0; set batch 8; set threads 1; unwatch; "
        "set drw 24")


class Place:
    """A folder of its own for everything."""

    def __init__(self):
        self.home = scratch("saddle-face-")
        self.env = at_home(self.home)

    def screen(self, *words):
        return Terminal([SADDLE, *words], 40, 120, self.env)

    def shell(self, command):
        return Terminal(["/bin/sh", "-c", command], 24, 100, self.env)

    def saddle(self, *words):
        environment = dict(os.environ, **self.env)
        return subprocess.run([SADDLE, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment)

    def begin(self, *words):
        environment = dict(os.environ, **self.env)
        return subprocess.Popen([SADDLE, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment,
                                text=True)


def test_the_end_shows_the_knobs_of_the_run():
    t = Place().screen()
    t.typed("")
    t.press(TINY + "\r", "10 classes")
    t.press("train --name over --steps 12 --paused\r", "PAUSED")
    t.press("set drw 16 --force; set rho .3\r", "drw 16*", "rho 0.30*")  # past the end of so short a run
    t.send("resume\r")
    t.see("DONE", "drw 16*", "rho 0.30*")
    t.press("show drw\r", "drw 16* epochs  (next run: 24)")
    t.press("undo\r", "nothing was set since the run was over")
    t.press("resume\r", "the run is over (finished); 'set epochs N; resume over' goes on with it")
    t.press("set rho .2\r", "rho 0.1 -> 0.2")  # of the next run
    t.see("DONE", "rho 0.30*")
    t.end()
    assert "over: finished at epoch 0.04; look at it: %s replay over" % SADDLE in t.text(), t.text()


def test_a_resumed_run_keeps_its_stars_and_undo():
    place = Place()
    out = place.saddle("-c", TINY + "; train --name again --steps 100000 --paused; set rho .3; set rho .2; undo; set drw 16; step 3; wait step 3; "
                       "stop --yes")
    assert out.returncode == 0, out.stdout
    t = place.screen("resume", "again")
    t.see("TRAIN", "drw 16*", "rho 0.30*")
    t.press("pause\r", "PAUSED")
    t.press("show drw\r", "drw 16* epochs")
    t.press("undo\r", "drw 24*", "1 more to undo: rho back to 0.1")  # back, and still not as it began
    assert "'undo' reverts" not in t.text(), t.text()
    t.press("undo\r", "rho 0.10*")
    t.press("undo\r", "nothing that was set since the run began is left to undo")
    t.press("stop\r", "end again after this step? 'resume again' can go on with it [y/N]")
    t.send("y\r")
    t.see("STOPPED", "drw 24*", "rho 0.10*")
    t.press("resume\r", "the run is over (stopped); 'resume again' goes on with it")
    t.press("show rho_drw; show drw\r", "drw 24* epochs")
    t.end()


def test_a_run_of_another_process_is_viewed_and_not_taken_up():
    place = Place()
    job = place.begin("-v", "-c", TINY + "; train --name job --epochs 50")
    for line in job.stdout:
        if " step=40 " in line:
            break
    t = place.screen("view", "job")
    t.see("VIEW", "/50 ", "ETA ")
    assert not re.search(r"100% ·", t.text()), t.text()
    t.send(":")
    t.end()
    assert re.search(r"job: epoch [\d.]+; again: %s view job" % SADDLE, t.text()), t.text()

    t = place.screen("resume", "job")  # refused: nothing is opened, and the screen says so
    t.see("is being written by another process, pid %d; watch it with 'saddle view job'" % job.pid, "READY")
    assert "TRAIN" not in t.text() and "job beta" not in t.text(), t.text()
    t.press(TINY + "; train --name own --steps 3\r", "DONE")
    t.press("resume job\r", "is being written by another process", "DONE", "ep 0.01/")  # the earlier run is shown again
    t.end()
    assert "own: finished at epoch 0.01; look at it: " in t.text(), t.text()
    job.send_signal(signal.SIGKILL)
    job.wait()
    job.stdout.close()


def test_a_slip_at_a_terminal_ends_nothing_though_the_output_goes_elsewhere():
    place = Place()
    t = place.shell("'%s' | cat; echo left" % SADDLE)
    t.see("saddle>")  # on standard error: no part of the output
    t.send(TINY + "; train --name piped --steps 100000\r")
    t.see(" training")
    t.send("tarin\r")
    t.see("unknown command 'tarin'; did you mean 'train'?")
    t.send("set rho .3\r")
    t.see("set rho 0.1 0.3")  # it still trains, and still listens
    t.send("stop --yes\r")
    t.see("stopped asked for")
    t.send("quit\r")
    t.see("left")
    t.close()
    assert b"saddle>" not in subprocess.run(["/bin/sh", "-c", "echo echo a | '%s'" % SADDLE], stdout=subprocess.PIPE).stdout


def test_data_that_failed_are_not_replaced_by_others():
    t = Place().screen()
    t.typed("")
    t.press("data cifar10-lt --root /nowhere\r", "nowhere")
    t.press("train --steps 1\r", "'data cifar10-lt --root /nowhere' failed, and other data are not taken instead")
    t.press("hessian 9\r", "hessian: 'data cifar10-lt --root /nowhere' failed")
    t.press("preset no-such-recipe\r", "unknown recipe")
    t.press("train\r", "train: 'preset no-such-recipe' failed")
    t.press("model resnet8; train\r", "train: 'preset no-such-recipe' failed")  # that chose no data
    t.press(TINY + "; train --steps 1 --name one\r", "DONE")
    t.end()


def test_what_was_typed_ahead_of_a_wait_that_was_given_up_is_not_run():
    t = Place().screen()
    t.typed("")
    t.press(TINY + "; train --name one --steps 100000\r", "training", "TRAIN")
    for line in ("wait", "set rho .9", "snapshot early"):
        t.send(line)
        t.typed(line)
        t.send("\r")
        t.typed("")
    t.press("\x03", "'set rho .9' is not run", "'snapshot early' is not run")
    t.press("show rho\r", "rho 0.1 ")
    t.press("stop --yes\r", "STOPPED")
    t.end()


def test_a_theme_is_a_knob():
    t = Place().screen()
    t.typed("")
    colors = []
    for theme in ("dark", "light", "mono", "auto"):
        t.press("set theme %s\r" % theme, "theme ")
        t.press("trian%s\r" % theme, "trian%s'" % theme)
        t.at_rest(0.2)
        y = next(y for y, line in enumerate(t.screen.display) if "unknown command" in line)
        colors.append(t.screen.buffer[y][0].fg)
    assert colors[2] == "default" and len(set(colors)) == 4, colors
    t.press("set theme pink\r", "auto", "dark", "light", "mono")
    t.end()


if __name__ == "__main__":
    run_tests(globals())

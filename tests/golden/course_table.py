"""course_table.py: the trainings that courses.py holds, made from the tables of the sources.

A course is a name, the scripts that are given to the program one after another, and what must be so whatever the numbers are: the course that it
is another way of (`twin`: the same bits), or the one that it differs from (`base`).
"""
import re
from pathlib import Path

# 22 images of 8x8 pixels in five classes: four steps an epoch, the last one of 4. Twelve steps in all.
SETUP = ("data tensors data.safetensors --groups 0-1/2/3-4; set batch 6; set model resnet8; set epochs 3; set lr .05; set seed 3; set eval_every 3; "
         "set snapshot_every 0; set snapshot_seconds 0; set hessian_every 0; set gauge_every 3; unwatch")
SAM = "set opt sam; set rho .1"
WEIGHTED = "set weights inverse; set drw 1"
STAGE = "set epochs 2; set stage crt; set stage_epochs 2; set stage_lr .03"


class Course:
    def __init__(self, name, *scripts, base=None, twin=None, told=False, after=0):
        self.name, self.scripts, self.base, self.twin, self.told, self.after = name, scripts, base, twin, told, after


def course(name, settings, during="", train="", **other):
    """Settings, a run, and what is asked of it while it goes on: it waits for its first step then."""
    script = f"{SETUP}; {settings}; train --name {name}{' --paused' if during else ''} {train}; {during}"
    return Course(name, script, **other)


# --- each knob -------------------------------------------------------------------------------------------------------------

# knob: what must be set for it to be read, and values. A knob of the table with neither a row here nor a reason below fails.
KNOBS = {
    "val": ("", ()), "augment": ("", ("on",)), "shuffle": ("", ("off",)), "jitter": ("set augment on", ("0.4", "1")),
    "sampler": ("", ("class-aware", "square-root", "progressive", "weighted")),
    "sampler_power": ("set sampler weighted", ("-1", "0.5")), "sampler_epochs": ("set sampler progressive", ("2", "3")),
    "resample": ("", ("on",)), "beta_en": ("set resample on", ("0.5", "0.9")),
    "model": ("", ("resnet20",)), "head": ("", ("norm",)), "seed": ("", ("4", "5")), "math": ("", ("winograd",)),
    "loss": ("", ("focal", "ldam", "vs", "la")),
    "weights": ("set drw 1", ("inverse", "effective")), "drw": ("set weights inverse; set drw 0", ("1", "2")),
    "reduction": (WEIGHTED, ("batch-mean",)), "margin": ("set loss ldam", ("0.2", "1")), "ldam_s": ("set loss ldam", ("3", "10")),
    "focal_gamma": ("set loss focal", ("0.5", "2")), "vs_gamma": ("set loss vs", ("0", "0.3")), "tau": ("set loss la", ("0.3", "1.5")),
    "ib_start": ("set loss ib; set ib_alpha 20; set ib_start 0", ("1", "2")),
    "ib_alpha": ("set loss ib; set ib_start 1; set ib_alpha 20", ("5", "50")),
    "ib_factor": (f"{SAM}; set loss ib; set ib_start 1; set ib_alpha 20", ("detached", "frozen")),
    "opt": ("set rho .1; set lpf_m 2; set ccsam_a 1; set looksam_k 3",
            ("sam", "asam", "pgd", "lpf", "usam", "imbsam", "focalsam", "blend", "ssesam", "gsam", "wsam", "fsam", "looksam", "msam", "esam", "ccsam")),
    "lr": ("", ("0.1", "0.02@0 0.08@1 0.05@2", "linear:0.1..0.01", "cosine:0.1", "cosine:0.1..0.02", "linear:0.1..0.01@2", "cosine:0.1@2",
                "multistep:0.1,warmup=2,2:0.3", "multistep:0.1,1:0.5,2:0.1", "multistep:0.1")),
    "rho": ("set opt sam", ("0", "0.2", "0.1@0 0.3@1", "linear:0.1..0.4", "cosine:0.4..0.1", "multistep:0.4,warmup=2,2:0.1")),
    "rho_drw": (f"{SAM}; {WEIGHTED}", ("0.3", "0", "0.2@0 0.4@2", "linear:0.1..0.4")),
    "momentum": ("", ("0", "0.5")), "weight_decay": ("", ("0", "0.01")), "nesterov": ("", ("on",)),
    "bn_second_pass": (SAM, ("freeze",)), "sam_from": (SAM, ("1", "2")), "sam_every": (SAM, ("2", "3")), "gauge_every": (SAM, ("0", "1", "5")),
    "tail_below": ("set opt imbsam; set rho .1", ("2", "7")), "tail_gain": ("set opt imbsam; set rho .1", ("0.5", "2")),
    "sam_share": ("set opt blend; set rho .1", ("0.2", "1")), "sam_focus": ("set opt focalsam; set rho .1", ("0", "1")),
    "rho_head": ("set opt ssesam; set rho .1", ("0", "0.2", "0.1@0 0.3@1", "linear:0.1..0.4")),
    "head_until": ("set opt ssesam; set rho .1", ("0", "0.3", "0.6")),
    "asam_eta": ("set opt asam; set rho .5", ("0.01", "0.5")), "gsam_alpha": ("set opt gsam; set rho .1", ("0", "1")),
    "wsam_gamma": ("set opt wsam; set rho .1", ("0.5", "0.3")), "wsam_form": ("set opt wsam; set rho .1", ("coupled",)),
    "fsam_sigma": ("set opt fsam; set rho .1", ("0", "0.5")), "fsam_lambda": ("set opt fsam; set rho .1", ("0", "0.5")),
    "fsam_form": ("set opt fsam; set rho .1", ("paper",)),
    "looksam_k": ("set opt looksam; set rho .1", ("1", "2", "3")), "looksam_alpha": ("set opt looksam; set rho .1; set looksam_k 3", ("0", "0.3")),
    "looksam_form": ("set opt looksam; set rho .1; set looksam_k 3", ("tensor",)),
    "msam_m": ("set opt msam; set rho .1", ("1", "2", "5")), "esam_beta": ("set opt esam; set rho .1", ("0.3", "1")),
    "esam_gamma": ("set opt esam; set rho .1", ("0.7", "1")), "esam_form": ("set opt esam; set rho .1", ("element",)),
    "ccsam_a": ("set opt ccsam; set ccsam_a .5", ("0", "2")), "ccsam_phi": ("set opt ccsam; set ccsam_a 1", ("0", "0.6")),
    "ccsam_cap": (f"{STAGE}; set stage ccsam; set ccsam_a 1", ("0.3", "0.7")),
    "pgd_sigma": ("set opt pgd; set pgd_sigma .01", ("0", "0.03")), "pgd_where": ("set opt pgd; set pgd_sigma .01", ("weights",)),
    "lpf_m": ("set opt lpf; set lpf_m 2", ("1", "3")), "lpf_gamma": ("set opt lpf; set lpf_m 2", ("0", "0.1")),
    "stage": ("set epochs 2; set stage_epochs 2; set stage_lr .03; set ccsam_a 1", ("crt", "lws", "ccsam")),
    "stage_epochs": (STAGE, ("1", "3")),
    "stage_lr": (STAGE, ("0.1", "linear:0.1..0.01", "cosine:0.1", "0.1@0 0.01@1", "multistep:0.1,warmup=1,1:0.1", "cosine:0.1@3")),
    "stage_weight_decay": (STAGE, ("0", "0.1")), "stage_rho": (STAGE, ("0.2", "0.2@0 0@1", "linear:0.1..0.3")),
    "stage_sampler": (STAGE, ("instance", "square-root", "progressive", "weighted")), "stage_norm": (STAGE, ("frozen",)),
    "stage_loss": (f"{STAGE}; set loss focal; {WEIGHTED}", ("same",)), "stage_augment": (f"{STAGE}; set augment on", ("off",)),
    "epochs": ("", ("1", "2", "5")), "steps": ("", ("1", "7", "11")), "batch": ("set opt msam; set rho .1", ("5", "22", "30")),
    "eval_every": ("", ("0", "1", "2")), "snapshot_every": ("", ("1", "2")),
    "hessian_every": ("set budget 1; set hessian_iters 5; watch 0,3", ("1", "2")),
    "hessian_iters": ("set budget 1; set hessian_every 2; watch 0,3; set hessian_iters 6", ("3", "9")),
    "hessian_images": ("set budget 1; set hessian_every 3; set hessian_iters 5; watch 0,1", ("1", "7")),
    "hessian_vectors": ("set budget 1; set hessian_every 3; set hessian_iters 5; watch 0", ("2", "3")),
    "hessian_tol": ("set budget 1; set hessian_every 3; watch 0", ("0", "0.3")),
}
ELSEWHERE = {name: "tests of data have it" for name in
             ("data", "classes", "picture_size", "picture_resize", "picture_decode", "picture_bad", "picture_memory", "imbalance", "beta",
              "subset_seed", "groups", "val_from", "crop", "data_path", "list_root", "list_test", "list_val", "list_names")}
ELSEWHERE.update(device="another machine's bits", threads="bits do not depend on it", eval_math="needs a processor with AVX512-BF16",
                 snapshot_seconds="by the clock", on_nan="course nan_stop", budget="by the clock")
# What a change in mid-run, at step 6 in the second epoch, has to reach further than a number that a step reads (tests/unit/arrivals has all of them).
LATER = {"weights": "inverse", "drw": "2", "ib_start": "2", "opt": "sam", "lr": "linear:0.1..0.01", "rho": "0.2", "rho_drw": "0.3", "momentum": "0",
         "bn_second_pass": "freeze", "sam_from": "2", "sam_every": "2", "gauge_every": "1", "tail_below": "7", "sam_focus": "1", "head_until": "0.6",
         "fsam_lambda": "0.5", "looksam_k": "2", "msam_m": "2", "esam_form": "element", "ccsam_a": "2", "pgd_where": "weights", "lpf_m": "3",
         "stage": "lws", "stage_epochs": "1", "stage_rho": "0.2", "stage_sampler": "instance", "stage_norm": "frozen", "epochs": "2", "steps": "7",
         "eval_every": "1", "snapshot_every": "2", "hessian_every": "1", "hessian_iters": "3"}
KNOB_ROW = re.compile(r'^KNOB\([A-Z_0-9]+, "([a-z_0-9]+)", "[^"]*", [A-Z]+, .*, (SETUP|LIVE|SCREEN), ', re.M)


def knob_rows(top):
    """The knobs of a run."""
    text = (Path(top) / "src/engine/knobs.def").read_text()
    return [name for name, when in KNOB_ROW.findall(text) if when != "SCREEN"]


def word(value):
    return re.sub(r"[^a-z0-9.]+", "_", value).strip("_")


def knob_courses(top):
    courses, bases = [], {}
    for knob in knob_rows(top):
        if knob in ELSEWHERE or not KNOBS[knob][1]:
            continue
        context, values = KNOBS[knob]
        if context not in bases:
            bases[context] = f"as_{knob}" if context else "plain"
            courses.append(course(bases[context], context))
        base = bases[context]
        for value in values:
            courses.append(course(f"{knob}-{word(value)}", f"{context}; set {knob} {value}", base=base))
        if knob in LATER:
            courses.append(course(f"{knob}-later", context, f"step 6; wait step 6; set {knob} {LATER[knob]} --force; resume", base=base, after=6))
    return courses




# --- each loss, optimiser, stage, together with others -------------------------------------------------------------------------

LOSSES = ("ce", "focal", "ldam", "vs", "la", "ib", "ib-focal")
OPTIMISERS = ("sgd",) + KNOBS["opt"][1]
TELL = "set eval_every 1"


def loss_courses():
    courses = []
    for loss in LOSSES:
        own = f"set loss {loss}; set ib_start 1; set ib_alpha 20; set focal_gamma 1.5; {TELL}; {SAM}"
        for weights, drw, reduction in (("inverse", 2, "weighted-mean"), ("effective", 0, "batch-mean")):
            courses.append(course(f"{loss}_{weights}", f"{own}; set weights {weights}; set drw {drw}; set reduction {reduction}; set beta_en .8; "
                                  "set hessian_every 3; set budget 1; set hessian_iters 3; watch 2"))
    return courses


def optimiser_courses():
    """Every optimiser with all that it may read at once, and class weights from the second epoch on."""
    return [course(f"full_{opt}", f"set opt {opt}; set nesterov on; set weight_decay .01; set momentum .6; set bn_second_pass freeze; "
                   "set rho linear:.1..0.3; set rho_drw .2@0 .05@2; set weights inverse; set drw 1; set loss vs; set sam_from 1; set sam_every 2; "
                   "set looksam_k 3; set ccsam_a 1; set lpf_m 2; set lpf_gamma .01; set pgd_sigma .01; set gauge_every 1; set augment on; "
                   "set tail_below 5; set tail_gain 3; set asam_eta .01")
            for opt in OPTIMISERS]


def stage_courses():
    own = "set epochs 2; set stage_epochs 2; set stage_lr linear:.1..0.02; set ccsam_a 1; set eval_every 1; set sampler_power .5"
    courses = []
    for stage in ("crt", "lws", "ccsam"):
        for name, more in (("bank", "set stage_norm frozen; set augment on; set stage_augment off; set stage_sampler progressive"),
                           ("sam", "set stage_rho .3; set opt asam; set stage_sampler weighted; set stage_norm frozen; set bn_second_pass freeze"),
                           ("same", "set loss focal; set stage_loss same; set weights inverse; set drw 1; set stage_weight_decay .05; set nesterov on; "
                                    "set stage_sampler instance"),
                           ("watch", "set hessian_every 2; set budget 1; set hessian_iters 3; watch 0,4")):
            if stage != "ccsam" or name != "sam":
                courses.append(course(f"{stage}_{name}", f"{own}; set stage {stage}; {more}"))
    courses.append(course("crt_same_too_late", f"{own}; set stage crt; set stage_loss same; set weights inverse; set drw 2; set loss ib; set ib_start 1; set ib_alpha 20"))
    return courses


# --- what is asked of a run that goes on ----------------------------------------------------------------------------------------

def said(name, settings, during, **other):
    return course(name, settings, during, told=True, **other)


EVERY = "set eval_every 1; set snapshot_every 1"
PROBED = "set hessian_every 1; set budget 1; set hessian_iters 3; set hessian_images 4"


def asked_courses():
    return [
        course("sam", SAM),
        said("steps_and_undo", SAM, "step 2; wait step 2; set rho .3; set lr .02; step 3; wait step 5; undo; step; wait step 6; undo; undo; resume"),
        said("step_by_step", SAM, "; ".join(f"step; wait step {i}" for i in range(1, 13)), twin="sam"),
        said("step_epochs", SAM, "step 0.5 epochs; wait step 2; step 1.5 epochs; wait epoch 2; resume", twin="sam"),
        said("pause_due", SAM, "pause at step 5; note here; resume; wait; note there; pause at epoch 2; resume; wait; resume",
             twin="sam"),
        said("pause_in_steps", SAM, "pause at step 3; step 8; wait; resume", twin="sam"),
        said("released", SAM, "step 5; wait step 5; pause --release; note given; resume", twin="sam"),
        said("dated", SAM, "set rho .3 at step 7; set lr .02 at epoch 2; set momentum .5 at epoch 1.5; set wd .01 at step 7; set wd .02 at step 3; "
             "set nesterov on in 0.25 epochs; show pending; cancel 2; cancel 2; cancel 9; show pending; resume"),
        said("dated_limits", SAM, "set rho .3 at step 12 --force; set rho .2 at step 11; step 6; wait step 6; set lr .02 at step 6; set momentum .7 at epoch 1.5; "
             "set drw 2; resume"),
        said("conditions", f"{EVERY}; {PROBED}; {SAM}; set epochs 5; watch 3",
             "set rho .2 if acc > 65; set lr .02 if loss < 1; set momentum .5 if head > 60; set wd .01 if tail > 40; set wd .02 if mid < 50; "
             "set rho .4 if lmin:3 < -0.1; set nesterov on if acc > 100; set rho .5 if lmin:4 < 0; note seen if tail > 60; hessian 4 --iters 2 at step 2; show pending; resume"),
        said("scaled", f"{SAM}; {WEIGHTED}", "step 2; wait step 2; set rho x3; set lr /2; set batch 4; set lr 0.05@0 0.1@1 0.2@2; set lr x0.5; set rho linear:.1..0.2; "
             "set rho x2; set sam_every x2; set rho_drw cosine:.4..0.1; set rho_drw /2; set momentum x.5; set loss focal; resume"),
        said("again_the_same", SAM, "set rho .1; set lr 0.05; set opt sam; set nesterov off; resume", twin="sam"),
        said("measured", f"{SAM}; set eval_every 2", "eval; eval train; step 5; wait step 5; eval; eval train; hessian 0,3 --iters 4 --images 3; hessian 4; "
             "cnc 0 --batches 6 --batch 2 --iters 40 --images 4; slice 1 v_min --points 3 --span .5 --iters 4; slice 1 random:2 --points 3; "
             "reading tau_norm; reading tau_post 0.5; reading ncm; reading plain --on train; hessian 1 --iters 3 --test --trace at step 7; eval at step 7; "
             "cnc 3 --iters 20 --batches 3 --batch 1 at step 9; resume", twin=None),
        said("measured_alike", SAM, "step 5; wait step 5; hessian 0,3 --iters 4; slice 1 v_max --points 3 --iters 3; reading tau_norm; hessian 2 --iters 3 at step 7; resume",
             twin="sam"),
        said("watched", f"{PROBED}; {EVERY}; set epochs 4", "watch 0,2; step 5; wait step 5; watch tail every 2 iters 2 images 1; step 5; wait step 10; unwatch 3; "
             "watch 0,2; hessian; resume"),
        said("unwatched", f"{PROBED}; {EVERY}", "watch 0,2; step 5; wait step 5; unwatch 2; resume"),
        said("watched_worst", f"{PROBED}; {EVERY}", "step 5; wait step 5; watch worst:1; resume"),
        said("snapshots", f"{EVERY}; set epochs 2", "step 3; wait step 3; snapshot; snapshot by_hand; snapshot at step 5; snapshot again at step 6; resume"),
        said("longer", f"{SAM}; set lr linear:.1..0.01; set rho cosine:.2; {EVERY}; set epochs 2",
             "step 5; wait step 5; set epochs 4; set lr linear:.1..0.01 at epoch 3; resume"),
        said("shorter", f"set lr linear:.1..0.01; {EVERY}; set opt ssesam; set rho .1; set epochs 5", "step 5; wait step 5; set epochs 1; set epochs 3; set steps 5; set steps 11; resume"),
        said("head_longer", "set opt ssesam; set rho .1", "step 5; wait step 5; set epochs 6; resume"),
        said("ends_at_once", EVERY, "step 5; wait step 5; set epochs 1; set epochs 1 --force; resume"),
        said("stage_moves", "set epochs 2; set stage_lr .03", "step 3; wait step 3; set stage crt; set stage_epochs 1; set stage lws; set epochs 1; step 3; wait step 6; "
             "set epochs 3; set stage_epochs 2; set stage crt; set stage_lr 0.1; set lr .5; set stage_lr linear:.1..0 at step 7; set epochs 2; resume"),
        said("stage_from_here", "set epochs 3; set stage_epochs 1; set stage_lr .03", "step 4; wait step 4; set epochs 1; stage crt --epochs 1; resume"),
        said("stage_back", STAGE, "step 3; wait step 3; stage none; resume"),
        said("drw_moves", f"{SAM}; set rho_drw .3; set weights inverse; set drw 0; {EVERY}; set epochs 4",
             "step 2; wait step 2; eval; set drw 2; eval; step 3; wait step 5; set drw 1; eval; step; wait step 6; set weights none; step 2; wait step 8; set weights effective; set drw 9; "
             "set drw 4; set drw 3; resume"),
        said("ib_moves", f"set loss ib; set ib_alpha 20; set ib_start 0; {WEIGHTED}; {EVERY}", "step 2; wait step 2; set ib_start 2; eval; step 3; wait step 5; set ib_start 1; eval; resume"),
        said("opt_moves", "set rho .1; set epochs 4; set looksam_k 2", "step 2; wait step 2; set opt fsam; step 2; wait step 4; set opt sgd; step; wait step 5; set opt fsam; "
             "step 2; wait step 7; set opt looksam; step 3; wait step 10; set opt lpf; set lpf_m 7; set lpf_m 6; step; wait step 11; set opt imbsam; set tail_below 1; "
             "set tail_below 10; set tail_below 9; resume"),
        said("every_move", f"{SAM}; set gauge_every 4; set epochs 4", "step 3; wait step 3; set sam_every 3; step 2; wait step 5; set gauge_every 1; set sam_from 2; resume"),
        said("snapshot_moves", "set epochs 5; set eval_every 2", "step 5; wait step 5; set snapshot_every 2; step 5; wait step 10; set eval_every 1; set snapshot_every 3; resume"),
        said("stop_if", f"{EVERY}; set epochs 6", "stop --yes if acc > 55; resume"),
        said("stop_at", SAM, "stop --yes at step 7; resume"),
        said("nan_stop", "set lr 0.05; set on_nan stop", "set lr 100 at step 3; set momentum 0.9999; set wd 10 at step 4; resume"),
        said("nan_pause", "set snapshot_every 1", "set lr 100 at step 5; set wd 10 at step 5; set head_until 0; resume"),
        said("ring", "set batch 30; set epochs 24; set snapshot_every 1; set eval_every 1; set lr .1", "snapshot at step 6; snapshot mine at step 7; resume"),
        said("weights_of_a_file", "", "step 4; wait step 4; save weights w.safetensors --force; resume"),
    ]


# --- taken up again ------------------------------------------------------------------------------------------------------------

def resumed(name, settings, at, during="", lost="", rest="", **other):
    """Stopped after `at` steps and taken up again, without the snapshots that `lost` says: the bits of the course that nobody stopped."""
    first = f"{SETUP}; {settings}; train --name {name} --paused; {during}; stop --yes at step {at}; resume"
    return Course(name, first, *([f"!rm {lost}"] if lost else []), f"resume {name}{rest}", told=True, **other)


ALL_SNAPSHOTS = "snap-*"
LONG = f"{EVERY}; {PROBED}; {SAM}; {WEIGHTED}; set rho_drw .2; set augment on; watch 1,3"
AUTO = f"{EVERY}; {PROBED}; set opt sam; set rho auto; set epochs 7; watch 0,tail"
CHANGES = ("set lr .03 at step 3; set rho .2 at step 6; set momentum .6 at step 6; set wd .01 if acc > 50; set rho .4 if lmin:1 < 0; eval train at step 5; "
           "hessian 0 --iters 3 at step 5; reading tau_norm at step 7; snapshot kept at step 6; slice 1 --points 3 --iters 3 at step 9; "
           "watch 2 at step 7; unwatch 1 at step 9; set opt fsam at step 7")


def resumed_courses():
    courses = [course("long", LONG), course("changes", LONG, f"{CHANGES}; resume"), course("auto", AUTO, told=True),
               course("auto_drw", f"{AUTO}; {WEIGHTED}; set drw 3; set lr .1", told=True),
               said("auto_later", f"{EVERY}; {PROBED}; {SAM}; set epochs 8; watch tail",
                    "step 5; wait step 5; set rho auto; wait step 5; step 15; wait step 20; set rho auto:.4; undo; set rho .3; set rho auto; resume"),
               said("auto_anew", AUTO, "step 5; wait step 5; set rho .1; set rho auto; resume"),
               course("sampled", f"{EVERY}; set sampler progressive; set sampler_epochs 3; set augment on; set jitter .4")]
    for opt in ("fsam", "looksam", "esam"):
        courses += [course(f"{opt}_whole", f"set opt {opt}; set rho .1; set looksam_k 3"),
                    resumed(f"{opt}_resumed", f"set opt {opt}; set rho .1; set looksam_k 3", 7, twin=f"{opt}_whole")]
    for at in (3, 4, 5, 8, 11):
        courses += [resumed(f"long_{at}", LONG, at, twin="long"), resumed(f"changes_{at}", LONG, at, CHANGES, twin="changes")]
    courses += [resumed(f"changes_anew_{at}", LONG, at, CHANGES, ALL_SNAPSHOTS, twin="changes") for at in (5, 8, 10)]
    courses += [resumed(f"changes_from_{old}", LONG, 9, CHANGES, lost, twin="changes") for old, lost in ((8, "snap-*09-*"), (4, "snap-*0[89]-* snap-*06-*"))]
    courses += [resumed("long_from_0", LONG, 3, lost="snap-*03-*", twin="long")]
    courses += [resumed(f"auto_{at}", AUTO, at, lost=lost, twin="auto") for at, lost in ((6, ""), (12, ""), (21, "snap-*2[01]-*"), (23, ALL_SNAPSHOTS))]
    courses += [resumed("sampled_7", f"{EVERY}; set sampler progressive; set sampler_epochs 3; set augment on; set jitter .4", 7, lost=ALL_SNAPSHOTS, twin="sampled")]
    for stage in ("crt", "lws", "ccsam"):
        own = f"{EVERY}; {STAGE}; set stage {stage}; set ccsam_a 1; set stage_norm frozen; set stage_augment off; set stage_rho .2"
        courses += [course(f"{stage}_whole", own)]
        courses += [resumed(f"{stage}_{at}", own, at, lost=lost, twin=f"{stage}_whole") for at, lost in ((8, ""), (10, ""), (11, "snap-*11-*"), (9, ALL_SNAPSHOTS))]
    courses += [
        Course("back_to_1", f"{SETUP}; {LONG}; train --name back_to_1", "set lr .02; resume back_to_1@1", told=True),
        Course("back_within", f"{SETUP}; {LONG}; train --name back_within", "resume back_within@1.5", told=True, twin="long"),
        Course("back_to_best", f"{SETUP}; {LONG}; set epochs 5; set lr .1; train --name back_to_best", "resume back_to_best@best", told=True),
        Course("made_longer", f"{SETUP}; {SAM}; {EVERY}; set lr linear:.1..0.01; train --name made_longer", "set epochs 5; resume made_longer", told=True),
        Course("forked", f"{SETUP}; {LONG}; train --name forked", "fork forked@1.5 early; set rho .3; train", "fork forked@best best; train --epochs 4",
               "fork forked@2 alike; train", told=True),
        Course("auto_forked", f"{SETUP}; {AUTO}; train --name auto_forked", "!rm snap-*", "fork auto_forked@2.5 other; train --epochs 4", told=True),
        Course("staged", f"{SETUP}; {LONG}; train --name staged", "stage crt --from staged@2 --epochs 1 --lr .1 --name later",
               "stage lws --from staged --epochs 1 --lr .1 --norm frozen --no-augment", told=True),
        Course("taught", f"{SETUP}; train --name taught --paused; step 4; wait step 4; save weights w.safetensors --force; stop --yes",
               f"{SETUP}; load weights w.safetensors; eval; train --name pupil --epochs 1", told=True),
    ]
    return courses


def all_courses(part, top):
    """Of knobs, losses, optimisers and stages; or of what is asked of a run and how it is taken up again."""
    if part == "knobs":
        return knob_courses(top) + loss_courses() + optimiser_courses() + stage_courses()
    return asked_courses() + resumed_courses()

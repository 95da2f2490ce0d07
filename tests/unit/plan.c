/* Settings that can never act: every rule, what is quiet, and the same said while a run trains. */
#include "config.h"
#include "tests/unit/running.h"

#include "engine/model/families.h"
#include "engine/run/plan.h"

/* --- rules ---------------------------------------------------------------------------------------------------------- */

struct lines {
    int n;
    char text[8][PLAN_TEXT_MAX];
};

static void hear(void *ctx, const char *text)
{
    struct lines *l = ctx;
    assert_true(l->n < 8);
    snprintf(l->text[l->n++], PLAN_TEXT_MAX, "%s", text);
}

/* "lr=cosine:0.1; steps=20; later=opt; watch=1; balanced; blind": the set-up, everything in it chosen by hand. */
static void set_up(const char *setup, struct dataset *d, struct knobs *k, struct plan *p, bool *chosen, bool *watched)
{
    char all[400];
    knobs_init(k);
    knob(k, "batch", "16");
    knob(k, "imbalance", "exp");
    *p = (struct plan){ .knobs = k, .data = d, .watched = watched };
    snprintf(all, sizeof all, "%s", setup);
    for (char *save = NULL, *word = strtok_r(all, ";", &save); word; word = strtok_r(NULL, ";", &save)) {
        word += strspn(word, " ");
        char *value = strchr(word, '=');
        if (value)
            *value++ = '\0';
        if (strcmp(word, "later") == 0)
            p->changes[strcmp(value, "watch") == 0 ? PLAN_WATCH : knob_find(value, NULL)] = true;
        else if (strcmp(word, "watch") == 0)
            watched[atoi(value)] = chosen[PLAN_WATCH] = true;
        else if (strcmp(word, "balanced") == 0)
            d->train.count[1] = d->train.count[2] = d->train.count[0];
        else if (strcmp(word, "blind") == 0)
            d->test.n = 0;
        else {
            knob(k, word, value);
            chosen[knob_find(word, NULL)] = true;
        }
    }
}

/* 34 images in batches of 16: three steps an epoch. `wanted` NULL: nothing is said. */
static const struct {
    const char *setup, *wanted;
} cases[] = {
    { "epochs=3", NULL }, /* the default lr changes at epoch 160, nobody asked for that */
    { "epochs=3; weights=none", NULL },
    { "loss=ldam; drw=1", "weights is none, so drw does nothing until 'set weights effective'" },
    { "loss=ldam; drw=1; later=weights", NULL },
    { "weights=effective; drw=160", NULL },
    { "weights=effective; epochs=161; stage=crt; drw=170", "drw 170 is past the end of the first stage (161): class weights never act" },
    { "stage=crt; epochs=3", NULL },
    { "stage_lr=0.2", "stage is none, so stage_lr does nothing until 'set stage crt'" },
    { "stage_lr=0.2; later=stage", NULL },
    { "stage=lws; steps=600", "stage lws is to begin at epoch 200, past the end of training (600 steps, epoch 200): it never does" },
    { "stage=lws; steps=601", NULL },
    { "stage=crt; stage_epochs=5; stage_lr=0.1@0 0.01@5", "stage_lr: epoch 5 is past the end of stage crt (5), so it never changes there" },
    { "stage=crt; stage_epochs=5; stage_lr=0.1@0 0.01@4", NULL },
    { "stage=crt; stage_epochs=5", NULL }, /* nor did anybody ask for the schedule of 30 */
    { "stage=crt; stage_rho=linear:0.1..0.2; steps=630", "stage_rho follows its line over 30 epochs, but training ends before (630 steps, epoch 210): it stops at 0.131 and never comes to 0.2" },
    { "stage=crt; stage_loss=same", "loss is ce and weights is none, so stage_loss same is plain cross-entropy, as ce" },
    { "stage=crt; stage_loss=same; weights=inverse; drw=0", NULL },
    { "stage=crt; head=norm", "stage_loss is ce, and the classifier's outputs are cosines, which lie too close for it; 'set stage_loss same' scales them" },
    { "sampler_power=0.5", "sampler is instance, so sampler_power does nothing; it is for sampler weighted" },
    { "sampler_power=0.5; stage=crt; stage_sampler=weighted", NULL },
    { "weights=effective; epochs=160", "drw 160 is past the end of training (160): class weights never act" },
    { "weights=effective; epochs=161", NULL },
    { "weights=effective; drw=2; steps=6", "drw 2 is past the end of training (6 steps, epoch 2): class weights never act" },
    { "weights=effective; drw=2; steps=7", NULL },
    { "weights=effective; drw=2; steps=6; later=drw", NULL },
    { "rho_drw=.5", "opt is sgd, so rho_drw does nothing until 'set opt sam'" },
    { "opt=sam; rho_drw=.5", "weights is none, so rho_drw does nothing until 'set weights effective'" },
    { "opt=asam; weights=inverse; rho_drw=.5", NULL },
    { "rho=.5", "opt is sgd, so rho does nothing until 'set opt sam'" },
    { "rho=.5; later=opt", NULL },
    { "opt=sam; bn_second_pass=freeze; pgd_sigma=1", "opt is sam, so pgd_sigma does nothing until 'set opt pgd'" },
    { "opt=pgd; lpf_m=2", "opt is pgd, so lpf_m does nothing until 'set opt lpf'" },
    { "loss=focal; focal_gamma=2", NULL },
    { "loss=ce; focal_gamma=2", "loss is ce, so focal_gamma does nothing; it is for loss focal and ib-focal" },
    { "loss=ib-focal; ib_start=0; focal_gamma=2", NULL },
    { "loss=focal; ib_alpha=5", "loss is focal, so ib_alpha does nothing; it is for loss ib and ib-focal" },
    { "loss=ib; epochs=100", "ib_start 100 is past the end of training (100): ib never acts, the loss stays plain cross-entropy" },
    { "loss=ib; epochs=101", NULL },
    { "loss=ib-focal; ib_start=2; steps=6", "ib_start 2 is past the end of training (6 steps, epoch 2): ib-focal never acts, the loss stays plain cross-entropy" },
    { "loss=ib-focal; ib_start=2; steps=7", NULL },
    { "loss=ib; ib_start=0; weights=effective; reduction=batch-mean", "ib divides by the batch, whatever reduction says" },
    { "loss=la; vs_gamma=2", "loss is la, so vs_gamma does nothing; it is for loss vs" },
    { "loss=ldam; tau=2", "loss is ldam, so tau does nothing; it is for loss vs and la" },
    { "margin=1", "loss is ce, so margin does nothing; it is for loss ldam" },
    { "lr=multistep:0.1,warmup=5; epochs=4", "lr warms up for 5 epochs, beyond the end of training (4): it never comes to 0.1" },
    { "lr=multistep:0.1,warmup=5; epochs=5", NULL },
    { "lr=multistep:0.1,warmup=2,30:0.1; epochs=30", "lr: epoch 30 is past the end of training (30), so it never changes there" },
    { "lr=0.1@0 0.01@5; steps=15", "lr: epoch 5 is past the end of training (15 steps, epoch 5), so it never changes there" },
    { "lr=0.1@0 0.01@5; steps=16", NULL },
    { "lr=0.1@0 0.01@5; steps=15; later=lr", NULL },
    { "lr=cosine:0.1; epochs=4", NULL },
    { "lr=cosine:0.1; epochs=4; steps=3",
      "lr follows its cosine over 4 epochs, but training ends before (3 steps, epoch 1): it stops at 0.1 and never comes to 0" },
    { "lr=cosine:0.1; epochs=4; steps=10", NULL }, /* a step of the last epoch */
    { "opt=sam; rho=linear:0.05..0.8; epochs=5; steps=6",
      "rho follows its line over 5 epochs, but training ends before (6 steps, epoch 2): it stops at 0.2375 and never comes to 0.8" },
    { "opt=sam; rho=0.05@0 0.1@5 0.5@60; rho_drw=.8; weights=effective; drw=50",
      "rho: rho_drw holds from epoch 50 (drw) on, so it never changes at epoch 60" },
    { "loss=ldam; head=linear",
      "head is linear, but ldam's margin and scale are for cosines: they act as meant with 'head norm' only (auto takes it)" },
    { "loss=ldam; head=norm", NULL },
    { "loss=ldam", NULL },
    { "hessian_every=2", "no class is watched, so hessian_every and budget do nothing until 'watch CLASS'" },
    { "hessian_every=2; later=watch", NULL },
    { "hessian_every=0", NULL },
    { "watch=1", NULL },
    { "watch=1; hessian_every=0", "hessian_every is 0, so nothing is probed; 'set hessian_every 1'" },
    { "watch=1; budget=0", "budget is 0, so nothing is probed; 'set budget 0.1'" },
    { "watch=1; epochs=4; hessian_every=5", "hessian_every 5 is past the end of training (4): nothing is probed" },
    { "watch=1; epochs=5; hessian_every=5", NULL },
    { "beta_en=.9", "beta_en does nothing without 'weights effective' or 'resample on'" },
    { "beta_en=.9; resample=on", NULL },
    { "beta_en=.9; resample=fixed", "beta_en does nothing without 'weights effective' or 'resample on'" },
    { "beta_en=0; weights=effective", "beta_en is 0, so all class weights are 1" },
    { "reduction=batch-mean", "weights is none, so reduction makes no difference until 'set weights effective'" },
    { "loss=focal; weights=effective; reduction=batch-mean", "focal divides by the batch, whatever reduction says" },
    { "weights=effective; balanced", "every class has 20 images, so all class weights are 1" },
    { "loss=la; balanced", "every class has 20 images, so la is plain cross-entropy" },
    { "resample=on; shuffle=off", "resample is on, so shuffle does nothing; it is for resample off" },
    { "sampler=class-aware; shuffle=off", "sampler is class-aware, so shuffle does nothing; it is for sampler instance" },
    { "sampler=class-aware; resample=on", "resample is on, so sampler does nothing; it is for resample off" },
    { "sampler=class-aware; sampler_power=1", "sampler is class-aware, so sampler_power does nothing; it is for sampler weighted" },
    { "sampler_epochs=9", "sampler is instance, so sampler_epochs does nothing; it is for sampler progressive" },
    { "sampler=progressive; epochs=8; sampler_epochs=9",
      "sampler_epochs 9 is past the end of training (8): the classes are never visited alike" },
    { "sampler=progressive; epochs=9; sampler_epochs=9", NULL },
    { "nesterov=on; momentum=0", "momentum is 0, so nesterov makes no difference" },
    { "imbalance=none; beta=50", "imbalance is none, so beta does nothing; it is for imbalance exp and step" },
    { "classes=3", "data is demo, so classes does nothing; it is for data tensors and list" },
    { "subset_seed=3", "data is demo, so subset_seed does nothing; it is for data cifar10, cifar100, folder and list" },
    { "data=tensors; imbalance=step", "tensors are trained on as they are, whatever imbalance says" },
    { "val_from=unused", "val is 0, so val_from does nothing; 'data ... --val N' sets validation images apart" },
    { "val_from=unused; val=20", NULL },
    { "eval_every=2; blind", "there are neither test nor val images, so eval_every does nothing" },
    { "snapshot_every=9; epochs=8", "snapshot_every 9 is past the end of training (8): it makes none before the last" },
    { "snapshot_every=8; epochs=8", NULL },
    { "opt=lpf; lpf_m=20", "lpf_m 20 is above the batch of 16: loss and gradient are divided by more pieces than there are" },
};

static void test_rules(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct dataset d;
        struct knobs k;
        struct plan p;
        bool chosen[PLAN_SUBJECTS] = { false }, watched[CLASSES] = { false };
        struct lines l = { 0 };
        make_data(&d, train_counts, 0);
        set_up(cases[i].setup, &d, &k, &p, chosen, watched);
        plan_never(&p, chosen, hear, &l);
        if (cases[i].wanted && (l.n != 1 || strcmp(l.text[0], cases[i].wanted) != 0))
            fail_msg("%s\n  wanted: %s\n  said %d: %s", cases[i].setup, cases[i].wanted, l.n, l.n ? l.text[0] : "");
        if (!cases[i].wanted && l.n > 0)
            fail_msg("%s: nothing to say, but: %s", cases[i].setup, l.text[0]);
        memset(chosen, 0, sizeof chosen); /* the same by default stays quiet */
        l.n = 0;
        plan_never(&p, chosen, hear, &l);
        assert_int_equal(l.n, 0);
        dataset_free(&d);
    }
}

static void test_conditions(void **state)
{
    (void)state;
    static const struct {
        const char *setup, *metric, *wanted;
    } rows[] = {
        { "", "acc", NULL },
        { "eval_every=0", "acc", "eval_every is 0: only an 'eval' by hand can meet it" },
        { "eval_every=0; later=eval_every", "acc", NULL },
        { "eval_every=4; epochs=3", "loss", "eval_every 4 is past the end of training (3): only an 'eval' by hand can meet it" },
        { "blind", "tail", "there are neither test nor val images, so it is never met" },
        { "", "mid", NULL },
        { "watch=1", "lmin:1", NULL },
        { "watch=1", "lmin:2", "class 2 is not watched, so it waits for a 'hessian 2' by hand" },
        { "watch=1; later=watch", "lmin:2", NULL },
        { "watch=1; budget=0", "lmin:1", "budget is 0, so nothing is probed; 'set budget 0.1'; it waits for a 'hessian 1' by hand" },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct dataset d;
        struct knobs k;
        struct plan p;
        bool chosen[PLAN_SUBJECTS] = { false }, watched[CLASSES] = { false };
        char text[PLAN_TEXT_MAX] = "";
        make_data(&d, train_counts, 0);
        set_up(rows[i].setup, &d, &k, &p, chosen, watched);
        assert_int_equal(plan_condition(&p, rows[i].metric, text, sizeof text), rows[i].wanted == NULL);
        if (rows[i].wanted)
            assert_string_equal(text, rows[i].wanted);
        d.group_classes[GROUP_MID] = 0;
        if (strcmp(rows[i].metric, "mid") == 0) {
            assert_false(plan_condition(&p, "mid", text, sizeof text));
            assert_string_equal(text, "no class is in group mid, so it is never met");
        }
        dataset_free(&d);
    }
}

static void test_pieces_of_a_batch(void **state)
{
    (void)state;
    struct knobs k;
    const struct net net = { .n_units = 0 };
    const struct dataset data = { .train.n = 34 };
    knobs_init(&k);
    knob(&k, "batch", "16");
    knob(&k, "lpf_m", "17");
    assert_int_equal(plan_check(&k, &net, &data, &last), 0); /* sgd has no pieces */
    knob(&k, "opt", "lpf");
    assert_int_equal(plan_check(&k, &net, &data, &last), -1);
    assert_string_equal(last.text, "lpf_m 17: a batch of 16 images has no more than 16 pieces; accepted with this batch: 1..16");
    knob(&k, "lpf_m", "16");
    assert_int_equal(plan_check(&k, &net, &data, &last), 0);
}

/* resnet18 ends in one pixel of images of 32x32: PyTorch trains on no single image there either. */
static void test_single_images(void **state)
{
    static const struct {
        const char *batch, *opt, *wanted;
        uint32_t images;
    } rows[] = {
        { "8", "sgd", NULL, 34 },
        { "16", "sam", NULL, 34 },
        { "64", "sgd", NULL, 34 },
        { "11", "sgd", "batch 11: 34 images in such batches leave one alone, and one image of 32x32 has no statistics for batch norm in "
                       "resnet18, whose last units have a single pixel; batch 12 is accepted", 34 },
        { "1", "sgd", "batch 2 is accepted", 34 },
        { "1", "sgd", "; batch 3 is accepted", 5 },
        { "16", "lpf", NULL, 34 },
        { "16", "lpf", "35 images in such batches and 8 pieces (lpf_m) leave one alone", 35 },
        { "8", "lpf", "; batch 16 is accepted", 34 },
        { "8", "msam", "34 images in such batches and 4 pieces (msam_m) leave one alone", 34 },
        { "12", "msam", NULL, 34 }, /* 3, and of the last 10 2 */
        { "4", "sgd", "; more images are accepted", 1 },
    };
    struct net net, wide;
    (void)state;
    assert_int_equal(net_of_family(&net, "resnet18", IMAGE_CIFAR, 3, HEAD_LINEAR, &last), 0);
    assert_int_equal(net_of_family(&wide, "resnet18", (struct image_geometry){ 32, 33, 3 }, 3, HEAD_LINEAR, &last), 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct knobs k;
        const struct dataset data = { .train.n = rows[i].images };
        knobs_init(&k);
        knob(&k, "batch", rows[i].batch);
        knob(&k, "opt", rows[i].opt);
        if (strcmp(rows[i].opt, "lpf") == 0 && atoi(rows[i].batch) < 8)
            knob(&k, "lpf_m", rows[i].batch);
        last = (struct err){ 0 };
        assert_int_equal(plan_check(&k, &net, &data, &last), rows[i].wanted ? -1 : 0);
        if (rows[i].wanted && !strstr(last.text, rows[i].wanted))
            fail_msg("%zu: %s", i, last.text);
        assert_int_equal(plan_check(&k, &wide, &data, &last), 0);
    }
    net_release(&net);
    net_release(&wide);
}

/* --- the same while training --------------------------------------------------------------------------------------- */

static bool said(struct run *r, const char *text)
{
    return find_event(r->log, EVENT_SAY, EV_SAY_TEXT, text, 0, false) >= 0;
}

static void test_while_training(void **state)
{
    (void)state;
    struct run r;
    run_init(&r);
    knob(&r.knobs, "weights", "effective");
    knob(&r.knobs, "drw", "2");
    knob(&r.knobs, "epochs", "9");
    knob(&r.knobs, "lr", "0.1@0 0.01@7");
    r.setup.max_steps = 21; /* epoch 7 */
    r.setup.start_paused = true;
    run_start(&r);
    assert_false(set(&r, "drw", "7"));
    assert_string_equal(answer_text, "drw 7 is past the end of training (21 steps, epoch 7), it would never fire; not set (use --force)");
    assert_true(set(&r, "lr", "cosine:0.1"));
    assert_true(said(&r, "set: lr follows its cosine over 9 epochs, but training ends before (21 steps, epoch 7)"));
    assert_true(set(&r, "lr", "0.1@0 0.01@3"));
    assert_false(said(&r, "epoch 3 is past"));
    assert_true(set(&r, "epochs", "2"));
    assert_true(said(&r, "set: drw 2 is past the end of training (2): class weights never act"));
    assert_true(said(&r, "set: lr: epoch 3 is past the end of training (2), so it never changes there"));
    assert_true(set(&r, "epochs", "9"));
    assert_true(set(&r, "opt", "sam"));
    assert_false(said(&r, "does nothing")); /* rho, bn_second_pass: nobody chose them */
    assert_true(set(&r, "pgd_sigma", "0.1"));
    assert_true(said(&r, "set: opt is sam, so pgd_sigma does nothing until 'set opt pgd'"));
    assert_true(set(&r, "lpf_m", "20"));
    assert_false(set(&r, "opt", "lpf"));
    assert_string_equal(answer_text, "lpf_m 20: a batch of 16 images has no more than 16 pieces; accepted with this batch: 1..16");
    assert_true(set(&r, "lpf_m", "4"));
    assert_true(set(&r, "opt", "lpf"));
    assert_false(set(&r, "lpf_m", "17"));
    run_free(&r);
}

static void test_conditions_while_training(void **state)
{
    (void)state;
    struct run r;
    run_init(&r);
    r.setup.start_paused = true;
    run_start(&r);
    struct command c = set_command("lr", "0.02");
    c.when = WHEN_IF, c.when_value = 50, c.when_above = true;
    snprintf(c.when_metric, sizeof c.when_metric, "acc");
    assert_true(post(&r, &c));
    assert_false(said(&r, "'if acc'"));
    assert_true(set(&r, "eval_every", "0")); /* the condition was in reach a moment ago */
    assert_true(said(&r, "pending 1 'if acc': eval_every is 0: only an 'eval' by hand can meet it"));
    snprintf(c.when_metric, sizeof c.when_metric, "lmin:2");
    assert_true(post(&r, &c));
    assert_true(said(&r, "'if lmin:2': class 2 is not watched, so it waits for a 'hessian 2' by hand"));
    assert_true(set(&r, "budget", "0"));
    struct command watch = { .op = COMMAND_WATCH, .n_classes = 1, .classes = (const int[]){ 1 }, .by = "user" };
    assert_true(post(&r, &watch));
    assert_true(said(&r, "watch: budget is 0, so nothing is probed; 'set budget 0.1'"));
    run_free(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rules),
        cmocka_unit_test(test_conditions),
        cmocka_unit_test(test_pieces_of_a_batch),
        cmocka_unit_test(test_single_images),
        cmocka_unit_test(test_while_training),
        cmocka_unit_test(test_conditions_while_training),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Comparisons of what is odd: losses that are no number, many changes of a knob, copies, links, circles, long lines, damage. */
#include "config.h"
#include "compared.h"

#include <fcntl.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "session/folder.h"

static struct comparison *compare_two(const char *first, const char *second)
{
    struct err err = { 0 };
    struct comparison *c = open_runs((const char *const[]){ first, second }, 2, &err);
    assert_string_equal(err.text, "");
    assert_non_null(c);
    return c;
}

/* Its own epochs are `from` / SPE + 1 to `last`. */
static void record(struct written *w, uint64_t seed, const struct written *parent, uint64_t from, uint64_t last)
{
    w->classes = 4;
    begin_config(w, "0.05", seed, parent, from);
    write_data(w, "aa", 0);
    for (uint64_t ep = from / SPE + 1; ep <= last; ep++)
        write_epoch(w, ep, 40 + (double)ep, 1);
    end_run(w);
}

/* rho is changed at the first step of each of epochs 2 to 9, the last time to `last`, at `step`. */
static void record_changes(struct written *w, uint64_t seed, const char *last, uint64_t step)
{
    char value[16], old[16] = "0.05";
    w->classes = 4;
    begin_config(w, "0.05", seed, NULL, 0);
    write_data(w, "aa", 0);
    for (uint64_t ep = 1; ep <= 9; ep++) {
        snprintf(value, sizeof value, "0.%d", (int)ep);
        if (ep > 1)
            write_set(w, ep == 9 ? step : (ep - 1) * SPE, "rho", ep == 9 ? last : value, old);
        if (ep > 1)
            snprintf(old, sizeof old, "%s", value);
        write_epoch(w, ep, 50, 1);
    }
    end_run(w);
}

static void late_changes_of_a_knob_count(void **state)
{
    (void)state;
    static struct written w[4] = { { .name = "ch-a" }, { .name = "ch-b" }, { .name = "ch-c" }, { .name = "ch-d" } };
    enum knob_id knob[KNOB_COUNT];
    char text[KNOB_TEXT_MAX];
    record_changes(&w[0], 0, "0.9", 80);
    record_changes(&w[1], 1, "0.95", 80);
    record_changes(&w[2], 1, "0.9", 81);
    record_changes(&w[3], 1, "0.9", 80);
    for (int i = 1; i < 3; i++) { /* another value; at another step */
        struct comparison *c = compare_two("ch-a", w[i].name);
        assert_int_equal(comparison_knobs(c, knob), 2);
        assert_true(knob[0] == KNOB_RHO || knob[1] == KNOB_RHO);
        assert_int_equal(comparison_repeats(c, 0), 1);
        comparison_knob_text(c, 1, KNOB_RHO, text, sizeof text);
        assert_string_equal(text, i == 1 ? "0.05 > 0.2@1 > 0.3@2 > 0.4@3 > 0.5@4 > 0.6@5 > ... 3 more, the last 0.95@8"
                                         : "0.05 > 0.2@1 > 0.3@2 > 0.4@3 > 0.5@4 > 0.6@5 > ... 3 more, the last 0.9@8.1");
        comparison_close(c);
    }
    struct comparison *c = compare_two("ch-a", "ch-d");
    assert_int_equal(comparison_knobs(c, knob), 1);
    assert_true(knob[0] == KNOB_SEED);
    assert_int_equal(comparison_repeats(c, 0), 3);
    comparison_close(c);
}

static void record_moved(struct written *w, uint64_t seed, uint64_t step, const char *end)
{
    w->classes = 4;
    begin_config(w, "auto", seed, NULL, 0);
    write_data(w, "aa", 0);
    write_epoch(w, 1, 50, 1);
    write_set(w, step, "rho", "auto:0.0707", "auto");
    write_epoch(w, 3, 50, 1);
    write_set(w, 3 * SPE, "rho", end, "auto:0.0707");
    write_epoch(w, 4, 50, 1);
    end_run(w);
}

/* Seeds move it at their own times, and are repeats all the same; what is set by hand after it is not. */
static void moves_of_rho_auto_are_no_other_setting(void **state)
{
    (void)state;
    static struct written w[3] = { { .name = "mo-a" }, { .name = "mo-b" }, { .name = "mo-c" } };
    char text[KNOB_TEXT_MAX];
    record_moved(&w[0], 0, SPE, "auto:0.1");
    record_moved(&w[1], 1, 2 * SPE, "auto:0.05");
    record_moved(&w[2], 1, SPE, "0.3");
    struct comparison *c = compare_two("mo-a", "mo-b");
    assert_int_equal(comparison_repeats(c, 0), 3);
    comparison_knob_text(c, 1, KNOB_RHO, text, sizeof text);
    assert_string_equal(text, "auto > auto:0.0707@2 > auto:0.05@3");
    comparison_close(c);
    c = compare_two("mo-a", "mo-c");
    assert_int_equal(comparison_repeats(c, 0), 1);
    comparison_close(c);
}

static void a_loss_that_is_no_number_is_the_last_value(void **state)
{
    (void)state;
    static struct written w[2] = { { .name = "fine" }, { .name = "lost", .classes = 4 } };
    struct err err;
    char *text = NULL;
    size_t size;
    record(&w[0], 0, NULL, 0, 4);
    begin_config(&w[1], "0.05", 1, NULL, 0);
    write_data(&w[1], "aa", 0);
    write_epoch(&w[1], 1, 40, 2);
    write_epoch(&w[1], 2, 41, 1.5);
    write_epoch(&w[1], 3, 25, (double)INFINITY);
    write_epoch(&w[1], 4, 25, (double)NAN);
    end_run(&w[1]);
    struct comparison *c = compare_two("fine", "lost");
    const int loss = comparison_add_metric(c, "loss", &err), class = comparison_add_metric(c, "loss:c1", &err);
    struct comparison_value now = comparison_at(c, 1, loss);
    assert_true(isnan(now.value) && now.epoch == 4 && now.step == 40 && now.of == 2);
    assert_true(isnan(comparison_at(c, 1, class).value) && comparison_at(c, 1, class).epoch == 4);
    assert_true(comparison_best(c, 1, loss).value == 1.5 && isnan(comparison_delta(c, 1, loss)));
    assert_int_equal(comparison_series(c, 1, loss).n, 2);
    FILE *out = open_memstream(&text, &size);
    assert_int_equal(comparison_put_csv(out, c, &(struct comparison_view){ .density = false }, &err), 0);
    assert_int_equal(fclose(out), 0);
    assert_non_null(strstr(text, "\nlost,loss,,1,10,2\nlost,loss,,2,20,1.5\nlost,loss,,3,30,inf\nlost,loss,,4,40,nan\n"));
    free(text);
    comparison_seek(c, 3);
    assert_true(isinf(comparison_at(c, 1, loss).value));
    comparison_seek(c, 2);
    assert_true(comparison_at(c, 1, loss).value == 1.5 && comparison_at(c, 1, loss).of == 2);
    out = open_memstream(&text, &size); /* nor does a table have what comes later */
    assert_int_equal(comparison_put_csv(out, c, &(struct comparison_view){ .density = false }, &err), 0);
    assert_int_equal(fclose(out), 0);
    assert_non_null(strstr(text, "\nlost,loss,,2,20,1.5\n"));
    assert_null(strstr(text, "inf") || strstr(text, "nan") ? text : NULL);
    free(text);
    comparison_seek(c, 0.5);
    assert_true(isnan(comparison_at(c, 1, loss).epoch));
    comparison_close(c);
}

/* 20 runs, each a fork of the one before. */
static void a_line_of_many_forks_is_cut_and_said(void **state)
{
    (void)state;
    static struct written w[20];
    static char name[20][8];
    for (int i = 0; i < 20; i++) {
        snprintf(name[i], sizeof name[i], "g%d", i);
        w[i].name = name[i];
        record(&w[i], 1, i ? &w[i - 1] : NULL, (uint64_t)i * SPE, (uint64_t)i + 1);
    }
    struct comparison *c = compare_two("fine", "g19");
    assert_string_equal(comparison_note(c, 0), "g19 is known from epoch 3 on: more than 16 forks");
    assert_null(comparison_note(c, 1));
    comparison_close(c);
    c = compare_two("fine", "g16"); /* just 16 */
    assert_null(comparison_note(c, 0));
    assert_true(comparison_begin(c, 1) == 0);
    comparison_close(c);
}

static void a_forged_circle_is_said(void **state)
{
    (void)state;
    static struct written self = { .name = "self" };
    record(&self, 1, &self, 20, 4);
    struct comparison *c = compare_two("fine", "self");
    assert_string_equal(comparison_note(c, 0), "self is known from epoch 2 on: its recordings name each other as parents");
    assert_null(comparison_note(c, 1));
    comparison_close(c);
}

static void copy_run(const char *from, const char *to)
{
    char line[2400];
    snprintf(line, sizeof line, "cp -r '%s' '%s'", from, to);
    assert_int_equal(system(line), 0);
}

/* Of two copies of a parent under other names the first by name is it, as in lists; a link and a moved run find theirs too. */
static void parents_are_found_as_lists_find_them(void **state)
{
    (void)state;
    static struct written parent = { .name = "old" }, child = { .name = "young" };
    char old[1024], copy[1024], link[1100], moved[1100], away[256], fine[1024], dir[1024];
    struct err err = { 0 };
    record(&parent, 1, NULL, 0, 4);
    record(&child, 1, &parent, 20, 4);
    at("old", old);
    at("young", dir);
    at("fine", fine);
    for (int i = 0; i < 2; i++) {
        at(i ? "copy-b" : "copy-a", copy);
        copy_run(old, copy);
    }
    scratch_remove(old);
    struct comparison *c = compare_two("fine", "young");
    assert_null(comparison_note(c, 0));
    assert_true(comparison_begin(c, 1) == 0 && comparison_series(c, 1, comparison_add_metric(c, "acc", &err)).n == 4);
    comparison_close(c);
    scratch_make(away);
    snprintf(link, sizeof link, "%s/link.saddle", away);
    snprintf(moved, sizeof moved, "%s/moved.saddle", away);
    assert_int_equal(symlink(dir, link), 0);
    copy_run(dir, moved);
    c = comparison_open((const char *const[]){ fine, link }, 2, NULL, &err);
    assert_true(c && !comparison_note(c, 0) && comparison_begin(c, 1) == 0);
    comparison_close(c);
    c = comparison_open((const char *const[]){ fine, moved }, 2, NULL, &err);
    assert_true(c && comparison_note(c, 0) && comparison_begin(c, 1) == 2);
    comparison_close(c);
    c = comparison_open((const char *const[]){ fine, moved }, 2, root, &err);
    assert_true(c && !comparison_note(c, 0) && comparison_begin(c, 1) == 0);
    comparison_close(c);
    assert_int_equal(unlink(link), 0);
    scratch_remove(away);
}

static void other_names_of_the_same_images_are_said(void **state)
{
    (void)state;
    static struct written none = { .name = "none", .classes = 4 }, some = { .name = "some", .classes = 4 };
    struct written *const w[] = { &none, &some };
    for (int i = 0; i < 2; i++) {
        begin_config(w[i], "0.05", 1, NULL, 0);
        write_data(w[i], "aa", i ? 2 : 9);
        write_epoch(w[i], 1, 40, 1);
        end_run(w[i]);
    }
    struct comparison *c = compare_two("fine", "none");
    assert_string_equal(comparison_note(c, 0), "none has the images of fine under other class names; no class matches by name");
    comparison_close(c);
    c = compare_two("fine", "some");
    assert_string_equal(comparison_note(c, 0), "some has the images of fine under other class names; classes are matched by name");
    comparison_close(c);
}

static void begin_live(struct written *w)
{
    struct err err;
    w->classes = 4;
    begin_config(w, "0.05", 1, NULL, 0);
    write_data(w, "aa", 0);
    write_epoch(w, 1, 40, 1);
    assert_int_equal(w->sink.sync(w->sink.ctx, &err), 0);
}

/* More segments of a journal than there can be: then the folder is not read. */
static void spoil(const char *dir)
{
    char path[1100];
    for (int i = 0; i <= FOLDER_SEGMENTS_MAX; i++) {
        snprintf(path, sizeof path, "%s/journal-%06d.zst", dir, 100000 + i);
        const int fd = open(path, O_WRONLY | O_CREAT, 0600);
        assert_true(fd >= 0);
        close(fd);
    }
}

static void one_that_cannot_be_read_does_not_stop_the_other(void **state)
{
    (void)state;
    static struct written spoilt = { .name = "spoilt" }, stays = { .name = "stays" };
    char dir[1024];
    struct err err;
    begin_live(&spoilt);
    begin_live(&stays);
    struct comparison *c = compare_two("spoilt", "stays");
    at("spoilt", dir);
    spoil(dir);
    write_epoch(&stays, 2, 50, 1);
    assert_int_equal(stays.sink.sync(stays.sink.ctx, &err), 0);
    assert_int_equal(comparison_follow(c, &err), 1);
    assert_string_equal(err.text, "more than 10000 journal segments");
    assert_true(comparison_end(c, 1) == 2 && comparison_end(c, 0) == 1);
    assert_int_equal(comparison_follow(c, &err), 0);
    comparison_close(c);
    end_run(&spoilt);
    end_run(&stays);
}

static void damage_of_an_ancestor_is_said(void **state)
{
    (void)state;
    static struct written parent = { .name = "torn" }, child = { .name = "whole" };
    char path[1100], dir[1024];
    struct err err;
    parent.classes = 4;
    begin_config(&parent, "0.05", 1, NULL, 0);
    write_data(&parent, "aa", 0);
    for (uint64_t ep = 1; ep <= 8; ep++) {
        write_epoch(&parent, ep, 40, 1);
        assert_int_equal(parent.sink.sync(parent.sink.ctx, &err), 0);
    }
    end_run(&parent);
    record(&child, 1, &parent, 60, 8);
    at("torn", dir);
    snprintf(path, sizeof path, "%s/journal-000001.zst", dir);
    const int fd = open(path, O_RDWR);
    const off_t size = lseek(fd, 0, SEEK_END);
    assert_true(size > 100 && pwrite(fd, "\0\0\0\0", 4, size / 2) == 4);
    close(fd);
    struct comparison *c = compare_two("fine", "whole");
    assert_non_null(comparison_note(c, 0));
    assert_memory_equal(comparison_note(c, 0), "whole goes on from torn: damaged: ", 34);
    comparison_close(c);
    c = compare_two("torn", "whole"); /* said once, of itself */
    assert_memory_equal(comparison_note(c, 0), "torn: ", 6);
    assert_null(comparison_note(c, 1));
    comparison_close(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(late_changes_of_a_knob_count),
        cmocka_unit_test(moves_of_rho_auto_are_no_other_setting),
        cmocka_unit_test(a_loss_that_is_no_number_is_the_last_value),
        cmocka_unit_test(a_line_of_many_forks_is_cut_and_said),
        cmocka_unit_test(a_forged_circle_is_said),
        cmocka_unit_test(parents_are_found_as_lists_find_them),
        cmocka_unit_test(other_names_of_the_same_images_are_said),
        cmocka_unit_test(one_that_cannot_be_read_does_not_stop_the_other),
        cmocka_unit_test(damage_of_an_ancestor_is_said),
    };
    return cmocka_run_group_tests_name("unit/comparison_odd", tests, make_root, remove_root);
}

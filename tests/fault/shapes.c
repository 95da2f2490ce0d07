#include "config.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "forge.h"
#include "shapes.h"

void say_notes(struct forge *f)
{
    for (int i = 0; i < 84000; i++) {
        char rest[64];
        snprintf(rest, sizeof rest, "\"text\":\"%x\",\"ep\":1", (unsigned)i * 2654435761u);
        say(f, "note", 1, rest);
    }
}

static void stages(struct forge *f)
{
    for (int i = 0; i < 84000; i++) {
        char rest[64];
        snprintf(rest, sizeof rest, "\"name\":\"%x\",\"first\":1", (unsigned)i * 2654435761u);
        say(f, "stage", 1, rest);
    }
}

static void classes(struct forge *f, int n)
{
    char *names = list("classes", "\"c\"", n);
    say(f, "data", 0, names);
    free(names);
}

/* The same line again and again: what compresses best. */
static void repeat(struct forge *f, const char *kind, uint64_t step, int n, char *rest)
{
    for (int i = 0; i < n; i++)
        say(f, kind, step, rest);
    free(rest);
}

void say_matrices(struct forge *f)
{
    classes(f, 100);
    repeat(f, "epoch", 1, 4000, list("conf", "0", 10000));
}

static void class_lists(struct forge *f)
{
    classes(f, 10000);
    repeat(f, "epoch", 1, 1500, list("cls", "0", 10000));
}

static void class_counts(struct forge *f)
{
    for (int i = 0; i < 300; i++)
        classes(f, 16000 - i % 2);
}

/* One line cannot say so much. */
static void long_lists(struct forge *f)
{
    char *names = list("text", "\"c\"", 10000), *numbers = list("f32", "0", 10000), rest[60];
    struct buf part = { 0 };
    for (int i = 0; i < 40; i++)
        for (int list = 0; list < 2; list++) {
            for (int at = 0; at < 50000; at += 10000) {
                snprintf(rest, sizeof rest, "\"of\":\"%s\",\"key\":\"%s\",\"at\":%d,", list ? "epoch" : "data", list ? "cls" : "classes", at);
                buf_clear(&part);
                buf_addf(&part, "%s%s", rest, list ? numbers : names);
                say(f, "part", 1, part.data);
            }
            say(f, list ? "epoch" : "data", 1, "");
        }
    buf_release(&part);
    free(names);
    free(numbers);
}

static void parts_alone(struct forge *f)
{
    char *numbers = list("f32", "0", 10000), rest[60];
    struct buf part = { 0 };
    for (int at = 0; at < 20000000; at += 10000) {
        snprintf(rest, sizeof rest, "\"of\":\"epoch\",\"key\":\"cls\",\"at\":%d,", at);
        buf_clear(&part);
        buf_addf(&part, "%s%s", rest, numbers);
        say(f, "part", 1, part.data);
    }
    buf_release(&part);
    free(numbers);
}

void say_short_evaluations(struct forge *f)
{
    classes(f, 16000);
    repeat(f, "epoch", 1, 200000, strdup(""));
}

static void nodes(struct forge *f)
{
    classes(f, 10);
    struct buf rest = { 0 };
    char *n = list("nodes", "0", 10000), *w = list("wts", "0", 10000);
    buf_addf(&rest, "\"class\":1,%s,%s", n, w);
    free(n);
    free(w);
    repeat(f, "eig", 1, 600, rest.data);
}

static void branches(struct forge *f)
{
    for (uint64_t i = 0; i < 30000; i++) /* each branch replaces one of these, the first */
        say(f, "note", 100000 - i, "");
    for (uint64_t i = 0; i < 60000; i++)
        say(f, "branch", 99999 - i, "");
}

static void snapshots(struct forge *f)
{
    for (uint64_t i = 0; i < 60000; i++)
        say(f, "snap", i, "\"name\":\"s\"");
    for (uint64_t i = 0; i < 60000; i++) {
        char rest[32];
        snprintf(rest, sizeof rest, "\"of\":%llu", (unsigned long long)i);
        say(f, "unsnap", 60000, rest);
    }
}

static void commands(struct forge *f)
{
    classes(f, 16000);
    for (int i = 0; i < 60000; i++) {
        say(f, "cmd", 1, "\"op\":\"watch\",\"key\":\"7\"");
        say(f, "cmd", 1, "\"op\":\"unwatch\"");
        say(f, "cmd", 1, "\"op\":\"set\",\"key\":\"lr\",\"value\":\"0.1\",\"txt\":\"set lr 0.1\"");
    }
}

static void configurations(struct forge *f)
{
    repeat(f, "config", 0, 500, list("knobs", "\"zz=\"", 9000));
}

static void unknown_events(struct forge *f)
{
    uint32_t x = 1;
    for (int i = 0; i < 90000; i++) {
        char rest[80];
        x = x * 1664525u + 1013904223u;
        snprintf(rest, sizeof rest, "\"%x\":[[],{\"a\":%u}],\"b\":\"%x\"", x, x >> 3, x * 7);
        say(f, "zz", 1, rest);
    }
}

static void long_texts(struct forge *f)
{
    char *text = malloc(8300);
    memset(text, 'x', 8299);
    text[8299] = '\0';
    memcpy(text, "\"text\":\"", 8);
    strcpy(text + 8190, "\"");
    repeat(f, "say", 1, 5000, text);
}

static void far_step(struct forge *f)
{
    say(f, "step", 1000000000, "\"loss\":1");
}

void say_far_step_of_a_run(struct forge *f)
{
    far_step(f);
    say(f, "epoch", 1000000000, "\"ep\":1e9");
}

void say_many_commands(struct forge *f)
{
    for (int i = 0; i < 3000; i++)
        say(f, "cmd", 3, "\"op\":\"set\",\"key\":\"lr\",\"value\":\"0.1\",\"txt\":\"set lr 0.1\",\"by\":\"user\"");
}

const char *const shape_uses[] = {
    "-c info %s", "view %s", "-c export csv FILE %s",
    "verify %s", "cat %s", "-c replay %s@1; seek end", "-c export jsonl FILE %s", "-c export script FILE %s",
};

const struct shape shapes[] = {
    { "notes", say_notes, false, SHAPE_USES },
    { "stages", stages, false, 2 },
    { "matrices", say_matrices, true, 4 },
    { "class-lists", class_lists, true, 2 },
    { "class-counts", class_counts, true, 2 },
    { "long-lists", long_lists, true, SHAPE_USES },
    { "parts-alone", parts_alone, true, SHAPE_USES },
    { "short-evaluations", say_short_evaluations, true, 2 },
    { "nodes", nodes, true, 2 },
    { "branches", branches, false, 2 },
    { "snapshots", snapshots, false, 2 },
    { "commands", commands, false, 2 },
    { "configurations", configurations, true, 2 },
    { "unknown", unknown_events, true, 4 },
    { "long-texts", long_texts, true, 2 },
    { "far-step", far_step, false, 1 },
};

#include "config.h"
#include "engine/schedule.h"

#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/number.h"
#include "base/text.h"
#include "engine/rho_auto.h"

/* --- parsing ------------------------------------------------------------------------------------------------------- */

struct range {
    double lo, hi;
};

/* Copies the bytes of a part into a string and reads it as a number. */
static int part_number(const char *part, size_t len, double *out, struct err *err)
{
    char text[NUMBER_TEXT_MAX];
    snprintf(text, sizeof text, "%.*s", (int)len, part);
    if (len >= sizeof text || !number_parse(text, out))
        return err_set(err, ERR_INVALID, "'%.*s' is not a number", (int)(len < 60 ? len : 60), part);
    return 0;
}

static int part_value(const char *part, size_t len, struct range range, double *out, struct err *err)
{
    double value;
    if (part_number(part, len, &value, err) < 0)
        return -1;
    if (!(range.lo <= value && value <= range.hi))
        return err_set(err, ERR_RANGE, "%g is not in %g..%g", value, range.lo, range.hi);
    *out = value;
    return 0;
}

static int part_epoch(const char *part, size_t len, double *out, struct err *err)
{
    double value;
    if (part_number(part, len, &value, err) < 0)
        return -1;
    if (value != floor(value) || value < 0 || value > 1e6)
        return err_set(err, ERR_RANGE, "epoch %.*s: a whole number from 0 on is needed", (int)len, part);
    *out = value;
    return 0;
}

/* A..B, or A alone when `end` has a preset; then perhaps @N, the epochs that it takes. */
static int parse_span(const char *text, bool needs_end, struct range range, struct schedule *s, struct err *err)
{
    const char *over = strchr(text, '@'), *dots = strstr(text, "..");
    dots = dots && over && over < dots ? NULL : dots; /* behind it they are part of a number that is none */
    const char *end = over ? over : text + strlen(text);
    if (!dots && needs_end)
        return err_set(err, ERR_INVALID, "'%s': linear needs two values, like linear:0.05..0.8", text);
    if (part_value(text, (size_t)((dots ? dots : end) - text), range, &s->base, err) < 0 ||
        (dots && part_value(dots + 2, (size_t)(end - dots) - 2, range, &s->end, err) < 0))
        return -1;
    if (over && part_epoch(over + 1, strlen(over + 1), &s->over, err) < 0)
        return -1;
    return over && s->over < 1 ? err_set(err, ERR_RANGE, "'%s': over how many epochs? 1 and more are accepted", text) : 0;
}

static int add_point(struct schedule *s, double at, double value, struct err *err)
{
    if (s->n == SCHEDULE_MAX_POINTS)
        return err_set(err, ERR_RANGE, "more than %d points", SCHEDULE_MAX_POINTS);
    if (s->n > 0 && at <= s->at[s->n - 1])
        return err_set(err, ERR_RANGE, "epoch %g does not come after epoch %g", at, s->at[s->n - 1]);
    s->at[s->n] = at;
    s->value[s->n++] = value;
    return 0;
}

static int parse_steps(const char *text, struct range range, struct schedule *s, struct err *err)
{
    s->kind = SCHEDULE_STEPS;
    for (const char *part = text + strspn(text, " \t"); *part; part += strspn(part, " \t")) {
        size_t len = strcspn(part, " \t");
        const char *at = memchr(part, '@', len);
        double value, epoch;
        if (!at)
            return err_set(err, ERR_INVALID, "'%.*s': VALUE@EPOCH is needed, like 0.1@5", (int)len, part);
        if (part_value(part, (size_t)(at - part), range, &value, err) < 0 ||
            part_epoch(at + 1, len - (size_t)(at - part) - 1, &epoch, err) < 0)
            return -1;
        if (s->n == 0 && epoch > 0)
            return err_set(err, ERR_INVALID, "the first value must hold from epoch 0 on, like %g@0", value);
        if (add_point(s, epoch, value, err) < 0)
            return -1;
        part += len;
    }
    return 0;
}

static void multistep_default(struct schedule *s)
{
    s->warmup = 5;
    s->n = 2;
    s->at[0] = 160, s->value[0] = 0.01; /* two divisions by 100, as the code, not the paper, has it (methods 5.2) */
    s->at[1] = 180, s->value[1] = 0.0001;
}

static int multistep_item(const char *item, size_t len, struct range range, struct schedule *s, struct err *err)
{
    double epoch, factor;
    if (len > 7 && memcmp(item, "warmup=", 7) == 0) {
        if (part_epoch(item + 7, len - 7, &epoch, err) < 0)
            return -1;
        s->warmup = (int)epoch;
        return 0;
    }
    const char *colon = memchr(item, ':', len);
    if (!colon)
        return err_set(err, ERR_INVALID, "'%.*s': warmup=N or EPOCH:FACTOR is needed, like 160:0.01", (int)len, item);
    if (part_epoch(item, (size_t)(colon - item), &epoch, err) < 0 ||
        part_number(colon + 1, len - (size_t)(colon - item) - 1, &factor, err) < 0)
        return -1;
    double value = s->base * factor;
    if (!(range.lo <= value && value <= range.hi))
        return err_set(err, ERR_RANGE, "%g x %g = %g is not in %g..%g", s->base, factor, value, range.lo, range.hi);
    return add_point(s, epoch, factor, err);
}

static int parse_multistep(const char *text, struct range range, struct schedule *s, struct err *err)
{
    s->kind = SCHEDULE_MULTISTEP;
    size_t len = strcspn(text, ",");
    if (part_value(text, len, range, &s->base, err) < 0)
        return -1;
    if (text[len] == '\0') {
        multistep_default(s);
        return 0;
    }
    while (text[len] == ',') {
        text += len + 1;
        len = strcspn(text, ",");
        if (multistep_item(text, len, range, s, err) < 0)
            return -1;
    }
    if (s->n > 0 && s->at[0] < s->warmup)
        return err_set(err, ERR_RANGE, "epoch %g lies within the warm-up of %d epochs", s->at[0], s->warmup);
    return 0;
}

static int parse_auto(const char *text, struct schedule *s, struct err *err)
{
    s->kind = SCHEDULE_AUTO;
    s->base = RHO_AUTO_FIRST;
    s->n = text[0] == ':';
    if (s->n == 0)
        return 0;
    if (part_number(text + 1, strlen(text + 1), &s->base, err) < 0)
        return -1;
    if (!(RHO_AUTO_LOW <= s->base && s->base <= RHO_AUTO_HIGH))
        return err_set(err, ERR_RANGE, "auto begins at %g..%g, and not at %g", RHO_AUTO_LOW, RHO_AUTO_HIGH, s->base);
    return 0;
}

static int parse_kind(const char *text, struct range range, struct schedule *s, struct err *err)
{
    if (strcmp(text, "=") == 0) {
        s->kind = SCHEDULE_SAME;
        return 0;
    }
    if (strcmp(text, "auto") == 0 || strncmp(text, "auto:", 5) == 0)
        return parse_auto(text + 4, s, err);
    if (strncmp(text, "linear:", 7) == 0) {
        s->kind = SCHEDULE_LINEAR;
        return parse_span(text + 7, true, range, s, err);
    }
    if (strncmp(text, "cosine:", 7) == 0) {
        s->kind = SCHEDULE_COSINE;
        return parse_span(text + 7, false, range, s, err);
    }
    if (strncmp(text, "multistep:", 10) == 0)
        return parse_multistep(text + 10, range, s, err);
    if (strchr(text, '@'))
        return parse_steps(text, range, s, err);
    s->kind = SCHEDULE_CONSTANT;
    if (isalpha((unsigned char)text[0]))
        return err_set(err, ERR_INVALID, "'%.80s' is not a schedule; accepted: 0.1, 0.05@0 0.1@5, linear:A..B, cosine:A, "
                       "multistep:A", text);
    return part_value(text, strlen(text), range, &s->base, err);
}

int schedule_parse(struct schedule *s, const char *text, double lo, double hi, struct err *err)
{
    char trimmed[SCHEDULE_TEXT_MAX];
    text += strspn(text, " \t");
    size_t len = strlen(text);
    while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\t'))
        len--;
    if (len == 0)
        return err_set(err, ERR_INVALID, "a value is missing; accepted: 0.1, 0.05@0 0.1@5, linear:A..B, cosine:A, multistep:A");
    if (len >= sizeof trimmed)
        return err_set(err, ERR_RANGE, "a schedule has at most %d characters", SCHEDULE_TEXT_MAX - 1);
    memcpy(trimmed, text, len);
    trimmed[len] = '\0';
    struct schedule made = { 0 };
    if (parse_kind(trimmed, (struct range){ lo, hi }, &made, err) < 0)
        return -1;
    *s = made;
    return 0;
}

/* --- text ---------------------------------------------------------------------------------------------------------- */

static void append_number(char *out, size_t size, double value)
{
    char text[NUMBER_TEXT_MAX];
    number_format(value, text, sizeof text);
    text_append(out, size, "%s", text);
}

static bool is_default_multistep(const struct schedule *s)
{
    struct schedule d = { .kind = SCHEDULE_MULTISTEP };
    multistep_default(&d);
    return s->warmup == d.warmup && s->n == d.n && s->at[0] == d.at[0] && s->at[1] == d.at[1] &&
           s->value[0] == d.value[0] && s->value[1] == d.value[1];
}

static void format_multistep(const struct schedule *s, char *out, size_t size)
{
    text_append(out, size, "multistep:");
    append_number(out, size, s->base);
    if (is_default_multistep(s))
        return;
    if (s->warmup > 0 || s->n == 0)
        text_append(out, size, ",warmup=%d", s->warmup);
    for (int i = 0; i < s->n; i++) {
        text_append(out, size, ",%g:", s->at[i]);
        append_number(out, size, s->value[i]);
    }
}

static void format_steps(const struct schedule *s, char *out, size_t size)
{
    for (int i = 0; i < s->n; i++) {
        text_append(out, size, "%s", i ? " " : "");
        append_number(out, size, s->value[i]);
        text_append(out, size, "@%g", s->at[i]);
    }
}

void schedule_format(const struct schedule *s, char *out, size_t size)
{
    if (size == 0)
        return;
    out[0] = '\0';
    switch (s->kind) {
    case SCHEDULE_SAME:
        text_append(out, size, "=");
        break;
    case SCHEDULE_AUTO:
        text_append(out, size, s->n ? "auto:" : "auto");
        if (s->n)
            append_number(out, size, s->base);
        break;
    case SCHEDULE_CONSTANT:
        append_number(out, size, s->base);
        break;
    case SCHEDULE_STEPS:
        format_steps(s, out, size);
        break;
    case SCHEDULE_MULTISTEP:
        format_multistep(s, out, size);
        break;
    case SCHEDULE_LINEAR:
    case SCHEDULE_COSINE:
        text_append(out, size, s->kind == SCHEDULE_LINEAR ? "linear:" : "cosine:");
        append_number(out, size, s->base);
        if (s->kind == SCHEDULE_LINEAR || s->end != 0) {
            text_append(out, size, "..");
            append_number(out, size, s->end);
        }
        if (s->over > 0)
            text_append(out, size, "@%g", s->over);
        break;
    }
}

/* --- values -------------------------------------------------------------------------------------------------------- */

/* Value of the last point at or before e, or `before` when there is none. */
static double value_before(const struct schedule *s, double e, double before)
{
    double value = before;
    for (int i = 0; i < s->n && s->at[i] <= e; i++)
        value = s->value[i];
    return value;
}

double schedule_at(const struct schedule *s, double e, double epochs)
{
    e = e > 0 ? floor(e) : 0;
    epochs = s->over > 0 ? s->over : epochs;
    switch (s->kind) {
    case SCHEDULE_STEPS:
        return value_before(s, e, s->base);
    case SCHEDULE_MULTISTEP:
        return e < s->warmup ? s->base * (e + 1) / s->warmup : s->base * value_before(s, e, 1);
    case SCHEDULE_LINEAR: /* methods 5.1: the last epoch has the end value */
        if (epochs <= 1)
            return s->base;
        return e >= epochs - 1 ? s->end : s->base + (s->end - s->base) * e / (epochs - 1);
    case SCHEDULE_COSINE: /* methods 5.1: the end value would come one epoch after the last */
        return e >= epochs ? s->end : s->end + (s->base - s->end) * (1 + cos(M_PI * e / epochs)) / 2;
    case SCHEDULE_CONSTANT:
    case SCHEDULE_SAME:
    case SCHEDULE_AUTO:
        break;
    }
    return s->base;
}

bool schedule_is_laid_over_run(const struct schedule *s)
{
    return (s->kind == SCHEDULE_LINEAR || s->kind == SCHEDULE_COSINE) && s->over == 0;
}

int schedule_scale(struct schedule *s, double factor, struct err *err)
{
    if (s->kind == SCHEDULE_SAME)
        return err_set(err, ERR_INVALID, "it follows another knob and has no value of its own to change; a number is accepted");
    s->base = number_scaled(s->base, factor);
    s->end = number_scaled(s->end, factor);
    s->n = s->kind == SCHEDULE_AUTO ? 1 : s->n; /* it has a value from here on */
    for (int i = 0; i < s->n && s->kind == SCHEDULE_STEPS; i++)
        s->value[i] = number_scaled(s->value[i], factor);
    return 0;
}

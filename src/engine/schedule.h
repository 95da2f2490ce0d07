/* engine/schedule.h - a value over epochs: learning rate and rho. A plain value, no memory; a pure function of the epoch.
 * Constant within an epoch, as in the reference (methods 5.1). Any thread.
 *
 * Text forms (what `set lr ...` takes and what journals and recipes hold):
 *   0.1                                         constant
 *   0.05@0 0.1@5 0.5@60                         steps: value from that epoch on (60 = sixty epochs done)
 *   linear:0.05..0.8                            from the first to the last epoch of the run
 *   cosine:0.2 or cosine:0.2..0.001             half cosine, to 0 or to the second value
 *   linear:0.05..0.8@40, cosine:0.2@40          the same over 40 epochs, however long the run is; the end value from then on
 *   multistep:0.1                               warm-up 5 epochs, x0.01 from epoch 160, x0.0001 from 180 (methods 5.2)
 *   multistep:0.1,warmup=5,160:0.01,180:0.0001  the same, spelled out; factors are of the base value
 *   auto or auto:0.07                           moved while training (rho only); this value now, 0.05 when not said
 *   =                                           "as the knob it follows" (rho_drw only) */
#ifndef ENGINE_SCHEDULE_H
#define ENGINE_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>

struct err;

enum schedule_kind { SCHEDULE_CONSTANT, SCHEDULE_STEPS, SCHEDULE_LINEAR, SCHEDULE_COSINE, SCHEDULE_MULTISTEP, SCHEDULE_SAME, SCHEDULE_AUTO };
enum { SCHEDULE_MAX_POINTS = 16, SCHEDULE_TEXT_MAX = 400 };

struct schedule {
    enum schedule_kind kind;
    double base, end;                 /* constant, auto: base; linear, cosine: from base to end; multistep: base */
    double over;                      /* linear, cosine: so many epochs; 0: those of the run */
    int warmup;                       /* multistep: epochs of linear warm-up */
    int n;                            /* points of steps and multistep; auto: 1 when its value was said, else 0 */
    double at[SCHEDULE_MAX_POINTS];   /* epochs done, ascending; steps: at[0] = 0 */
    double value[SCHEDULE_MAX_POINTS];/* steps: values; multistep: factors of base */
};

/* Parses one of the forms; every value must lie in lo..hi. On failure *s is unchanged and *err names the part. */
int schedule_parse(struct schedule *s, const char *text, double lo, double hi, struct err *err);

/* Shortest text that parses back to the same schedule. `out` has SCHEDULE_TEXT_MAX bytes. */
void schedule_format(const struct schedule *s, char *out, size_t size);

/* Every value of it times `factor`, when it has values: not when it follows another knob (-1 with *err). */
int schedule_scale(struct schedule *s, double factor, struct err *err);

/* Is it laid over the run, so that it moves with the run's length? */
bool schedule_is_laid_over_run(const struct schedule *s);

/* Value during 0-based epoch e of a run of `epochs`. SCHEDULE_SAME must be resolved by the caller. */
double schedule_at(const struct schedule *s, double e, double epochs);

#endif

/* engine/rho_auto.h - the controller of `set rho auto` (methods 4.13): what becomes of rho at a look, of what was measured there and of what
 * it knows from the looks before. It measures nothing and changes nothing itself. Pure; any thread. */
#ifndef ENGINE_RHO_AUTO_H
#define ENGINE_RHO_AUTO_H

#include <stdbool.h>
#include <stddef.h>

#define RHO_AUTO_LOW 0.01  /* no move leads out of these bounds */
#define RHO_AUTO_HIGH 1.0
#define RHO_AUTO_FIRST 0.05 /* where it begins in a new run that names no value */

struct rho_auto { /* what it knows */
    double head;     /* mean of the head's accuracy over its looks, each half as heavy as the next, %; NaN: none yet */
    bool reweight;   /* class weights acted at those */
    bool fell;       /* at the last one it had fallen */
    int rest;        /* looks until it may move again */
};
extern const struct rho_auto rho_auto_new; /* nothing */
bool rho_auto_knows(const struct rho_auto *s); /* it has looked */

struct rho_look { /* what was measured */
    double rho;      /* in force */
    double amp;      /* (rho/|g|) lambda_min, the lowest of the watched classes of the tail; NaN: not known */
    double head;     /* accuracy, % */
    double images;   /* that it comes from */
    bool reweight;   /* class weights act */
};

double rho_auto_band(const struct rho_look *look); /* so much less accuracy is no fall, points */
double rho_auto_next(const struct rho_auto *s, const struct rho_look *look); /* the new radius, or that in force */
/* *s after a look at which rho became `to`. */
void rho_auto_looked(struct rho_auto *s, const struct rho_look *look, double to);

/* *s as a snapshot holds it, and back; false: it is no such text, and *s is as it was. */
void rho_auto_format(const struct rho_auto *s, char *out, size_t size);
bool rho_auto_parse(const char *text, struct rho_auto *s);

#endif

/* repl/compare_text.h - a comparison as lines of text that fit 80 columns. */
#ifndef REPL_COMPARE_TEXT_H
#define REPL_COMPARE_TEXT_H

struct workbench;
struct comparison;
struct comparison_view;
struct err;

/* The runs, the knobs that differ, and then the metrics and the classes that changed most, or the densities. -1 with *err: there is none
 * of these densities. */
int compare_say(struct workbench *w, struct comparison *c, const struct comparison_view *view, struct err *err);

#endif

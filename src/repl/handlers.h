/* repl/handlers.h - one handler for each row of commands.def. A handler gets a checked call, does its work, says one line of
 * effect or nothing, and returns 0; or -1 with *err (and call_bad() for the caret). A builder reads the words of a verb that a run is
 * asked by into *out, whose texts are the call's. Private to repl/. */
#ifndef REPL_HANDLERS_H
#define REPL_HANDLERS_H

struct workbench;
struct call;
struct command;
struct err;

int cmd_probe(struct workbench *w, struct call *c, struct err *err); /* of each row PROBE_COMMAND */
#define RUN_COMMAND(op, builder, verb, ...) \
    int build_##builder(struct workbench *w, struct call *c, struct command *out, struct err *err); \
    COMMAND(verb, __VA_ARGS__)
#define PROBE_COMMAND(op, builder, ...) int build_##builder(struct workbench *w, struct call *c, struct command *out, struct err *err);
#define COMMAND(verb, ...) int cmd_##verb(struct workbench *w, struct call *c, struct err *err);
#include "repl/commands.def"
#undef COMMAND

#endif

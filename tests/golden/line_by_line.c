/* tests/golden/line_by_line.c - the program's commands from stdin, a line each, without its screen and log: what is said comes out, and a line that
 * is refused does not end it, as at the prompt. For courses.py, which wants refusals in mid-run. Argument: the folder of sessions. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "repl/workbench.h"

static void tell(void *ctx, enum say_level level, const char *line, int caret)
{
    (void)ctx, (void)caret;
    printf("%s%s\n", level == SAY_ERROR ? "refused: " : "", line);
}

int main(int argc, char **argv)
{
    static char line[4096];
    struct err err = { 0 };
    const struct workbench_face face = { .say = tell };
    const struct workbench_options options = { .sessions = argc > 1 ? argv[1] : ".", .device = "cpu", .threads = 1, .yes = true, .script = true };
    struct workbench *bench = workbench_new(&options, &face, &err);
    while (bench && fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = '\0';
        (void)workbench_line(bench, line, false);
    }
    if (!bench)
        printf("%s\n", err.text);
    workbench_free(bench);
    return bench ? 0 : 1;
}

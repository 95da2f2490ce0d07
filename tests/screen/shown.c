/* shown - what the screen shows, row for row: text, inks and cursor, after each key. A file of tests/screen/shown.d has scenes; each begins
 * with "= NAME". Its lines are commands (shown_script.c has them), and below each what must come of it, on lines that begin with one of
 * these: "|RR " a row that changed, ":RR " its inks, "@" the cursor, ">" what was asked of the terminal and of the program behind the screen.
 *
 *   shown [FILE...]     TAP, a case a scene; without files all of shown.d. SADDLE_GOLDEN=write writes what is shown today into them: read
 *                       the difference before it is committed.
 *
 * A scene is a process of its own with the real loop, keys, prompt and panes; in place of the terminal and of the workbench is the stage
 * (shown_stage.c), before a made-up run. */
#include "config.h"

#include "shown.h"

#include <glob.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char home[] = "/tmp/saddle-shown-XXXXXX";
static int number, failures;

static char *read_all(FILE *f)
{
    struct buf text = { 0 };
    char part[4096];
    for (size_t n; (n = fread(part, 1, sizeof part, f)) > 0;)
        buf_add(&text, part, n);
    buf_addc(&text, '\0');
    return text.data;
}

/* History and readline's file are the scene's own. */
static void settle_in(void)
{
    char path[100];
    snprintf(path, sizeof path, "%s/%d", home, number);
    mkdir(path, 0700);
    setenv("XDG_STATE_HOME", path, 1);
    strcat(path, "/inputrc");
    setenv("INPUTRC", path, 1);
}

static void play(char *script, FILE *out)
{
    struct tui_options options = { 0 };
    struct err err = { 0 };
    settle_in();
    play_begin(script, out);
    if (play_opened(&options)) {
        const int code = tui_run(&stage, &options, &err);
        told("left with %d%s%s", code, code < 0 ? " " : "", code < 0 ? err.text : "");
        play_end();
    }
    compare_forget();
    fflush(out);
    _exit(0);
}

/* What the scene comes to today; its lines of output are not read. */
static char *play_scene(const char *script)
{
    int fd[2];
    char *copy = strdup(script), line[600];
    if (pipe(fd) != 0)
        exit(99);
    fflush(stdout);
    const pid_t pid = fork();
    if (pid == 0) {
        close(fd[0]);
        alarm(300);
        play(copy, fdopen(fd[1], "w"));
    }
    close(fd[1]);
    FILE *in = fdopen(fd[0], "r");
    char *text = read_all(in);
    int status = 0;
    fclose(in);
    free(copy);
    waitpid(pid, &status, 0);
    if (status == 0)
        return text;
    const size_t n = strlen(text);
    snprintf(line, sizeof line, "! the scene ended with status %x\n", status);
    text = realloc(text, n + strlen(line) + 1);
    memcpy(text + n, line, strlen(line) + 1);
    return text;
}

static void write_text(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");
    if (!f || fputs(text, f) < 0 || fclose(f) != 0)
        exit(99);
}

static void show_difference(const char *expected, const char *got)
{
    char a[64], b[64], command[300];
    snprintf(a, sizeof a, "%s/expected", home);
    snprintf(b, sizeof b, "%s/shown", home);
    write_text(a, expected);
    write_text(b, got);
    snprintf(command, sizeof command, "diff -U3 %s %s | sed 's/^/# /' | head -60", a, b);
    fflush(stdout);
    if (system(command) < 0)
        exit(99);
}

/* One scene, from its "= NAME" on; adds what it comes to. */
static void try_scene(const char *file, const char *scene, struct buf *out)
{
    char *text = play_scene(scene);
    const char *base = strrchr(file, '/');
    buf_adds(out, text);
    const bool same = strcmp(text, scene) == 0;
    printf("%sok %d - %s: %.*s\n", same ? "" : "not ", ++number, base ? base + 1 : file, (int)strcspn(scene, "\n") - 2, scene + 2);
    if (!same)
        show_difference(scene, text);
    failures += !same;
    free(text);
}

static void try_file(const char *path)
{
    FILE *f = fopen(path, "r");
    if (!f) {
        perror(path);
        exit(99);
    }
    char *text = read_all(f);
    struct buf now = { 0 };
    fclose(f);
    char *at = strncmp(text, "= ", 2) == 0 ? text : strstr(text, "\n= ");
    at = at && *at == '\n' ? at + 1 : at;
    buf_add(&now, text, at ? (size_t)(at - text) : strlen(text));
    while (at) {
        char *next = strstr(at, "\n= "), *scene = next ? strndup(at, (size_t)(next + 1 - at)) : strdup(at);
        try_scene(path, scene, &now);
        free(scene);
        at = next ? next + 1 : NULL;
    }
    buf_addc(&now, '\0');
    const char *mode = getenv("SADDLE_GOLDEN");
    if (mode && strcmp(mode, "write") == 0 && strcmp(now.data, text) != 0)
        write_text(path, now.data);
    buf_release(&now);
    free(text);
}

int main(int argc, char **argv)
{
    char pattern[1024], command[80];
    const char *dir = getenv("srcdir");
    glob_t files = { 0 };
    if (!mkdtemp(home))
        return 99;
    setenv("HOME", home, 1);
    setenv("TZ", "UTC", 1);
    snprintf(pattern, sizeof pattern, "%s/tests/screen/shown.d/*.frames", dir ? dir : ".");
    if (argc < 2 && glob(pattern, 0, NULL, &files) != 0)
        return 99;
    for (int i = 1; i < argc; i++)
        try_file(argv[i]);
    for (size_t i = 0; i < files.gl_pathc; i++)
        try_file(files.gl_pathv[i]);
    globfree(&files);
    printf("1..%d\n", number);
    snprintf(command, sizeof command, "rm -rf %s", home);
    return system(command) != 0 || failures ? 1 : 0;
}

#define _GNU_SOURCE 1
#include "config.h"
#include "tui/guard.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

/* Shared by guard and worker. But for one word the worker writes; the guard reads only after the worker stopped or died. */
struct shared {
    volatile bool screen_on;
    atomic_bool stopping; /* by the guard: it is about to stop, or stopped, with its worker */
    struct termios modes; /* before the screen */
    char reset[256];
    char run[128];
};

static struct shared *shared;
static bool guarded;
static int caught_fd = -1, real_stderr = -1;

static const int watched[] = { SIGINT, SIGTERM, SIGHUP, SIGTSTP, SIGCONT, SIGWINCH, SIGUSR1, SIGUSR2 };

void guard_block_signals(sigset_t *set)
{
    sigemptyset(set);
    for (size_t i = 0; i < sizeof watched / sizeof watched[0]; i++)
        sigaddset(set, watched[i]);
    sigset_t blocked = *set;
    sigaddset(&blocked, SIGTTOU); /* neither giving the terminal back nor a key that another job got may stop us */
    sigaddset(&blocked, SIGTTIN);
    pthread_sigmask(SIG_BLOCK, &blocked, NULL);
    signal(SIGPIPE, SIG_IGN);
}

/* Gives up when nothing is taken for a second. A terminal is opened anew, since only then its writes can be made not to wait
 * without doing the same to everybody who has it. */
static void write_all(int fd, const char *text, size_t n)
{
    char path[32];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    int own = isatty(fd) ? open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC) : -1;
    struct pollfd p = { .fd = own >= 0 ? own : fd, .events = POLLOUT };
    while (n > 0 && poll(&p, 1, 1000) > 0 && (p.revents & POLLOUT)) {
        ssize_t done = write(p.fd, text, n);
        if (done < 0 && errno != EINTR && errno != EAGAIN)
            break;
        if (done > 0) {
            text += done;
            n -= (size_t)done;
        }
    }
    if (own >= 0)
        close(own);
}

static void restore_terminal(void)
{
    pid_t front = tcgetpgrp(STDIN_FILENO);
    if (!shared->screen_on || (front >= 0 && front != getpgrp()))
        return;
    tcsetattr(STDIN_FILENO, TCSANOW, &shared->modes);
    write_all(STDOUT_FILENO, shared->reset, strnlen(shared->reset, sizeof shared->reset));
}

static void print_caught(int to)
{
    char text[4096];
    off_t at = 0;
    for (ssize_t n; caught_fd >= 0 && at < 1 << 16 && (n = pread(caught_fd, text, sizeof text, at)) > 0; at += n)
        write_all(to, text, (size_t)n);
    if (caught_fd >= 0 && at > 0 && ftruncate(caught_fd, 0) == 0)
        lseek(caught_fd, 0, SEEK_SET);
}

static void report_death(int signal_number)
{
    shared->screen_on = false;
    print_caught(STDERR_FILENO);
    char text[400];
    int n = snprintf(text, sizeof text, "saddle: ended by signal %d (%s)", signal_number, strsignal(signal_number));
    if (shared->run[0] && n > 0)
        n += snprintf(text + n, sizeof text - (size_t)n, "; go on with: saddle resume %.100s", shared->run);
    write_all(STDERR_FILENO, text, strlen(text));
    write_all(STDERR_FILENO, "\n", 1);
}

/* A worker that went on before it could see `stopping` is seen here; one that goes on later sees it, and continues us until it is false. */
static void stop_with(pid_t worker)
{
    siginfo_t changed = { .si_pid = 0 };
    atomic_store(&shared->stopping, true);
    waitid(P_PID, (id_t)worker, &changed, WNOHANG | WNOWAIT | WCONTINUED | WEXITED);
    if (changed.si_pid == 0)
        raise(SIGSTOP);
    atomic_store(&shared->stopping, false);
    if (changed.si_pid == 0)
        kill(worker, SIGCONT);
}

static void worker_changed(pid_t worker)
{
    int status;
    while (waitpid(worker, &status, WNOHANG | WUNTRACED) == worker) {
        if (WIFSTOPPED(status)) {
            restore_terminal();
            stop_with(worker);
        } else if (WIFEXITED(status)) {
            restore_terminal();
            print_caught(STDERR_FILENO);
            _exit(WEXITSTATUS(status));
        } else if (WIFSIGNALED(status)) {
            restore_terminal();
            report_death(WTERMSIG(status));
            _exit(128 + WTERMSIG(status));
        }
    }
}

static _Noreturn void wait_for(pid_t worker, const sigset_t *set)
{
    for (;;) {
        siginfo_t info;
        int got = sigwaitinfo(set, &info);
        if (got == SIGCHLD)
            worker_changed(worker);
        /* what the terminal sends reaches the worker by itself, being in the same group; what was sent to this process alone does not */
        else if (got > 0 && got != SIGCONT && got != SIGWINCH && info.si_code <= 0)
            kill(worker, got);
    }
}

int guard_begin(void)
{
    void *page = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED)
        return -1;
    shared = page;
    caught_fd = memfd_create("saddle-stderr", MFD_CLOEXEC);
    sigset_t set, before;
    pthread_sigmask(SIG_SETMASK, NULL, &before);
    guard_block_signals(&set);
    sigaddset(&set, SIGCHLD);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    pid_t guard = getpid(), worker = fork();
    if (worker < 0) {
        pthread_sigmask(SIG_SETMASK, &before, NULL);
        return -1;
    }
    if (worker > 0)
        wait_for(worker, &set);
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    pthread_sigmask(SIG_UNBLOCK, &child, NULL);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != guard)
        _exit(143);
    guarded = true;
    return 0;
}

void guard_screen(const char *reset, const struct termios *modes)
{
    if (!shared)
        return;
    shared->screen_on = false;
    if (reset) {
        snprintf(shared->reset, sizeof shared->reset, "%s", reset);
        shared->modes = *modes;
        shared->screen_on = true;
    }
}

void guard_continue(void)
{
    if (!guarded)
        return;
    pid_t guard = getppid();
    do
        kill(guard, SIGCONT);
    while (atomic_load(&shared->stopping) && getppid() == guard && nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL) == 0);
}

void guard_run_name(const char *name)
{
    if (shared && strcmp(shared->run, name) != 0)
        snprintf(shared->run, sizeof shared->run, "%s", name);
}

void guard_stderr_begin(void)
{
    if (real_stderr >= 0)
        return;
    if (caught_fd < 0)
        caught_fd = memfd_create("saddle-stderr", MFD_CLOEXEC);
    if (caught_fd < 0)
        return;
    fflush(stderr);
    real_stderr = dup(STDERR_FILENO);
    dup2(caught_fd, STDERR_FILENO);
}

void guard_stderr_end(void)
{
    if (real_stderr < 0)
        return;
    fflush(stderr);
    dup2(real_stderr, STDERR_FILENO);
    close(real_stderr);
    real_stderr = -1;
    if (!guarded)
        print_caught(STDERR_FILENO);
}

#include "config.h"
#include "kernels/cpu/amx.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#if HAVE_AMX
#include <cpuid.h>
#include <sys/syscall.h>
#endif

/* --- a trial ------------------------------------------------------------------------------------------------------- */

enum { TRIAL_NUMBERS = 32 * 1024, TRIAL_PLANE = 2 * 1024, TRIAL_WEIGHTS = 9 * 48 * 32 };

static struct {
    bf16 in[TRIAL_PLANE], g[TRIAL_PLANE], out[TRIAL_PLANE], w[TRIAL_WEIGHTS], work[TRIAL_NUMBERS], gathered[TRIAL_NUMBERS];
    bf16_pair packed[TRIAL_WEIGHTS], pairs[TRIAL_NUMBERS];
    float acc[TRIAL_WEIGHTS];
} trial;

static void fill_with_numbers(bf16 *to, int n, uint32_t seed)
{
    for (int i = 0; i < n; i++) {
        seed = seed * 1664525u + 1013904223u;
        to[i] = bf16_round((float)(seed >> 24) / 64 - 2);
    }
}

/* The input's number at kernel place `tap` of output pixel (y, x); NULL outside. */
static const bf16 *trial_input(const struct conv_shape *s, const bf16 *in, int y, int x, int tap)
{
    const int r = y * s->stride + tap / 3 - 1, q = x * s->stride + tap % 3 - 1;
    if (r < 0 || q < 0 || r % s->dilate || q % s->dilate || r / s->dilate >= s->in_h || q / s->dilate >= s->in_w)
        return NULL;
    return in + r / s->dilate * s->in_row + q / s->dilate * s->in_pix;
}

/* w[tap][in][out] */
static bool conv_is_right(const struct conv_shape *s, const bf16 *in)
{
    for (int p = 0; p < s->out_h * s->out_w * s->out_c; p++) {
        const int o = p % s->out_c, x = p / s->out_c % s->out_w, y = p / s->out_c / s->out_w;
        float sum = 0, size = 0;
        for (int tap = 0; tap < 9; tap++) {
            const bf16 *at = trial_input(s, in, y, x, tap);
            for (int i = 0; at && i < s->in_c; i++) {
                const float product = bf16_float(at[i]) * bf16_float(trial.w[(tap * s->in_c + i) * s->out_c + o]);
                sum += product;
                size += fabsf(product);
            }
        }
        if (!(fabsf(bf16_float(trial.out[p]) - sum) <= fabsf(sum) / 256 + size * 1e-5f))
            return false;
    }
    return true;
}

static bool try_conv(const struct bf16_tiles *k, const struct conv_shape *s, const bf16 *in)
{
    bf16_pair *to = trial.packed;
    if (k->spread_size(s) > TRIAL_NUMBERS)
        return false;
    for (int o = 0; o < s->out_c; o += CHANNEL_PAD)
        for (int row = 0; row < 3 * s->in_c / 2; row++)
            for (int j = 0; j < 3 * CHANNEL_PAD; j++) {
                const int tap = row / (s->in_c / 2) * 3 + j / CHANNEL_PAD, i = row % (s->in_c / 2) * 2;
                const bf16 *at = trial.w + (tap * s->in_c + i) * s->out_c + o + j % CHANNEL_PAD;
                *to++ = at[0] | (bf16_pair)at[s->out_c] << 16;
            }
    k->spread(s, in, trial.work);
    k->conv(s, trial.work, trial.packed, trial.out, &(struct bf16_end){ .load = false }, NULL);
    return conv_is_right(s, in);
}

static bool try_wgrad(const struct bf16_tiles *k, const struct conv_shape *s)
{
    const struct bf16_gathering all = { s, 1, trial.work, trial.gathered, trial.pairs };
    size_t work, in, g;
    k->gathering_size(s, 1, &work, &in, &g);
    if (work > TRIAL_NUMBERS || in > TRIAL_NUMBERS || g > TRIAL_NUMBERS)
        return false;
    k->gather(&all, 0, trial.in, trial.g, s->out_row);
    k->wgrad(&all, 1, trial.acc, false, NULL);
    for (int j = 0; j < 9 * s->in_c * s->out_c; j++) {
        const int o = j % s->out_c, kw = j / s->out_c % 3, i = j / s->out_c / 3 % s->in_c, kh = j / s->out_c / 3 / s->in_c;
        float sum = 0, size = 0;
        for (int p = 0; p < s->out_h * s->out_w; p++) {
            const bf16 *at = trial_input(s, trial.in, p / s->out_w, p % s->out_w, kh * 3 + kw);
            const float product = at ? bf16_float(at[i]) * bf16_float(trial.g[p * s->out_c + o]) : 0;
            sum += product;
            size += fabsf(product);
        }
        if (!(fabsf(trial.acc[j] - sum) <= size * 1e-5f))
            return false;
    }
    return true;
}

const char *tiles_try(const struct bf16_tiles *k)
{
    static const struct conv_shape forward[] = { { 3, 9, 48, 2, 5, 32, 2, 1, 9 * 48, 48, 5 * 32, 32 }, { 3, 9, 16, 3, 9, 16, 1, 1, 9 * 16, 16, 9 * 16, 16 } };
    static const struct conv_shape back[] = { { 2, 5, 32, 3, 9, 48, 1, 2, 5 * 32, 32, 9 * 48, 48 }, { 3, 9, 16, 3, 9, 16, 1, 1, 9 * 16, 16, 9 * 16, 16 } };
    fill_with_numbers(trial.in, TRIAL_PLANE, 1);
    fill_with_numbers(trial.g, TRIAL_PLANE, 2);
    fill_with_numbers(trial.w, TRIAL_WEIGHTS, 3);
    for (int i = 0; i < 2; i++) {
        if (!try_conv(k, &forward[i], trial.in))
            return "a convolution is not what it should be";
        if (!try_conv(k, &back[i], trial.g))
            return "a data gradient is not what it should be";
        if (!try_wgrad(k, &forward[i]))
            return "a weight gradient is not what it should be";
    }
    return NULL;
}

/* --- in a child ---------------------------------------------------------------------------------------------------- */

/* No memory is asked for and no lock taken: other threads may have held one when the child was made. */
static void be_tried(const struct bf16_tiles *k, int to)
{
    static const int faults[] = { SIGILL, SIGSEGV, SIGBUS, SIGTRAP, SIGFPE };
    setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
        signal(faults[i], SIG_DFL);
    sigset_t end; /* a run opens its model with all signals blocked */
    sigemptyset(&end);
    sigaddset(&end, SIGALRM);
    signal(SIGALRM, SIG_DFL);
    pthread_sigmask(SIG_UNBLOCK, &end, NULL);
    alarm(10);
    const char *why = tiles_try(k);
    const ssize_t told = why ? write(to, why, strlen(why)) : 0;
    _exit(why || told < 0 ? 1 : 0);
}

bool tiles_try_apart(const struct bf16_tiles *k, char *why)
{
    int ends[2], status = 0;
    memset(why, 0, 64);
    const int piped = pipe(ends);
    const pid_t child = piped == 0 ? fork() : -1;
    if (child == 0)
        be_tried(k, ends[1]);
    if (piped == 0)
        close(ends[1]);
    pid_t gone = -1;
    while (child > 0 && (gone = waitpid(child, &status, 0)) < 0 && errno == EINTR)
        ;
    if (piped == 0) {
        const ssize_t n = read(ends[0], why, 63);
        close(ends[0]);
        if (n < 0)
            why[0] = 0;
    }
    if (gone < 0)
        snprintf(why, 64, "they could not be tried: %s", strerror(errno));
    else if (WIFSIGNALED(status))
        snprintf(why, 64, "the first use ended with signal %d", WTERMSIG(status));
    else if (status != 0 && !why[0])
        snprintf(why, 64, "the first use failed");
    return gone > 0 && status == 0;
}

/* --- this processor ------------------------------------------------------------------------------------------------ */

static struct {
    pthread_once_t once;
    bool there;
    char why[96];
} tiles_of = { .once = PTHREAD_ONCE_INIT };

#if HAVE_AMX
enum { AMX_BF16_BIT = 22, AMX_TILE_BIT = 24, OSXSAVE_BIT = 27, REQUEST_STATE = 0x1023, TILE_DATA = 18 };

static bool processor_has_tiles(void)
{
    unsigned a, b, c, d;
    const unsigned both = 1u << AMX_BF16_BIT | 1u << AMX_TILE_BIT;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (d & both) == both && __builtin_cpu_supports("avx512bf16") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq");
}

/* The system saves and restores tiles: bits 17 and 18 of XCR0. */
static bool system_keeps_tiles(void)
{
    unsigned a, b, c, d, low, high;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c >> OSXSAVE_BIT & 1))
        return false;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (low >> 17 & 3) == 3;
}

static void decide(void)
{
    char why[64];
    tiles_of.there = processor_has_tiles();
    if (!tiles_of.there)
        snprintf(tiles_of.why, sizeof tiles_of.why, "this processor does not have these instructions");
    else if (!system_keeps_tiles())
        snprintf(tiles_of.why, sizeof tiles_of.why, "this system does not keep the registers of AMX tiles");
    else if (syscall(SYS_arch_prctl, REQUEST_STATE, TILE_DATA) != 0)
        snprintf(tiles_of.why, sizeof tiles_of.why, "this system does not grant AMX tiles: %s", strerror(errno));
    else if (!tiles_try_apart(bf16_amx.tiles, why))
        snprintf(tiles_of.why, sizeof tiles_of.why, "%s", why);
}
#else
static void decide(void)
{
    snprintf(tiles_of.why, sizeof tiles_of.why, "this program was built without these instructions");
}
#endif

const char *amx_refusal(bool *there)
{
    pthread_once(&tiles_of.once, decide);
    *there = tiles_of.there;
    return tiles_of.why[0] ? tiles_of.why : NULL;
}

#include "config.h"
#include "compiled.h"

#include <cxxabi.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include <map>
#include <string>
#include <tuple>


[[noreturn]] static void stop(const std::string &what)
{
    fprintf(stderr, "emulator: %s\n", what.c_str());
    abort();
}

static std::string setting(const char *name, const char *otherwise)
{
    const char *s = getenv(name);
    return s && *s ? s : otherwise;
}

enum compiled_mode compiled_mode()
{
    static const enum compiled_mode mode = [] {
        const std::string s = setting("SADDLE_EMULATOR", "sources");
        if (s != "sources" && s != "ptx" && s != "both")
            stop("SADDLE_EMULATOR is " + s + "; sources, ptx or both");
        return s == "sources" ? COMPILED_NOT : s == "ptx" ? COMPILED_ONLY : COMPILED_BOTH;
    }();
    return mode;
}

/* --- kernels by name: "conv_kernel<16, 8, 1>" --- */

/* Of "void conv_kernel<16, 8, 1>(cuda_conv, cuda_grid)". */
static std::string without_parameters(const char *mangled)
{
    int status = 0;
    char *text = abi::__cxa_demangle(mangled, NULL, NULL, &status);
    std::string name = status == 0 ? text : mangled;
    free(text);
    const size_t end = name.rfind('(');
    const size_t begin = name.compare(0, 5, "void ") == 0 ? 5 : 0;
    return name.substr(begin, end == std::string::npos ? end : end - begin);
}

/* Of "const char* shim_kernel_name() [with auto KERNEL = conv_kernel<16, 8, 1>]", as gcc or clang says it. */
static std::string launched_name(const char *pretty)
{
    std::string name = pretty;
    const size_t at = name.find("KERNEL = ");
    if (at == std::string::npos)
        stop("no kernel's name in " + name);
    name = name.substr(at + 9, name.rfind(']') - at - 9);
    return name[0] == '&' ? name.substr(1) : name;
}

static std::map<std::string, struct ptx_kernel *> kernels;

static void load_file(const std::string &path)
{
    const bool split = setting("SADDLE_PTX_FMA", "fused") == "split";
    struct ptx_options options = { split, NULL };
    const std::string replace = setting("SADDLE_PTX_REPLACE", ""); /* FILE:LINE:text, a deliberate fault */
    const size_t colon = replace.find(':');
    if (colon != std::string::npos && path.substr(path.rfind('/') + 1) == replace.substr(0, colon))
        options.replace = replace.c_str() + colon + 1;
    struct err err = {};
    struct ptx_module *m = ptx_load(path.c_str(), &options, &err);
    if (!m)
        stop(err.text);
    for (int i = 0; i < ptx_kernels(m); i++)
        if (!kernels.insert({ without_parameters(ptx_name(ptx_kernel(m, i))), ptx_kernel(m, i) }).second)
            stop(std::string("a second kernel ") + ptx_name(ptx_kernel(m, i)));
}

static void load_all()
{
    const std::string folder = setting("SADDLE_PTX", (setting("top_builddir", ".") + "/src/kernels/cuda").c_str());
    const std::string ending = ".compute_" + setting("SADDLE_PTX_ARCH", "80") + ".ptx";
    DIR *d = opendir(folder.c_str());
    ptx_cost_model = !setting("SADDLE_PTX_COSTS", "").empty();
    while (struct dirent *e = d ? readdir(d) : NULL) {
        const std::string name = e->d_name;
        if (name.size() > ending.size() && name.compare(name.size() - ending.size(), ending.size(), ending) == 0)
            load_file(folder + "/" + name);
    }
    if (d)
        closedir(d);
    if (kernels.empty())
        stop("no kernels in " + folder + "/*" + ending);
}

static struct ptx_kernel *find(const shim_work &work)
{
    static std::map<const char *, struct ptx_kernel *> known;
    if (kernels.empty())
        load_all();
    struct ptx_kernel *&k = known[work.name];
    if (!k) {
        const auto found = kernels.find(launched_name(work.name));
        if (found == kernels.end())
            stop("no kernel " + launched_name(work.name) + " in the PTX");
        k = found->second;
    }
    return k;
}

/* --- what a kernel did --- */

/* "conv_kernel<16,8,1>": a word, so that a line is words. */
static std::string one_word(const std::string &name)
{
    std::string word;
    for (const char c : name)
        if (c != ' ')
            word += c;
    return word;
}

typedef std::tuple<std::string, size_t, size_t> shape; /* a kernel, its blocks, their threads */
struct cost {
    int code;
    uint64_t early;
    struct ptx_counts counts;
};
static std::map<shape, cost> costs;

/* Everything in struct ptx_counts is a sum. */
static void add_cost(const shape &of, const struct ptx_kernel *k, const struct ptx_counts &before, bool early)
{
    cost &c = costs[of];
    const uint64_t *was = (const uint64_t *)&before, *is = (const uint64_t *)ptx_counted(k);
    uint64_t *sum = (uint64_t *)&c.counts;
    c.code = ptx_instructions(k);
    c.early += early;
    for (size_t i = 0; i < sizeof before / sizeof *sum; i++)
        sum[i] += is[i] - was[i];
}

int compiled_arch()
{
    return atoi(setting("SADDLE_PTX_ARCH", "80").c_str());
}

struct ptx_phases compiled_run(dim3 grid, dim3 block, const shim_work &work, bool reverse, const struct ptx_phases *before)
{
    struct ptx_kernel *k = find(work);
    const struct ptx_counts counted = *ptx_counted(k);
    std::vector<struct ptx_argument> arguments;
    for (int i = 0; i < work.n_arguments; i++)
        arguments.push_back({ work.argument[i], work.bytes[i] });
    const struct ptx_launch launch = { { grid.x, grid.y, grid.z }, { block.x, block.y, block.z }, arguments.data(), (int)arguments.size(), reverse, before };
    struct err err = {};
    if (!ptx_run(k, &launch, &err))
        stop(err.text);
    add_cost({ one_word(launched_name(work.name)), (size_t)grid.x * grid.y * grid.z, (size_t)block.x * block.y * block.z }, k, counted, before != NULL);
    return ptx_last_launch();
}

/* --- memory --- */

static std::map<char *, size_t> memory; /* all of it, when launches are compared */

void compiled_memory_add(void *base, size_t bytes, bool host)
{
    if (compiled_mode() == COMPILED_NOT)
        return;
    ptx_memory_add(base, bytes);
    if (host)
        ptx_memory_written(base, bytes);
    memory[(char *)base] = bytes;
}

void compiled_memory_remove(void *base)
{
    if (compiled_mode() == COMPILED_NOT)
        return;
    ptx_memory_remove(base);
    memory.erase((char *)base);
}

void compiled_memory_guard(void *base, size_t bytes)
{
    if (compiled_mode() != COMPILED_NOT)
        ptx_memory_guard(base, bytes);
}

void compiled_memory_copied(void *to, const void *from, size_t bytes)
{
    if (compiled_mode() != COMPILED_NOT)
        ptx_memory_copied(to, from, bytes);
}

/* --- both --- */

struct difference { /* of a kernel's launches */
    long launches, differing, words, different_words;
    double farthest; /* relative, of numbers that look like floats */
};
static std::map<std::string, difference> differences;

typedef std::map<char *, std::vector<char>> snapshot;

static snapshot remember()
{
    snapshot s;
    for (const auto &m : memory)
        s[m.first].assign(m.first, m.first + m.second);
    return s;
}

static void count_word(difference &d, const char *mine, const char *theirs)
{
    float a, b;
    memcpy(&a, mine, 4);
    memcpy(&b, theirs, 4);
    if (isnan(a) && isnan(b)) /* PTX has one, 0x7fffffff, a processor others */
        return;
    d.different_words++;
    const double far = fabs((double)a - (double)b) / fmax(fabs((double)b), 1e-30);
    if (isfinite(far))
        d.farthest = fmax(d.farthest, far);
}

struct ptx_phases compiled_compare(dim3 grid, dim3 block, const shim_work &work, bool reverse, const struct ptx_phases *before,
                                   const std::function<void()> &sources)
{
    const snapshot old = remember();
    sources();
    const snapshot after = remember();
    for (const auto &m : old)
        memcpy(m.first, m.second.data(), m.second.size());
    const struct ptx_phases phases = compiled_run(grid, block, work, reverse, before);
    difference &d = differences[launched_name(work.name)];
    const long different = d.different_words;
    for (const auto &m : after)
        for (size_t i = 0; i + 4 <= m.second.size(); i += 4) {
            d.words += memcmp(m.second.data() + i, old.at(m.first).data() + i, 4) != 0;
            if (memcmp(m.first + i, m.second.data() + i, 4) != 0)
                count_word(d, m.first + i, m.second.data() + i);
        }
    d.launches++;
    d.differing += d.different_words > different;
    return phases;
}

/* --- last words --- */

static long launches[COMPILED_BOTH + 1];

void compiled_count(const shim_work &, enum compiled_mode where)
{
    launches[where]++;
}

static void print_costs(FILE *out)
{
    static const char *const heads[] = { "code", "launches", "early", "blocks", "threads", "instructions", "integer", "fp32", "fp64", "tensor",
                                         "shared", "passes", "global", "sectors", "longest" };
    fprintf(out, "%-48s", "kernel");
    for (const char *head : heads)
        fprintf(out, " %12s", head);
    fprintf(out, "\n");
    for (const auto &row : costs) {
        const struct ptx_counts &c = row.second.counts;
        const uint64_t numbers[] = { (uint64_t)row.second.code, c.launches, row.second.early, std::get<1>(row.first), std::get<2>(row.first), c.instructions,
                                     c.integer, c.fp32, c.fp64, c.tensor, c.shared_accesses, c.shared_passes, c.global_accesses, c.global_sectors,
                                     c.longest };
        fprintf(out, "%-48s", std::get<0>(row.first).c_str());
        for (const uint64_t n : numbers)
            fprintf(out, " %12llu", (unsigned long long)n);
        fprintf(out, "\n");
    }
}

static void with_file(const char *name, FILE *otherwise, void (*print)(FILE *out))
{
    const std::string path = setting(name, "");
    FILE *out = path.empty() ? otherwise : fopen(path.c_str(), "a");
    if (out)
        print(out);
    if (out && out != otherwise)
        fclose(out);
}

static void print_launches(FILE *out)
{
    int used = 0;
    for (const auto &k : kernels)
        used += ptx_counted(k.second)->launches > 0;
    fprintf(out, "emulator: launches: %ld on PTX (%d of %zu kernels, compute_%s), %ld on the sources, %ld on both\n",
            launches[COMPILED_ONLY], used, kernels.size(), setting("SADDLE_PTX_ARCH", "80").c_str(), launches[COMPILED_NOT], launches[COMPILED_BOTH]);
    for (const auto &d : differences)
        fprintf(out, "%-48s %6ld launches, %6ld differ, %10ld words written, %9ld differ, by at most %.2g\n", d.first.c_str(), d.second.launches,
                d.second.differing, d.second.words, d.second.different_words, d.second.farthest);
}

static struct compiled_last_words {
    ~compiled_last_words()
    {
        if (compiled_mode() == COMPILED_NOT)
            return;
        with_file("SADDLE_EMULATOR_LOG", stderr, print_launches);
        with_file("SADDLE_PTX_COSTS", NULL, print_costs);
    }
} compiled_last_words;

/* kernels [--list] FILE... - decodes the PTX of every kernel, each instruction of it, and says how much there is (--list: "NAME
 * INSTRUCTIONS" of each kernel). Exit 1 when anything is not known. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/ptx/ptx.h"

/* Lines that begin a kernel: none may be passed over. */
static int count_entries(const char *path)
{
    FILE *in = fopen(path, "r");
    char *line = NULL;
    size_t room = 0;
    int n = 0;
    while (in && getline(&line, &room, in) >= 0)
        n += strstr(line, ".entry ") && line[0] != '/';
    free(line);
    if (in)
        fclose(in);
    return n;
}

static bool decode(const char *path, bool list, int *kernels, int *instructions)
{
    struct err err = { 0 };
    struct ptx_module *m = ptx_load(path, NULL, &err);
    if (!m) {
        printf("%s\n", err.text);
        return false;
    }
    const int n = ptx_kernels(m), entries = count_entries(path);
    for (int i = 0; i < n; i++) {
        if (list)
            printf("%s %d\n", ptx_name(ptx_kernel(m, i)), ptx_instructions(ptx_kernel(m, i)));
        *instructions += ptx_instructions(ptx_kernel(m, i));
        if (ptx_find(m, ptx_name(ptx_kernel(m, i))) != ptx_kernel(m, i) || ptx_instructions(ptx_kernel(m, i)) < 2)
            printf("%s: %s\n", path, ptx_name(ptx_kernel(m, i)));
    }
    *kernels += n;
    ptx_unload(m);
    if (n != entries || n == 0)
        printf("%s: %d kernels of %d\n", path, n, entries);
    return n == entries && n > 0;
}

int main(int argc, char **argv)
{
    const bool list = argc > 1 && strcmp(argv[1], "--list") == 0;
    const int first = list ? 2 : 1;
    int kernels = 0, instructions = 0;
    bool ok = argc > first;
    for (int i = first; i < argc; i++)
        ok &= decode(argv[i], list, &kernels, &instructions);
    if (!list)
        printf("%d files, %d kernels, %d instructions\n", argc - first, kernels, instructions);
    return ok ? 0 : 1;
}

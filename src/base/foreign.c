#include "config.h"
#include "base/foreign.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"

enum kind { OTHER, TORCH, NUMPY };

/* First bytes of other formats. Nothing here is a safetensors file: those begin with the length of a header, at most 4 MiB, or with '{' behind it. */
static const struct {
    const char *magic;
    size_t n;
    const char *what;
    enum kind kind;
} formats[] = {
    { "\x80\x02\x8a\x0al\xfc\x9c" "F\xf9 j\xa8P\x19", 14, "a PyTorch file (pickle, of before version 1.6)", TORCH },
    { "\x80\x02", 2, "a Python pickle, perhaps PyTorch's", TORCH },
    { "\x80\x03", 2, "a Python pickle, perhaps PyTorch's", TORCH },
    { "\x80\x04", 2, "a Python pickle, perhaps PyTorch's", TORCH },
    { "\x80\x05", 2, "a Python pickle, perhaps PyTorch's", TORCH },
    { "\x93NUMPY", 6, "one NumPy array without a name", OTHER },
    { "GGUF", 4, "a GGUF file", OTHER },
    { "\x89HDF\r\n\x1a\n", 8, "an HDF5 file, as Keras writes", OTHER },
    { "\x28\xb5\x2f\xfd", 4, "compressed (zstd); 'zstd -d' unpacks it", OTHER },
    { "S*M\x18", 4, "a file of a saddle session ('saddle export safetensors FILE RUN' writes its weights)", OTHER },
    { "\x89PNG", 4, "a PNG picture", OTHER },
    { "\xff\xd8\xff", 3, "a JPEG picture", OTHER },
    { "\x1f\x8b", 2, "compressed (gzip); 'gunzip' unpacks it", OTHER },
};

static bool holds_text(const char *bytes, size_t size, const char *text)
{
    size_t n = strlen(text);
    for (size_t i = 0; i + n <= size; i++)
        if (memcmp(bytes + i, text, n) == 0)
            return true;
    return false;
}

/* An archive begins with the header of its first file: 30 bytes, then the name. */
static const char *zip_kind(const char *bytes, size_t size, enum kind *kind)
{
    enum { NAME = 30, LONGEST = 256 };
    size_t n = size < NAME + LONGEST ? size : NAME + LONGEST;
    *kind = OTHER;
    if (holds_text(bytes, n, ".npy")) {
        *kind = NUMPY;
        return "a NumPy archive (npz)";
    }
    if (holds_text(bytes, n, "/data.pkl") || holds_text(bytes, n, "/.format_version") || holds_text(bytes, n, "/version")) {
        *kind = TORCH;
        return "a PyTorch file (zip)";
    }
    return "a zip archive";
}

/* The line names the file itself when that is short and needs no quoting. */
static void convert(const char *path, enum kind kind, char *out, size_t size)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-+/,=@";
    bool usable = strlen(path) <= 48 && !path[strspn(path, plain)];
    const char *in = usable ? path : kind == TORCH ? "FILE.pt" : "FILE.npz", *dot = strrchr(in, '.'), *slash = strrchr(in, '/');
    int stem = dot && dot > (slash ? slash + 1 : in) ? (int)(dot - in) : (int)strlen(in);
    if (kind == TORCH)
        snprintf(out, size, "python3 -c \"import torch, safetensors.torch as s; d = torch.load('%s', map_location='cpu'); d = d.get('state_dict', d); "
                 "s.save_file({k: v.clone().contiguous() for k, v in d.items() if torch.is_tensor(v)}, '%.*s.safetensors')\"", in, stem, in);
    else
        snprintf(out, size, "python3 -c \"import numpy, safetensors.numpy as s; s.save_file({k: numpy.ascontiguousarray(v) for k, v in "
                 "numpy.load('%s').items()}, '%.*s.safetensors')\"", in, stem, in);
}

static bool say_foreign(const char *path, const char *what, enum kind kind, struct err *err)
{
    char line[400];
    if (kind == OTHER) {
        err_set(err, ERR_DATA, "%s is %s, not safetensors", path, what);
        return true;
    }
    convert(path, kind, line, sizeof line);
    err_set(err, ERR_DATA, "%.60s%s is %s; this makes safetensors of it: %s", path, strlen(path) > 60 ? "..." : "", what, line);
    return true;
}

bool foreign_file(const char *path, const void *bytes, size_t size, struct err *err)
{
    enum kind kind;
    if (size == 0)
        return say_foreign(path, "empty", OTHER, err);
    if (size >= 4 && memcmp(bytes, "PK\3\4", 4) == 0) {
        const char *what = zip_kind(bytes, size, &kind);
        return say_foreign(path, what, kind, err);
    }
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (size >= formats[i].n && memcmp(bytes, formats[i].magic, formats[i].n) == 0)
            return say_foreign(path, formats[i].what, formats[i].kind, err);
    return false;
}

#include "config.h"
#include "tests/ptx/build.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* The text around the instructions: kernels with their parameters, variables, labels, functions. A function is read anew wherever it is
 * called, as part of the caller. */

enum { DEEPEST = 16 };

void *build_room(void *list, int n, int *room, size_t each)
{
    if (n < *room)
        return list;
    *room = *room ? *room * 2 : 16;
    list = realloc(list, (size_t)*room * each);
    if (!list)
        abort();
    return list;
}

bool build_failed(struct builder *b, int line, const char *format, ...)
{
    char text[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    err_set(b->err, ERR_DATA, "%s:%d: %s", b->file, line, text);
    return false;
}

bool build_expect(struct builder *b, const char *mark)
{
    const struct token *t = &b->lex.token;
    if (!token_is(t, mark))
        return build_failed(b, t->line, "%s is expected, not '%.*s'", mark, (int)t->length, t->at);
    lexer_advance(&b->lex);
    return true;
}

uint32_t build_register(struct builder *b, unsigned width)
{
    b->width = build_room(b->width, b->n_registers, &b->room_registers, sizeof *b->width);
    b->width[b->n_registers] = (uint8_t)width;
    return (uint32_t)b->n_registers++;
}

static struct preset *add_preset(struct builder *b, enum special what, uint64_t bits, unsigned width)
{
    struct ptx_kernel *k = b->kernel;
    k->presets = build_room(k->presets, k->n_presets, &k->room_presets, sizeof *k->presets);
    struct preset *p = &k->presets[k->n_presets++];
    *p = (struct preset){ build_register(b, width), what, (uint8_t)width, bits };
    return p;
}

uint32_t build_constant(struct builder *b, uint64_t bits, unsigned width)
{
    for (int i = 0; i < b->kernel->n_presets; i++) {
        const struct preset *p = &b->kernel->presets[i];
        if (p->what == SPECIAL_CONSTANT && p->value == bits && p->width == width)
            return p->place;
    }
    return add_preset(b, SPECIAL_CONSTANT, bits, width)->place;
}

struct symbol *build_symbol(struct builder *b, const struct token *name, enum symbol_kind kind)
{
    b->symbols = build_room(b->symbols, b->n_symbols, &b->room_symbols, sizeof *b->symbols);
    struct symbol *s = &b->symbols[b->n_symbols++];
    *s = (struct symbol){ .name = name->at, .length = name->length, .kind = kind };
    return s;
}

static bool family_has(const struct symbol *s, const struct token *name)
{
    const char *end = name->at + name->length;
    uint64_t i = 0;
    if (name->length <= s->length || name->length > s->length + 7 || memcmp(name->at, s->name, s->length) != 0)
        return false;
    for (const char *p = name->at + s->length; p < end; p++) {
        if (*p < '0' || *p > '9')
            return false;
        i = i * 10 + (uint64_t)(*p - '0');
    }
    return i < s->count;
}

/* The innermost one first. */
struct symbol *build_find(const struct builder *b, const struct token *name)
{
    for (int i = b->n_symbols - 1; i >= 0; i--) {
        struct symbol *s = &b->symbols[i];
        if (s->kind == SYMBOL_FAMILY ? family_has(s, name)
                                     : s->length == name->length && memcmp(s->name, name->at, name->length) == 0)
            return s;
    }
    return NULL;
}

int32_t build_label(struct builder *b, const struct token *name)
{
    for (int i = b->n_labels - 1; i >= 0; i--) {
        const struct label *l = &b->labels[i];
        if (l->scope == b->label_scope && l->length == name->length && memcmp(l->name, name->at, name->length) == 0)
            return i;
    }
    b->labels = build_room(b->labels, b->n_labels, &b->room_labels, sizeof *b->labels);
    b->labels[b->n_labels] = (struct label){ name->at, name->length, b->label_scope, -1, name->line };
    return b->n_labels++;
}

struct insn *build_insn(struct builder *b, insn_fn run, int line)
{
    struct ptx_kernel *k = b->kernel;
    k->code = build_room(k->code, k->n_code, &k->room_code, sizeof *k->code);
    b->shapes = build_room(b->shapes, b->n_shapes, &b->room_shapes, sizeof *b->shapes);
    b->shapes[b->n_shapes++] = (struct shape){ 0 };
    struct insn *i = &k->code[k->n_code++];
    memset(i, 0, sizeof *i);
    i->run = run;
    i->line = line;
    i->guard = NO_GUARD;
    return i;
}

uint32_t *build_more(struct builder *b)
{
    struct ptx_kernel *k = b->kernel;
    k->more = build_room(k->more, k->n_more, &k->room_more, sizeof *k->more);
    uint32_t *more = calloc(MORE_OPERANDS, sizeof *more);
    if (!more)
        abort();
    return k->more[k->n_more++] = more;
}

static unsigned width_of(const struct token *type)
{
    static const struct {
        const char *name;
        unsigned width;
    } types[] = { { ".b8", 1 },  { ".u8", 1 },  { ".s8", 1 },  { ".b16", 2 }, { ".u16", 2 }, { ".s16", 2 }, { ".b32", 4 },
                  { ".u32", 4 }, { ".s32", 4 }, { ".f32", 4 }, { ".b64", 8 }, { ".u64", 8 }, { ".s64", 8 }, { ".f64", 8 } };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (token_is(type, types[i].name))
            return types[i].width;
    return 0;
}

struct variable {
    struct token name;
    size_t align, bytes;
};

/* [.align N] TYPE NAME [ '[' N ']' ] */
static bool read_variable(struct builder *b, struct variable *v)
{
    struct lexer *l = &b->lex;
    *v = (struct variable){ .align = 0 };
    if (token_is(&l->token, ".align")) {
        lexer_advance(l);
        v->align = l->token.bits;
        lexer_advance(l);
    }
    const unsigned width = width_of(&l->token);
    if (width == 0 || (v->align & (v->align - 1)) != 0)
        return build_failed(b, l->token.line, "a type is expected, not '%.*s'", (int)l->token.length, l->token.at);
    lexer_advance(l);
    v->name = l->token;
    v->bytes = width;
    if (v->align == 0)
        v->align = width;
    lexer_advance(l);
    if (!token_is(&l->token, "["))
        return true;
    lexer_advance(l);
    v->bytes = width * l->token.bits;
    lexer_advance(l);
    return build_expect(b, "]");
}

static size_t place_variable(size_t *end, size_t align, size_t bytes)
{
    const size_t at = (*end + align - 1) / align * align;
    *end = at + bytes;
    return at;
}

uint64_t build_value(struct builder *b, struct symbol *s)
{
    if (s->kind == SYMBOL_MODULE_SHARED && s->placed != b->module->n_kernels) {
        s->placed = b->module->n_kernels;
        s->value = place_variable(&b->kernel->shared_bytes, s->align, s->bytes);
    }
    return s->value;
}

/* Behind ".reg": TYPE NAME, NAME<N> ...; */
static bool read_registers(struct builder *b)
{
    struct lexer *l = &b->lex;
    const unsigned width = token_is(&l->token, ".pred") ? 0 : width_of(&l->token);
    if (width == 1 || (width == 0 && !token_is(&l->token, ".pred")))
        return build_failed(b, l->token.line, "registers of type %.*s", (int)l->token.length, l->token.at);
    do {
        lexer_advance(l);
        const struct token name = l->token;
        lexer_advance(l);
        const bool family = token_is(&l->token, "<");
        struct symbol *s = build_symbol(b, &name, family ? SYMBOL_FAMILY : SYMBOL_REGISTER);
        s->count = 1;
        if (family) {
            lexer_advance(l);
            s->count = (uint32_t)l->token.bits;
            lexer_advance(l);
            if (!build_expect(b, ">"))
                return false;
        }
        s->first = (uint32_t)b->n_registers;
        for (uint32_t i = 0; i < s->count; i++)
            build_register(b, width);
    } while (token_is(&l->token, ","));
    return build_expect(b, ";");
}

static bool read_shared(struct builder *b)
{
    struct variable v;
    if (!read_variable(b, &v))
        return false;
    build_symbol(b, &v.name, SYMBOL_SHARED)->value = place_variable(&b->kernel->shared_bytes, v.align, v.bytes);
    return build_expect(b, ";");
}

/* A parameter for a call: a number, kept in a register. */
static bool read_call_param(struct builder *b)
{
    struct variable v;
    if (!read_variable(b, &v))
        return false;
    if (v.bytes != 4 && v.bytes != 8)
        return build_failed(b, v.name.line, "a call's parameter of %zu bytes", v.bytes);
    struct symbol *s = build_symbol(b, &v.name, SYMBOL_REGISTER);
    s->first = build_register(b, (unsigned)v.bytes);
    s->count = 1;
    return build_expect(b, ";");
}

static bool read_pragma(struct builder *b)
{
    static const char used[] = "\"used_bytes_mask ";
    const struct token t = b->lex.token;
    lexer_advance(&b->lex);
    if (t.length > sizeof used && memcmp(t.at, used, sizeof used - 1) == 0)
        b->used = (uint32_t)strtoul(t.at + sizeof used - 1, NULL, 0);
    else if (t.length < 8 || memcmp(t.at, "\"nounroll", 8) != 0)
        return build_failed(b, t.line, "unknown pragma %.*s", (int)t.length, t.at);
    return build_expect(b, ";");
}

static bool read_directive(struct builder *b)
{
    const struct token t = b->lex.token;
    lexer_advance(&b->lex);
    if (token_is(&t, ".reg"))
        return read_registers(b);
    if (token_is(&t, ".shared"))
        return read_shared(b);
    if (token_is(&t, ".param"))
        return read_call_param(b);
    if (token_is(&t, ".pragma"))
        return read_pragma(b);
    return build_failed(b, t.line, "unknown directive %.*s", (int)t.length, t.at);
}

/* A label or an instruction. */
static bool read_line(struct builder *b)
{
    struct lexer before = b->lex;
    const struct token name = b->lex.token;
    lexer_advance(&b->lex);
    if (name.kind == TOKEN_WORD && token_is(&b->lex.token, ":")) {
        lexer_advance(&b->lex);
        const int32_t number = build_label(b, &name);
        struct label *l = &b->labels[number];
        if (l->at >= 0)
            return build_failed(b, name.line, "a second label %.*s", (int)name.length, name.at);
        l->at = b->kernel->n_code;
        return true;
    }
    b->lex = before;
    return build_statement(b);
}

bool build_body(struct builder *b)
{
    const int n_symbols = b->n_symbols;
    if (++b->depth > DEEPEST)
        return build_failed(b, b->lex.token.line, "blocks or calls inside each other, more than %d", DEEPEST);
    while (!token_is(&b->lex.token, "}")) {
        const struct token *t = &b->lex.token;
        bool ok;
        if (t->kind == TOKEN_END)
            return build_failed(b, t->line, "the file ends inside a function");
        if (token_is(t, "{")) {
            lexer_advance(&b->lex);
            ok = build_body(b);
        } else if (t->kind == TOKEN_WORD && *t->at == '.')
            ok = read_directive(b);
        else
            ok = read_line(b);
        if (!ok)
            return false;
    }
    b->n_symbols = n_symbols;
    b->depth--;
    lexer_advance(&b->lex);
    return true;
}

/* ( NAME, NAME ... ): registers that stand for parameters. */
static bool read_actuals(struct builder *b, uint32_t *to, int *n, int most)
{
    struct lexer *l = &b->lex;
    *n = 0;
    if (!build_expect(b, "("))
        return false;
    while (!token_is(&l->token, ")")) {
        const struct symbol *s = build_find(b, &l->token);
        if (!s || s->kind != SYMBOL_REGISTER || *n == most)
            return build_failed(b, l->token.line, "a call with '%.*s'", (int)l->token.length, l->token.at);
        to[(*n)++] = s->first;
        lexer_advance(l);
        if (token_is(&l->token, ","))
            lexer_advance(l);
    }
    return build_expect(b, ")");
}

static const struct function *find_function(const struct builder *b, const struct token *name)
{
    for (int i = b->n_functions - 1; i >= 0; i--)
        if (b->functions[i].start.next && b->functions[i].length == name->length &&
            memcmp(b->functions[i].name, name->at, name->length) == 0)
            return &b->functions[i];
    return NULL;
}

static bool bind_formal(struct builder *b, const struct token *name, uint32_t actual)
{
    struct symbol *s = build_symbol(b, name, SYMBOL_REGISTER);
    s->first = actual;
    s->count = 1;
    return true;
}

/* The function's text, its parameters being those registers; `ret` goes behind it. */
static bool read_inside(struct builder *b, const struct function *f, uint32_t result, const uint32_t *actual, int n_actual)
{
    static const struct token end = { TOKEN_WORD, "end of the call", 15, 0, '\0', 0 };
    const int n_symbols = b->n_symbols, scope = b->label_scope;
    const int32_t returns_to = b->returns_to;
    int n = 0;
    b->lex = f->start;
    bind_formal(b, &f->result, result);
    if (!build_expect(b, "("))
        return false;
    while (!token_is(&b->lex.token, ")")) {
        struct variable v;
        if (!build_expect(b, ".param") || !read_variable(b, &v))
            return false;
        if (n == n_actual)
            return build_failed(b, v.name.line, "a call with %d parameters", n_actual);
        bind_formal(b, &v.name, actual[n++]);
        if (token_is(&b->lex.token, ","))
            lexer_advance(&b->lex);
    }
    lexer_advance(&b->lex);
    b->label_scope = ++b->n_label_scopes;
    b->returns_to = build_label(b, &end);
    if (!build_expect(b, "{") || !build_body(b))
        return false;
    b->labels[b->returns_to].at = b->kernel->n_code;
    b->label_scope = scope;
    b->returns_to = returns_to;
    b->n_symbols = n_symbols;
    return true;
}

bool build_call(struct builder *b)
{
    uint32_t result[1], actual[8];
    int n_results, n_actual;
    if (!read_actuals(b, result, &n_results, 1) || !build_expect(b, ","))
        return false;
    const struct token name = b->lex.token;
    lexer_advance(&b->lex);
    if (!build_expect(b, ",") || !read_actuals(b, actual, &n_actual, 8) || !build_expect(b, ";"))
        return false;
    const struct function *f = find_function(b, &name);
    if (!f || n_results != 1)
        return build_failed(b, name.line, "a call of %.*s, which is not in this file before it", (int)name.length, name.at);
    const struct lexer behind = b->lex;
    if (!read_inside(b, f, result[0], actual, n_actual))
        return false;
    b->lex = behind;
    return true;
}

/* --- kernels and functions --- */

static bool read_params(struct builder *b)
{
    struct ptx_kernel *k = b->kernel;
    int room = 0;
    if (!build_expect(b, "("))
        return false;
    while (!token_is(&b->lex.token, ")")) {
        struct variable v;
        if (!build_expect(b, ".param") || !read_variable(b, &v))
            return false;
        const size_t at = place_variable(&k->param_bytes, v.align, v.bytes);
        k->params = build_room(k->params, k->n_params, &room, sizeof *k->params);
        k->params[k->n_params++] = (struct param){ at, v.bytes };
        build_symbol(b, &v.name, SYMBOL_PARAM)->value = at;
        if (token_is(&b->lex.token, ","))
            lexer_advance(&b->lex);
    }
    lexer_advance(&b->lex);
    return true;
}

/* Between the parameters and the body: how many threads there may be. Other limits concern ptxas alone. */
static bool read_limits(struct builder *b)
{
    struct lexer *l = &b->lex;
    while (l->token.kind == TOKEN_WORD) {
        const struct token what = l->token;
        uint64_t product = 1;
        do {
            lexer_advance(l);
            product *= l->token.bits;
            lexer_advance(l);
        } while (token_is(&l->token, ","));
        if (token_is(&what, ".maxntid"))
            b->kernel->max_threads = (unsigned)product;
        else if (!token_is(&what, ".minnctapersm") && !token_is(&what, ".maxnreg"))
            return build_failed(b, what.line, "unknown directive %.*s", (int)what.length, what.at);
    }
    return build_expect(b, "{");
}

static bool resolve_labels(struct builder *b)
{
    for (int i = 0; i < b->n_labels; i++)
        if (b->labels[i].at < 0)
            return build_failed(b, b->labels[i].line, "no label %.*s", (int)b->labels[i].length, b->labels[i].name);
    return true;
}

static void begin_kernel(struct builder *b)
{
    struct ptx_module *m = b->module;
    struct ptx_kernel *k = calloc(1, sizeof *k);
    m->kernels = build_room(m->kernels, m->n_kernels, &m->room_kernels, sizeof *m->kernels);
    if (!k || !(k->name = strndup(b->lex.token.at, b->lex.token.length)))
        abort();
    k->file = m->name;
    m->kernels[m->n_kernels++] = k;
    b->kernel = k;
    b->n_symbols = b->n_module_symbols;
    b->n_labels = b->n_registers = b->n_shapes = b->n_label_scopes = b->label_scope = b->depth = 0;
    b->used = 0;
    b->returns_to = -1;
    for (int s = 0; s < SPECIALS; s++)
        add_preset(b, (enum special)s, 0, 4);
    lexer_advance(&b->lex);
}

static bool read_kernel(struct builder *b)
{
    begin_kernel(b);
    if (!read_params(b) || !read_limits(b) || !build_body(b) || !resolve_labels(b))
        return false;
    return flow_joins(b) && layout_kernel(b);
}

/* (.param TYPE NAME) FUNCTION ( ... ) { ... }: only where it stands is noted. A declaration ends with ';'. */
static bool note_function(struct builder *b)
{
    struct variable result;
    if (!build_expect(b, "(") || !build_expect(b, ".param") || !read_variable(b, &result) || !build_expect(b, ")"))
        return false;
    b->functions = build_room(b->functions, b->n_functions, &b->room_functions, sizeof *b->functions);
    struct function *f = &b->functions[b->n_functions++];
    *f = (struct function){ .name = b->lex.token.at, .length = b->lex.token.length, .result = result.name };
    lexer_advance(&b->lex);
    const struct lexer start = b->lex;
    while (!token_is(&b->lex.token, ";") && !token_is(&b->lex.token, "{"))
        lexer_advance(&b->lex);
    if (token_is(&b->lex.token, "{"))
        f->start = start;
    for (int depth = 0;; lexer_advance(&b->lex)) {
        depth += token_is(&b->lex.token, "{") - token_is(&b->lex.token, "}");
        if (b->lex.token.kind == TOKEN_END || (depth == 0 && (token_is(&b->lex.token, "}") || !f->start.next)))
            break;
    }
    lexer_advance(&b->lex);
    return true;
}

static bool read_module_shared(struct builder *b)
{
    struct variable v;
    if (!read_variable(b, &v))
        return false;
    b->n_symbols = b->n_module_symbols++;
    struct symbol *s = build_symbol(b, &v.name, SYMBOL_MODULE_SHARED);
    s->align = v.align;
    s->bytes = v.bytes;
    return build_expect(b, ";");
}

static bool read_module(struct builder *b)
{
    while (b->lex.token.kind != TOKEN_END) {
        const struct token t = b->lex.token;
        lexer_advance(&b->lex);
        bool ok = true;
        if (token_is(&t, ".version") || token_is(&t, ".target") || token_is(&t, ".address_size"))
            while (b->lex.token.kind != TOKEN_END && b->lex.token.line == t.line)
                lexer_advance(&b->lex);
        else if (token_is(&t, ".entry"))
            ok = read_kernel(b);
        else if (token_is(&t, ".shared"))
            ok = read_module_shared(b);
        else if (token_is(&t, ".func"))
            ok = note_function(b);
        else if (!token_is(&t, ".visible") && !token_is(&t, ".weak"))
            ok = build_failed(b, t.line, "'%.*s' where a kernel or function should stand", (int)t.length, t.at);
        if (!ok)
            return false;
    }
    return true;
}

/* Functions may stand behind the kernels that call them. */
static bool note_functions(struct builder *b, const char *text)
{
    lexer_start(&b->lex, text);
    if (!strstr(text, ".func"))
        return true;
    while (b->lex.token.kind != TOKEN_END) {
        const bool function = token_is(&b->lex.token, ".func");
        lexer_advance(&b->lex);
        if (function && !note_function(b))
            return false;
    }
    lexer_start(&b->lex, text);
    return true;
}

struct ptx_module *ptx_load_text(const char *name, const char *text, const struct ptx_options *options, struct err *err)
{
    static const struct ptx_options none;
    struct builder b = { .file = name, .options = options ? options : &none, .err = err };
    if (!(b.module = calloc(1, sizeof *b.module)) || !(b.module->name = strdup(name)))
        abort();
    const bool ok = note_functions(&b, text) && read_module(&b);
    free(b.symbols);
    free(b.labels);
    free(b.functions);
    free(b.width);
    free(b.shapes);
    if (ok)
        return b.module;
    ptx_unload(b.module);
    return NULL;
}

#include "config.h"
#include "tests/ptx/build.h"

#include <string.h>

/* One instruction: its name is looked up as it is spelled, and its operands must be those that the spelling says. */

enum { MOST = MORE_OPERANDS + 2, NAME = 80 };

enum operand_kind { OPERAND_REGISTER, OPERAND_NUMBER, OPERAND_ADDRESS, OPERAND_LABEL };

struct operand {
    enum operand_kind kind;
    uint32_t reg;    /* of an address: of its base */
    unsigned width;  /* of the register */
    uint64_t bits;   /* of a number, or an address's offset */
    int32_t label;
    char before, behind; /* '{' or '|' before it, '}' behind it; else '\0' */
    bool variable;       /* an address that is a call's parameter */
};

struct statement {
    char name[NAME];
    int line;
    uint32_t guard;
    bool guard_not;
    struct operand operand[MOST];
    int n;
};

static const char *const special_names[SPECIALS] = { "%tid.x",   "%tid.y",   "%tid.z",   "%ntid.x",   "%ntid.y",   "%ntid.z",  "%ctaid.x",
                                                     "%ctaid.y", "%ctaid.z", "%nctaid.x", "%nctaid.y", "%nctaid.z", "%laneid" };

static void use_register(const struct builder *b, struct operand *o, uint32_t reg)
{
    o->kind = OPERAND_REGISTER;
    o->reg = reg;
    o->width = b->width[reg];
}

static bool read_word(struct builder *b, struct operand *o)
{
    const struct token t = b->lex.token;
    struct symbol *s = build_find(b, &t);
    lexer_advance(&b->lex);
    for (uint32_t i = 0; i < SPECIALS; i++)
        if (token_is(&t, special_names[i])) {
            use_register(b, o, i); /* a kernel's first registers */
            return true;
        }
    if (s && s->kind == SYMBOL_REGISTER) {
        use_register(b, o, s->first);
    } else if (s && s->kind == SYMBOL_FAMILY) {
        uint32_t i = 0;
        for (size_t c = s->length; c < t.length; c++)
            i = i * 10 + (uint32_t)(t.at[c] - '0');
        use_register(b, o, s->first + i);
    } else if (s) {
        o->kind = OPERAND_NUMBER;
        o->bits = build_value(b, s);
    } else if (*t.at == '$') {
        o->kind = OPERAND_LABEL;
        o->label = build_label(b, &t);
    } else
        return build_failed(b, t.line, "unknown name %.*s", (int)t.length, t.at);
    return true;
}

static bool read_value(struct builder *b, struct operand *o)
{
    const bool minus = token_is(&b->lex.token, "-");
    if (minus)
        lexer_advance(&b->lex);
    if (b->lex.token.kind == TOKEN_NUMBER) {
        o->kind = OPERAND_NUMBER;
        o->bits = minus ? -b->lex.token.bits : b->lex.token.bits;
        lexer_advance(&b->lex);
        return true;
    }
    if (b->lex.token.kind != TOKEN_WORD || minus)
        return build_failed(b, b->lex.token.line, "'%.*s' is no operand", (int)b->lex.token.length, b->lex.token.at);
    return read_word(b, o);
}

/* Behind '[': BASE [+ OFFSET] ']'. A variable's place counts as offset. */
static bool read_address(struct builder *b, struct operand *o)
{
    const bool name = *b->lex.token.at != '%';
    if (!read_value(b, o))
        return false;
    o->variable = name && o->kind == OPERAND_REGISTER;
    if (o->kind == OPERAND_NUMBER)
        use_register(b, o, build_constant(b, 0, 8));
    else if (o->kind != OPERAND_REGISTER)
        return build_failed(b, b->lex.token.line, "a label as address");
    o->kind = OPERAND_ADDRESS;
    if (token_is(&b->lex.token, "+")) {
        struct operand offset = { 0 };
        lexer_advance(&b->lex);
        if (!read_value(b, &offset))
            return false;
        if (offset.kind != OPERAND_NUMBER)
            return build_failed(b, b->lex.token.line, "an offset that is no number");
        o->bits += offset.bits;
    }
    return build_expect(b, "]");
}

static bool read_operands(struct builder *b, struct statement *s)
{
    char before = '\0';
    while (!token_is(&b->lex.token, ";")) {
        const struct token t = b->lex.token;
        if (s->n == MOST || t.kind == TOKEN_END)
            return build_failed(b, t.line, "%s has too many operands", s->name);
        struct operand *o = &s->operand[s->n];
        *o = (struct operand){ .label = -1 };
        if (token_is(&t, "{") || token_is(&t, "|") || token_is(&t, ",")) {
            before = t.mark == ',' ? '\0' : t.mark;
            lexer_advance(&b->lex);
            continue;
        }
        o->before = before;
        before = '\0';
        s->n++;
        if (token_is(&t, "[")) {
            lexer_advance(&b->lex);
            if (!read_address(b, o))
                return false;
        } else if (!read_value(b, o))
            return false;
        if (token_is(&b->lex.token, "}")) {
            o->behind = '}';
            lexer_advance(&b->lex);
        }
    }
    lexer_advance(&b->lex);
    return true;
}

static unsigned letter_width(char letter)
{
    switch (letter) {
    case 'p':
    case 'P':
        return 0;
    case 'h':
    case 'H':
        return 2;
    case 'w':
    case 'W':
        return 4;
    default:
        return 8;
    }
}

static bool fits(const struct operand *o, char letter)
{
    switch (letter) {
    case 'l':
        return o->kind == OPERAND_LABEL;
    case 'm':
        return o->kind == OPERAND_ADDRESS;
    case '0':
        return o->kind == OPERAND_NUMBER && o->bits == 0;
    case 'P':
    case 'H':
    case 'W':
    case 'D':
        return o->kind == OPERAND_NUMBER || (o->kind == OPERAND_REGISTER && o->width == letter_width(letter));
    default:
        return o->kind == OPERAND_REGISTER && o->width == letter_width(letter);
    }
}

/* Do the operands look as the spelling says? */
static bool matches(const struct statement *s, const char *operands)
{
    int n = 0;
    for (const char *p = operands; *p; p++) {
        if (*p == '=' || *p == '}')
            continue;
        const char before = *p == '{' || *p == '|' ? *p++ : '\0';
        if (n == s->n || s->operand[n].before != before || !fits(&s->operand[n], *p) || (s->operand[n].behind == '}') != (p[1] == '}'))
            return false;
        n++;
    }
    return n == s->n;
}

/* The register of an operand: a number becomes a constant. */
static uint32_t register_of(struct builder *b, const struct operand *o, unsigned width)
{
    if (o->kind != OPERAND_NUMBER)
        return o->reg;
    const uint64_t bits = width == 8 ? o->bits : width == 4 ? (uint32_t)o->bits : width == 2 ? (uint16_t)o->bits : o->bits ? UINT32_MAX : 0;
    return build_constant(b, bits, width);
}

static void set_guard(struct insn *i, const struct statement *s)
{
    i->guard = s->guard;
    i->guard_not = s->guard_not;
}

static bool emit(struct builder *b, const struct statement *s, const struct spelling *how)
{
    uint32_t reg[MOST];
    uint8_t n = 0, results = 0;
    int at = 0;
    int64_t offset = 0;
    int32_t label = -1;
    bool wide = false;
    for (const char *p = how->operands; *p; p++) {
        if (*p == '=')
            results = n;
        if (strchr("={}|", *p))
            continue;
        const struct operand *o = &s->operand[at++];
        if (*p == 'l') {
            label = o->label;
        } else if (*p == 'm') {
            offset = (int64_t)o->bits;
            wide = o->width == 8;
            reg[n++] = o->reg;
        } else if (*p != '0')
            reg[n++] = register_of(b, o, letter_width(*p));
    }
    struct insn *i = build_insn(b, b->options->split_fma && how->run_split ? how->run_split : how->run, s->line);
    i->class = how->class;
    i->wide = wide;
    set_guard(i, s);
    if (strstr(how->name, ".shared")) { /* a matrix load: 16 bytes of each lane */
        i->space = SPACE_SHARED;
        i->n = i->bytes = 4;
        i->used = 0xffff;
    }
    b->shapes[b->n_shapes - 1] = (struct shape){ results, n };
    if (n > OPERANDS)
        i->more = memcpy(build_more(b), reg, n * sizeof *reg);
    else
        memcpy(i->o, reg, n * sizeof *reg);
    if (label >= 0)
        i->target = label; /* until all labels are known */
    else if (n <= OPERANDS)
        i->offset = offset;
    return true;
}

/* --- loads and stores: their names say space, numbers and type --- */

static bool take(const char **name, const char *part)
{
    const size_t n = strlen(part);
    if (strncmp(*name, part, n) != 0 || ((*name)[n] != '.' && (*name)[n] != '\0'))
        return false;
    *name += n;
    return true;
}

struct access {
    enum space space;
    unsigned n, bytes;
    bool sign, store;
};

static bool read_access(const char *name, struct access *a)
{
    static const struct {
        const char *name;
        enum space space;
    } spaces[] = { { ".global", SPACE_GLOBAL }, { ".shared", SPACE_SHARED }, { ".param", SPACE_PARAM } };
    static const char types[] = "subf";
    *a = (struct access){ SPACE_GENERIC, 1, 0, false, false };
    if (!take(&name, "ld") && !(a->store = take(&name, "st")))
        return false;
    for (size_t i = 0; i < sizeof spaces / sizeof *spaces; i++)
        if (take(&name, spaces[i].name))
            a->space = spaces[i].space;
    if (!take(&name, ".cg") && !take(&name, ".ca") && !take(&name, ".cs"))
        take(&name, ".nc");
    a->n = take(&name, ".v2") ? 2 : take(&name, ".v4") ? 4 : 1;
    if (name[0] != '.' || name[1] == '\0' || !strchr(types, name[1]))
        return false;
    a->sign = name[1] == 's';
    name += 2;
    a->bytes = take(&name, "8") ? 1 : take(&name, "16") ? 2 : take(&name, "32") ? 4 : take(&name, "64") ? 8 : 0;
    return a->bytes > 0 && *name == '\0' && a->n * a->bytes <= 16;
}

/* Registers may be wider than what is loaded or stored. A call's parameters are registers themselves. */
static bool emit_access(struct builder *b, const struct statement *s, const struct access *a)
{
    const int n = (int)a->n, address = a->store ? 0 : n, first = a->store ? 1 : 0;
    if (s->n != n + 1 || s->operand[address].kind != OPERAND_ADDRESS)
        return build_failed(b, s->line, "%s with other operands than an address and %d values", s->name, n);
    uint32_t reg[5];
    for (int k = 0; k < n; k++) {
        const struct operand *o = &s->operand[first + k];
        if (o->kind != OPERAND_NUMBER && (o->kind != OPERAND_REGISTER || o->width < a->bytes || o->width < 2))
            return build_failed(b, s->line, "%s with a register that does not hold it", s->name);
        if (o->kind == OPERAND_REGISTER && !a->store && k > 0 && o->width != s->operand[0].width)
            return build_failed(b, s->line, "%s into registers of different sizes", s->name);
        reg[k] = register_of(b, o, a->bytes < 4 ? 2 : a->bytes);
    }
    reg[n] = s->operand[address].reg;
    struct insn *i = build_insn(b, a->store ? run_store : run_load, s->line);
    i->class = CLASS_MEMORY;
    i->space = (uint8_t)a->space;
    i->n = (uint8_t)n;
    i->bytes = (uint8_t)a->bytes;
    i->sign = a->sign;
    i->wide = s->operand[address].width == 8;
    i->to = (uint8_t)b->width[reg[0]];
    i->offset = (int64_t)s->operand[address].bits;
    i->used = b->used && !a->store ? b->used : (1u << n * (int)a->bytes) - 1;
    b->used = 0;
    set_guard(i, s);
    memcpy(i->o, reg, sizeof *reg * (size_t)(n + 1));
    b->shapes[b->n_shapes - 1] = (struct shape){ (uint8_t)(a->store ? 0 : n), (uint8_t)(n + 1) };
    return true;
}

/* ld.param or st.param of a call's parameter, which is a register: the same as mov. Tells whether it was one. */
static bool is_call_param(struct statement *s, const struct access *a)
{
    const int address = a->store ? 0 : (int)a->n;
    if (a->space != SPACE_PARAM || a->n != 1 || s->n != 2 || s->operand[address].kind != OPERAND_ADDRESS ||
        !s->operand[address].variable || s->operand[address].bits != 0)
        return false;
    s->operand[address].kind = OPERAND_REGISTER;
    strcpy(s->name, a->bytes == 8 ? "mov.b64" : "mov.b32");
    return true;
}

/* --- a statement --- */

static bool find_and_emit(struct builder *b, const struct statement *s)
{
    bool known = false;
    for (const struct spelling *how = spelling_first(s->name); how; how = spelling_next(how)) {
        known = true;
        if (matches(s, how->operands))
            return emit(b, s, how);
    }
    return build_failed(b, s->line, known ? "%s with other operands than are known" : "%s is not known", s->name);
}

static bool read_guard(struct builder *b, struct statement *s)
{
    struct operand o = { 0 };
    if (!token_is(&b->lex.token, "@"))
        return true;
    lexer_advance(&b->lex);
    if ((s->guard_not = token_is(&b->lex.token, "!")))
        lexer_advance(&b->lex);
    if (b->lex.token.kind != TOKEN_WORD || !read_word(b, &o))
        return build_failed(b, s->line, "no predicate behind @");
    s->guard = o.reg;
    return (o.kind == OPERAND_REGISTER && o.width == 0) || build_failed(b, s->line, "a guard that is no predicate");
}

/* `ret` in a function that was called goes on behind the call. */
static bool emit_return(struct builder *b, struct statement *s)
{
    s->operand[0] = (struct operand){ .kind = OPERAND_LABEL, .label = b->returns_to };
    s->n = 1;
    strcpy(s->name, "bra");
    return find_and_emit(b, s);
}

bool build_statement(struct builder *b)
{
    struct statement s = { .line = b->lex.token.line, .guard = NO_GUARD };
    struct access a;
    if (!read_guard(b, &s))
        return false;
    const struct token name = b->lex.token;
    if (name.kind != TOKEN_WORD || name.length >= NAME)
        return build_failed(b, s.line, "'%.*s' where an instruction should stand", (int)(name.length < 40 ? name.length : 40), name.at);
    memcpy(s.name, name.at, name.length);
    lexer_advance(&b->lex);
    if (strcmp(s.name, "call.uni") == 0 && s.guard == NO_GUARD)
        return build_call(b);
    if (!read_operands(b, &s))
        return false;
    if (strcmp(s.name, "ret") == 0 && b->returns_to >= 0 && s.n == 0)
        return emit_return(b, &s);
    if (read_access(s.name, &a) && !is_call_param(&s, &a))
        return emit_access(b, &s, &a);
    return find_and_emit(b, &s);
}

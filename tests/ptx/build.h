/* tests/ptx/build.h - a kernel while its text is read; inside of tests/ptx. Registers are numbered as they are declared; layout.c gives
 * them places when all instructions are known. */
#ifndef PTX_BUILD_H
#define PTX_BUILD_H

#include "tests/ptx/lexer.h"
#include "tests/ptx/module.h"

enum symbol_kind { SYMBOL_REGISTER, SYMBOL_FAMILY, SYMBOL_SHARED, SYMBOL_PARAM, SYMBOL_MODULE_SHARED };

struct symbol {
    const char *name;
    size_t length;
    enum symbol_kind kind;
    uint32_t first, count; /* registers; a family's are name0, name1 ... */
    uint64_t value;        /* of a place in shared memory or among the parameters */
    size_t align, bytes;   /* of what is shared by those kernels of a module that name it: it gets a place there, */
    int placed;            /* for the kernel of this number (from 1) */
};

struct label {
    const char *name;
    size_t length;
    int scope;  /* of a function that was called here, or of the kernel */
    int32_t at; /* instruction; -1: not seen yet */
    int line;   /* of the first branch to it */
};

struct function {
    const char *name;
    size_t length;
    struct lexer start; /* at the formal parameters, or NULL text: declared only */
    struct token result;
};

struct shape { /* of an instruction, beside it */
    uint8_t results, count;
};

struct builder {
    struct lexer lex;
    const char *file;
    const struct ptx_options *options;
    struct err *err;
    struct ptx_module *module;
    struct ptx_kernel *kernel;
    struct symbol *symbols;
    int n_symbols, room_symbols, n_module_symbols; /* the module's own come first */
    struct label *labels;
    int n_labels, room_labels, label_scope, n_label_scopes;
    struct function *functions;
    int n_functions, room_functions;
    uint8_t *width; /* of each register in bytes; 0: a predicate */
    int n_registers, room_registers;
    struct shape *shapes;
    int n_shapes, room_shapes;
    uint32_t used; /* from a pragma, for the next load; 0: none */
    int32_t returns_to; /* in a function that was called: its end, a label; -1: in a kernel */
    int depth;
};

/* Makes room for one more of what *list holds. */
void *build_room(void *list, int n, int *room, size_t each);
bool build_failed(struct builder *b, int line, const char *format, ...) __attribute__((format(printf, 3, 4)));
bool build_expect(struct builder *b, const char *mark);
uint32_t build_register(struct builder *b, unsigned width);
uint32_t build_constant(struct builder *b, uint64_t bits, unsigned width);
struct symbol *build_symbol(struct builder *b, const struct token *name, enum symbol_kind kind);
struct symbol *build_find(const struct builder *b, const struct token *name);
uint64_t build_value(struct builder *b, struct symbol *s); /* of a variable: its place */
int32_t build_label(struct builder *b, const struct token *name); /* number in labels[] */
struct insn *build_insn(struct builder *b, insn_fn run, int line);
uint32_t *build_more(struct builder *b); /* [MORE_OPERANDS] */

bool build_statement(struct builder *b);                          /* decode.c: one instruction with its operands */
bool build_call(struct builder *b);                               /* parse.c: behind `call` */
bool build_body(struct builder *b);                               /* parse.c: up to and with '}' */
bool layout_kernel(struct builder *b);                            /* layout.c */
bool flow_joins(struct builder *b);                               /* flow.c: where the lanes of each branch meet */

#endif

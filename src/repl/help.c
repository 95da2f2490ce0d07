/* Help and the generated pages: everything from the two tables. */
#include "config.h"
#include "repl/combinations.h"
#include "repl/bench.h"
#include "repl/manual.h"
#include "repl/words.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"

/* --- at the prompt ------------------------------------------------------------------------------------------------- */

static void overview(struct buf *out)
{
    for (int g = 0; g < N_COMMAND_GROUPS; g++) {
        buf_addf(out, "%s\n", command_group_name[g]);
        for (int i = 0; i < n_commands; i++)
            if (command_table[i].group == (enum command_group)g)
                buf_addf(out, "  %-10s %s\n", command_table[i].verb, command_table[i].help);
    }
    buf_adds(out, "'help WORD' says more of a verb, a knob or any word of the screen; man saddle-commands has it all\n");
}

static void help_command(const struct command_info *info, int cols, struct buf *out)
{
    buf_addf(out, "%s\n  %s\n", info->usage, info->help);
    if (info->text[0])
        wrap_text(out, info->text, cols, "");
}

static const char *when_word(enum knob_when when)
{
    return when == KNOB_LIVE ? "may change while training" : when == KNOB_SETUP ? "before training only" : "of this screen";
}

void help_accepted(const struct knob_info *k, struct buf *out)
{
    switch (k->type) {
    case KNOB_ENUM:
        buf_addf(out, "one of %s", k->choices);
        break;
    case KNOB_BOOL:
        buf_adds(out, "on or off");
        break;
    case KNOB_TEXT:
        buf_adds(out, "text");
        break;
    case KNOB_SCHEDULE:
        buf_addf(out, "%.10g to %.10g, or a schedule", k->low, k->high);
        break;
    default:
        buf_addf(out, "%.10g to %.10g%s%s", k->low, k->high, k->unit[0] ? " " : "", k->unit);
    }
}

static void help_knob(const struct knob_info *k, struct buf *out)
{
    buf_addf(out, "set %s VALUE%s%s%s\n  %s\n  ", k->name, k->alias[0] ? "  (also " : "", k->alias, k->alias[0] ? ")" : "", k->help);
    help_accepted(k, out);
    buf_addf(out, "; default %s; %s\n", k->initial[0] ? k->initial : "empty", when_word(k->when));
    if (k->type == KNOB_SCHEDULE)
        buf_adds(out, "  schedules: 0.05@0 0.1@5 0.5@60 | linear:0.05..0.8 | cosine:0.2 | cosine:0.2..0.001@40 | multistep:0.1,warmup=5,160:0.01,180:0.0001\n");
}

static void help_word(const struct word_info *word, int cols, struct buf *out)
{
    bool pane = strcmp(word->pane, "screen") != 0 && strcmp(word->pane, "replay") != 0 && strcmp(word->pane, "compare") != 0;
    buf_addf(out, "on the screen: %s%s%s%s\n", word->names, pane ? "  (pane " : "", pane ? word->pane : "", pane ? ")" : "");
    wrap_text(out, word->text, cols, "  ");
}

int help_verb(const char *word, int cols, struct buf *out, struct err *err)
{
    if (!word) {
        overview(out);
        return out->failed ? err_set(err, ERR_MEMORY, "no memory for the help") : 0;
    }
    struct err none;
    int id = knob_find(word, &none);
    const struct word_info *shown = word_find(word);
    const struct command_info *info = command_find(word, true, id < 0 && !shown ? err : &none);
    if (!info && id < 0 && !shown)
        return -1;
    if (info)
        help_command(info, cols, out);
    if (id >= 0)
        help_knob(&knob_table[id], out);
    if (shown)
        help_word(shown, cols, out);
    return out->failed ? err_set(err, ERR_MEMORY, "no memory for the help") : 0;
}

/* --- saddle-commands(7) -------------------------------------------------------------------------------------------- */

/* roff: a backslash, and a dot or quote at the beginning of a line, are the language's. */
static void roff(struct buf *out, const char *text)
{
    if (text[0] == '.' || text[0] == '\'')
        buf_adds(out, "\\&");
    for (const char *p = text; *p;) {
        uint32_t ch = text_next(&p);
        if (ch == '\\')
            buf_adds(out, "\\e");
        else if (ch == '-')
            buf_adds(out, "\\-");
        else if (ch > 0x7e)
            buf_addf(out, "\\[u%04X]", ch);
        else
            buf_addc(out, (char)ch);
    }
}

static void roff_line(struct buf *out, const char *before, const char *text)
{
    buf_adds(out, before);
    roff(out, text);
    buf_addc(out, '\n');
}

static const char *const group_title[N_COMMAND_GROUPS] = { "SETTING UP", "RUNNING", "KNOBS", "LOOKING", "SESSIONS", "OUTPUT", "SHELL" };

static void manual_commands(struct buf *out)
{
    for (int g = 0; g < N_COMMAND_GROUPS; g++) {
        buf_addf(out, ".SH %s\n", group_title[g]);
        for (int i = 0; i < n_commands; i++) {
            const struct command_info *c = &command_table[i];
            if (c->group != (enum command_group)g)
                continue;
            buf_adds(out, ".TP\n");
            roff_line(out, ".B ", c->usage);
            roff_line(out, "", c->help);
            if (c->text[0])
                roff_line(out, ".br\n", c->text);
        }
    }
}

static void manual_knobs(struct buf *out)
{
    buf_adds(out, ".SH KNOBS IN DETAIL\nWhat\n.B set\naccepts: name (alias), values, default, when it may change.\n");
    for (int i = 0; i < KNOB_COUNT; i++) {
        const struct knob_info *k = &knob_table[i];
        struct buf values = { 0 };
        help_accepted(k, &values);
        buf_adds(out, ".TP\n");
        buf_addf(out, ".B %s%s%s%s\n", k->name, k->alias[0] ? " (" : "", k->alias, k->alias[0] ? ")" : "");
        roff_line(out, "", k->help);
        buf_adds(out, ".br\n");
        roff(out, values.data ? values.data : "");
        buf_adds(out, "; default ");
        roff(out, k->initial[0] ? k->initial : "empty");
        buf_addf(out, "; %s\n", when_word(k->when));
        buf_release(&values);
    }
}

static void manual_words(struct buf *out)
{
    buf_adds(out, ".SH WORDS OF THE SCREEN\nWhat\n.B help\nknows besides verbs and knobs, and ? on a pane begins with.\n");
    for (int i = 0; i < n_words; i++) {
        buf_adds(out, ".TP\n");
        roff_line(out, ".B ", word_table[i].names);
        roff_line(out, "", word_table[i].text);
    }
}

static void manual_combinations(struct buf *out)
{
    struct buf table = { 0 }, refused = { 0 };
    combinations_table(&table, &refused);
    buf_adds(out, ".SH WHAT GOES TOGETHER\nHow many of the optimisers of\n.B opt\ntrain with each loss, and each second stage after it:\n.RS\n.nf\n");
    buf_adds(out, table.data ? table.data : "");
    buf_adds(out, ".fi\n.RE\nRefused, of so many optimisers:\n.PP\n");
    roff(out, refused.data ? refused.data : "none");
    buf_release(&table);
    buf_release(&refused);
}

static const char manual_head[] =
    ".\\\" Made by 'saddle --dump-man' from src/repl/commands.def, src/repl/words.def and src/engine/knobs.def: change those.\n"
    ".TH SADDLE\\-COMMANDS 7 \"\" \"saddle " PACKAGE_VERSION "\" \"saddle\"\n"
    ".SH NAME\nsaddle\\-commands \\- the language of saddle's prompt and scripts\n"
    ".SH SYNTAX\n"
    "A line holds commands separated by\n.BR ; ,\nand ends at\n.BR # .\nA backslash at its end continues it. Words are separated by "
    "blanks; quotes, double or single, keep blanks together. Where a path is expected a leading ~ or ~USER is a home folder, unless it is quoted\n"
    "or a backslash stands before it. Options begin with two dashes and may stand anywhere after the verb;\n"
    ".B \\-\\-\nends them. Numbers: 0.5, .5, 1e\\-3, 50%. At the prompt a unique beginning of a verb is enough; files and\n"
    ".B \\-c\nneed it in full, so that a later verb cannot change an old script. Case matters.\n"
    ".PP\nMany commands take a moment at their end: they then wait for it once, and\n.B show pending\nlists them.\n"
    ".RS\n.nf\nat epoch 170    at step 16000    in 5 epochs    in 200 steps    if tail > 70\n.fi\n.RE\n"
    ".PP\nEpochs count what is finished:\n.B drw 160\nacts when 160 epochs are done.\n"
    ".PP\nA class is an index, a name, a range (0..2, c90..c99), a list (1,5,9), head, mid, tail, all, or worst:K. A run is a name, r and at "
    "least four digits of its id, or a path with a slash.\n"
    ".PP\nA mistake is one line on standard error:\n.RS\n.nf\nsaddle: FILE:LINE: set: unknown knob 'roh'; did you mean 'rho'?\n.fi\n.RE\n";

static const char manual_tail[] =
    ".SH TENSOR NAMES\n"
    "Weights, gradients, directions and products are safetensors files with one tensor per parameter, named and shaped as PyTorch names "
    "the paper's networks:\n.RS\n.nf\n"
    "conv1.weight [16,3,3,3]      bn1.weight bn1.bias [16]\n"
    "layer1.0.conv1.weight        layer1.0.bn1.weight layer1.0.bn1.bias ...\n"
    "layer3.N.conv2.weight        layer3.N.bn2.weight layer3.N.bn2.bias\n"
    "linear.weight [C,64]         linear.bias [C]\n"
    "linear.weight [64,C]         with head norm, no bias\n"
    ".fi\n.RE\nThose of resnet18 and the networks after it are torchvision's:\n.RS\n.nf\n"
    "conv1.weight [64,3,7,7]      bn1.weight bn1.bias [64]\n"
    "layer1.0.conv1.weight        layer1.0.bn1.weight layer1.0.bn1.bias ...\n"
    "layer2.0.downsample.0.weight layer2.0.downsample.1.weight layer2.0.downsample.1.bias\n"
    "fc.weight [C,512] or [C,2048]  fc.bias [C]\n"
    ".fi\n.RE\nWeight files also hold the running statistics, bn1.running_mean, bn1.running_var and so on. A gradient is of the mean loss in "
    "force over one batch of the epoch, images as stored; batch norm uses running statistics, or with\n"
    ".B \\-\\-train\\-mode\nthe batch's own. A product is the exact Hessian of the same loss times the direction. So numbers can be checked "
    "from outside without a training run:\n.RS\n.nf\n"
    "data tensors batch.safetensors --classes 10; model resnet8\n"
    "load weights w.safetensors; set batch 32; gradient g.safetensors; hvp v.safetensors hv.safetensors\n.fi\n.RE\n"
    ".SH SEE ALSO\n.BR saddle (1),\n.BR saddlerc (5)\n";

void manual_page(struct buf *out)
{
    buf_adds(out, manual_head);
    manual_commands(out);
    manual_knobs(out);
    manual_combinations(out);
    manual_words(out);
    buf_adds(out, manual_tail);
}

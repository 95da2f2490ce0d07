/* Completion for shells, written from the tables. Run names are asked of the program itself. */
#include "config.h"
#include "repl/manual.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "repl/options.h"

static void words(struct buf *out, bool options)
{
    for (int i = 0; options && i < n_option_table; i++)
        buf_addf(out, "%s--%s%s", i ? " " : "", option_table[i].name, option_table[i].argument ? "=" : "");
    for (int i = 1; !options && i < ACTION_COUNT; i++)
        buf_addf(out, "%s%s", i > 1 ? " " : "", program_actions[i].word);
}

/* Sub-commands that take a run, as a shell pattern. */
static const char takes_run[] = "resume|fork|replay|view|ctl|info|compare|verify|cat";
static const char list_runs[] = "saddle sessions --names --log=text 2>/dev/null";

static void bash(struct buf *out)
{
    buf_adds(out, "# saddle completion bash\n_saddle() {\n    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
                  "    COMPREPLY=()\n    case $cur in\n    --*) COMPREPLY=($(compgen -W \"");
    words(out, true);
    buf_addf(out, "\" -- \"$cur\")); [[ ${COMPREPLY-} == *= ]] && compopt -o nospace; return ;;\n    esac\n    case $prev in\n"
                  "    %s) COMPREPLY=($(compgen -W \"$(%s)\" -- \"$cur\")) ;;\n"
                  "    completion) COMPREPLY=($(compgen -W 'bash zsh fish' -- \"$cur\")) ;;\n"
                  "    run) COMPREPLY=($(compgen -f -- \"$cur\")) ;;\n"
                  "    saddle) COMPREPLY=($(compgen -W \"",
             takes_run, list_runs);
    words(out, false);
    buf_adds(out, "\" -- \"$cur\")) ;;\n    esac\n}\ncomplete -o default -F _saddle saddle\n");
}

static void zsh_text(struct buf *out, const char *text)
{
    for (const char *c = text; *c; c++) {
        if (*c == '\'')
            buf_adds(out, "'\\''");
        else if (*c == ':' || *c == '[' || *c == ']')
            buf_addf(out, "\\%c", *c);
        else
            buf_addc(out, *c);
    }
}

static void zsh(struct buf *out)
{
    buf_adds(out, "#compdef saddle\n# saddle completion zsh\n_saddle_runs() { compadd -- $(");
    buf_adds(out, list_runs);
    buf_adds(out, ") }\n_saddle_words() {\n  case $words[2] in\n");
    buf_addf(out, "  %s) _saddle_runs ;;\n  completion) compadd bash zsh fish ;;\n  *) _files ;;\n  esac\n}\n_saddle_actions() {\n  local -a a\n  a=(\n", takes_run);
    for (int i = 1; i < ACTION_COUNT; i++) {
        buf_addf(out, "    '%s:", program_actions[i].word);
        zsh_text(out, program_actions[i].help);
        buf_adds(out, "'\n");
    }
    buf_adds(out, "  )\n  _describe sub-command a\n}\n_arguments \\\n");
    for (int i = 0; i < n_option_table; i++) {
        const struct option_info *o = &option_table[i];
        buf_addf(out, "  '--%s%s[", o->name, o->argument ? "=" : "");
        zsh_text(out, o->help);
        buf_addf(out, "]%s%s' \\\n", o->argument ? ":" : "", o->argument ? o->argument : "");
    }
    buf_adds(out, "  '1:sub-command:_saddle_actions' '*::argument:_saddle_words'\n");
}

static void fish(struct buf *out)
{
    buf_adds(out, "# saddle completion fish\ncomplete -c saddle -f\n");
    for (int i = 1; i < ACTION_COUNT; i++)
        buf_addf(out, "complete -c saddle -n __fish_use_subcommand -a %s -d \"%s\"\n", program_actions[i].word, program_actions[i].help);
    for (int i = 0; i < n_option_table; i++) {
        const struct option_info *o = &option_table[i];
        buf_addf(out, "complete -c saddle -l %s%s -d \"%s\"", o->name, o->argument ? " -x" : "", o->help);
        if (o->letter)
            buf_addf(out, " -s %c", o->letter);
        buf_addc(out, '\n');
    }
    buf_addf(out, "complete -c saddle -n '__fish_seen_subcommand_from resume fork replay view ctl info verify cat' -a '(%s)'\n"
                  "complete -c saddle -n '__fish_seen_subcommand_from run' -F\n"
                  "complete -c saddle -n '__fish_seen_subcommand_from completion' -a 'bash zsh fish'\n",
             list_runs);
}

int shell_completion(const char *shell, struct buf *out, struct err *err)
{
    if (strcmp(shell, "bash") == 0)
        bash(out);
    else if (strcmp(shell, "zsh") == 0)
        zsh(out);
    else if (strcmp(shell, "fish") == 0)
        fish(out);
    else
        return err_set(err, ERR_USAGE, "no completion for '%s'; bash, zsh or fish", shell);
    return out->failed ? err_set(err, ERR_MEMORY, "no memory") : 0;
}

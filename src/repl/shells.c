/* Completion for shells: each hands the words to the program, which knows verbs, knobs, runs and their points, and takes its answer. */
#include "config.h"
#include "repl/manual.h"

#include <string.h>

#include "base/buf.h"
#include "base/err.h"

/* Words as bash cuts them, but not at @ = and :, where it begins a new one. It then wants only what is behind the last = or :, or begins with the
 * last @. */
static const char bash[] =
    "# saddle completion bash\n"
    "_saddle() {\n"
    "    local rest=${COMP_LINE:0:COMP_POINT} words=() i cur quote='' head='' line\n"
    "    for ((i = 0; i <= COMP_CWORD; i++)); do\n"
    "        if ((i == 0)) || [[ $rest == [[:blank:]]* ]]; then words+=(''); fi\n"
    "        rest=${rest#\"${rest%%[![:blank:]]*}\"}\n"
    "        if ((i == COMP_CWORD)); then\n"
    "            words[-1]+=$rest\n"
    "        else\n"
    "            words[-1]+=${COMP_WORDS[i]}\n"
    "            rest=${rest#\"${COMP_WORDS[i]}\"}\n"
    "        fi\n"
    "    done\n"
    "    for i in \"${!words[@]}\"; do\n"
    "        case ${words[i]} in\n"
    "        [\\'\\\"]*) quote=${words[i]:0:1} words[i]=${words[i]:1} words[i]=${words[i]%\"$quote\"} ;;\n"
    "        *) quote='' ;;\n"
    "        esac\n"
    "    done\n"
    "    cur=${words[-1]}\n"
    "    if [[ -z $quote && $cur == *[@=:]* ]]; then head=${cur%\"${cur##*[@=:]}\"} head=${head%@}; fi\n"
    "    COMPREPLY=()\n"
    "    while IFS= read -r line; do\n"
    "        line=${line%%$'\\t'*}\n"
    "        [[ -n $quote ]] || printf -v line %q \"$line\"\n"
    "        COMPREPLY+=(\"${line#\"$head\"}\")\n"
    "    done < <(\"${COMP_WORDS[0]}\" --complete \"${words[@]:1}\" 2>/dev/null)\n"
    "    if ((${#COMPREPLY[@]} == 1)) && [[ ${COMPREPLY[0]} == *[=/:] ]]; then compopt -o nospace; fi\n"
    "}\n"
    "complete -o default -o nosort -F _saddle saddle\n";

static const char zsh[] =
    "#compdef saddle\n"
    "# saddle completion zsh\n"
    "_saddle() {\n"
    "  local -a lines plain open told\n"
    "  local line word\n"
    "  lines=(\"${(@f)$($words[1] --complete \"${(@Q)words[2,CURRENT-1]}\" \"${(Q)PREFIX}\" 2>/dev/null)}\")\n"
    "  for line in $lines; do\n"
    "    word=${line%%$'\\t'*}\n"
    "    case $word in\n"
    "    *[=/:]) open+=($word) ;;\n"
    "    ?*) plain+=($word) ;;\n"
    "    esac\n"
    "  done\n"
    "  (($#plain + $#open)) || { _files; return }\n"
    "  compadd -S '' -- $open\n"
    "  compadd -- $plain\n"
    "}\n"
    "if [ \"$funcstack[1]\" = _saddle ]; then _saddle \"$@\"; else compdef _saddle saddle; fi\n";

static const char fish[] =
    "# saddle completion fish\n"
    "function __saddle_complete\n"
    "    set -l words (commandline -opc)\n"
    "    set -l last (commandline -ct | string trim -l -c '\"\\'')\n"
    "    set -l all (string join -- \\n $words[2..-1] | string trim -c '\"\\'')\n"
    "    $words[1] --complete $all \"$last\" 2>/dev/null\n"
    "end\n"
    "complete -c saddle -k -a '(__saddle_complete)'\n";

int shell_completion(const char *shell, struct buf *out, struct err *err)
{
    static const struct {
        const char *name, *script;
    } shells[] = { { "bash", bash }, { "zsh", zsh }, { "fish", fish } };
    for (size_t i = 0; i < sizeof shells / sizeof *shells; i++)
        if (strcmp(shell, shells[i].name) == 0) {
            buf_adds(out, shells[i].script);
            return out->failed ? err_set(err, ERR_MEMORY, "no memory") : 0;
        }
    return err_set(err, ERR_USAGE, "no completion for '%s'; bash, zsh or fish", shell);
}

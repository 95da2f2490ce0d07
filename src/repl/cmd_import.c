/* import: a packed session becomes one of the sessions folder. */
#include "config.h"
#include "repl/bench.h"
#include "repl/handlers.h"

#include <stdio.h>

#include "session/pack.h"

int cmd_import(struct workbench *w, struct call *c, struct err *err)
{
    char root[1024], name[256];
    const char *path = c->word[0].text;
    if (c->n > 1)
        snprintf(name, sizeof name, "%s", c->word[1].text);
    else
        session_name_of(path, name, sizeof name);
    if (session_root(w->options.sessions, root, sizeof root, err) < 0)
        return -1;
    if (session_name_check(root, name, err) < 0)
        return call_bad(c, c->n > 1 ? 1 : 0);
    if (pack_unpack(path, root, name, err) < 0)
        return call_bad(c, 0);
    bench_say(w, "imported %s: 'replay %s' shows it, 'resume' and 'fork' go on with it", name, name);
    return 0;
}

#!/bin/sh
# What is generated is current: manual page, recipes; and the manual names every option and sub-command.
. "$(dirname "$0")/lib.sh"
"$SADDLE" --dump-man >page.7
if cmp -s page.7 "$top/man/saddle-commands.7"; then ok 'man/saddle-commands.7 is current'; else
    not_ok 'man/saddle-commands.7 is current' "write it again: saddle --dump-man >man/saddle-commands.7
$(diff "$top/man/saddle-commands.7" page.7 | head -n 10)"; fi

missing=
for option in $("$SADDLE" --help | sed -n 's/^  *\(-., \)\{0,1\}--\([a-z-]*\).*/\2/p'); do
    sed 's/\\-/-/g; s/\\f.//g' "$top/man/saddle.1" | grep -q -e "--$option" || missing="$missing --$option"
done
for word in $("$SADDLE" -h | sed -n 's/^  \([a-z]*\) [A-Z[c].*/\1/p'); do
    grep -q "^\.BI $word" "$top/man/saddle.1" || missing="$missing $word"
done
is 'saddle(1) names every option and sub-command' "$missing" ''

if command -v groff >/dev/null 2>&1; then
    for page in saddle.1 saddle-commands.7 saddlerc.5; do
        is "$page has no roff mistakes" "$(groff -t -man -ww -z -Tutf8 "$top/man/$page" 2>&1)" ''
    done
else
    skip 'pages have no roff mistakes' 'no groff'
fi

mkdir recipes
sh "$top/recipes/generate.sh" "$work/recipes"
differ=$(for kind in paper decoupled tails; do diff -r "$top/recipes/$kind" recipes/$kind 2>&1; done | head -n 5)
is 'the recipes are what generate.sh writes' "$differ" ''
bad=
for recipe in $("$SADDLE" -c preset | grep -E '^(paper|decoupled|tails)/'); do
    # without the images a recipe gets as far as its data line
    "$SADDLE" -c "preset $recipe" 2>&1 | grep -q "$recipe.sad:[1-9]*: data: cifar" || bad="$bad $recipe"
done
is 'and every one is read up to its data' "$bad" ''
is 'there are 58 of them' "$("$SADDLE" -c preset | grep -c -E '^(paper|decoupled|tails)/')" 58

for shell in bash zsh fish; do
    "$SADDLE" completion $shell >"$shell.out"
    if ! command -v $shell >/dev/null 2>&1; then skip "$shell reads its completion" "no $shell"; continue; fi
    is "$shell reads its completion" "$($shell -n "$shell.out" 2>&1)" ''
done
finish

#!/bin/sh
# citations.sh [TREE] - whatever comments, manuals and prose cite is there: sections of doc/methods.md, as (methods 3.2); headings of manual
# pages, as (saddle-session(5), Reading); files, as doc/methods.md; what doc/ and HACKING.md name in `...`. Documents that are not part of the
# sources are not cited. Prints each breach; exit 1 when there is one. Without TREE it also shows that each breach is found in a small tree of its own.
set -eu
export LC_ALL=C
lists=$(mktemp -d)
small=$(mktemp -d)
trap 'rm -rf "$lists" "$small"' EXIT

headings() { # of doc/methods.md: 3, 3.2 ...
    sed -nE 's/^##+ ([0-9]+(\.[0-9]+)?)\.? .*/\1/p' doc/methods.md
}

# Lines FILE:LINE:TEXT of what matches in the sources, prose and manuals.
found() { # EXTENDED-REGEX
    for place in src tests man recipes doc README.md HACKING.md NEWS Makefile.am configure.ac start .ci; do
        [ ! -e "$place" ] || grep -rHnIoE --exclude=citations.sh --exclude='*.log' --exclude='*.trs' -e "$1" "$place" || true
    done
}

# A number has one place, and stands behind the smaller ones of its chapter.
in_order() {
    headings | awk -F. 'seen[$0]++ { print "doc/methods.md: section " $0 " is there twice" }
        NF == 1 { if ($1 + 0 <= chapter && seen[$0] == 1) print "doc/methods.md: chapter " $1 " stands behind " chapter; chapter = $1 + 0; last = 0 }
        NF == 2 { if ($1 + 0 != chapter || ($2 + 0 <= last && seen[$0] == 1)) print "doc/methods.md: section " $0 " stands behind " chapter "." last
                  last = $2 + 0 }'
}

sections_exist() { # in its own text a section is cited by (3.2)
    {
        found '[Mm]ethods [0-9]+(\.[0-9]+)?((, | and )[0-9]+\.[0-9]+)*'
        grep -nHoE '\([1-9][0-9]*\.[0-9]+((, | and )[1-9][0-9]*\.[0-9]+)*\)' doc/methods.md || true
    } | awk -v known="$(headings | tr '\n' ' ')" 'BEGIN { n = split(known, list, " "); for (i = 1; i <= n; i++) there[list[i]] = 1 }
        { split($0, at, ":"); text = substr($0, length(at[1] at[2]) + 3)
          while (match(text, /[0-9]+(\.[0-9]+)?/)) {
              section = substr(text, RSTART, RLENGTH); text = substr(text, RSTART + RLENGTH)
              if (!(section in there)) print at[1] ":" at[2] ": doc/methods.md has no section " section
          } }'
}

pages_have_headings() {
    found 'saddle[a-z-]*\([1-8]\), [A-Z][A-Za-z]+' | sed -E 's/^([^:]*:[0-9]+):(.*)\(([1-8])\), (.*)$/\1 man\/\2.\3 \4/' |
        while read -r where page heading; do
            grep -qE "^\.S[HS] \"?$heading\"?\$" "$page" 2>/dev/null || echo "$where: $page has no heading $heading"
        done
}

files_exist() {
    found '[A-Za-z0-9_./-]*[A-Za-z0-9_]\.md\b' | while IFS=: read -r file line name; do
        [ -e "$name" ] || echo "$file:$line: there is no file $name"
    done
}

# What prose names in `...`: files (from src/ or from the top), and whatever has a _ or a () in its name.
names_exist() {
    [ -d doc ] || return 0
    cat doc/*.md HACKING.md 2>/dev/null | grep -oE '`[^`]+`' | tr -d '`' | tr ' ,;=' '\n\n\n\n' >"$lists/words"
    for name in $(grep -E '^[a-z_]+/.*\.(c|h|cu|inc|def|sh|py|1|5|7)$' "$lists/words" | sort -u); do
        [ -e "src/$name" ] || [ -e "$name" ] || echo "prose names $name, which is not there"
    done
    grep -E '^[A-Za-z0-9]*(_[A-Za-z0-9_]*(\(\))?|\(\))$' "$lists/words" | tr -d '()' | sort -u >"$lists/named"
    grep -rohIwF -f "$lists/named" src tests Makefile.am 2>/dev/null | sort -u | comm -23 "$lists/named" - | sed 's/.*/prose names &, which is nowhere in the sources/'
}

nothing_foreign() {
    found '\b[Ss]pec (D-)?[0-9]+|\bD-[0-9]+\b|[Ss]ession-format' | sed 's/$/ is of a document that is not here/'
}

check() ( # TREE
    cd "$1"
    breaches=$(in_order; sections_exist; pages_have_headings; files_exist; names_exist; nothing_foreign)
    [ -z "$breaches" ] || { printf '%s\n' "$breaches"; return 1; }
)

if [ $# -gt 0 ]; then
    check "$1"
    exit
fi
status=0
check "${top_srcdir:-$(dirname "$0")/..}" || status=1

# --- it finds what it is there for ---
mkdir "$small/doc" "$small/src" "$small/man"
expect() { # HOW-IT-ENDS METHODS COMMENT
    printf '%b' "$2" >"$small/doc/methods.md"
    printf '/* %s */\n' "$3" >"$small/src/a.c"
    end=0
    check "$small" >"$small/out" || end=1
    [ $end -eq "$1" ] || { echo "'$3' with '$2' ended with $end: $(cat "$small/out")"; status=1; }
}
printf '.SH RECORDS\n.SS Reading\n' >"$small/man/saddle-session.5"
good='## 1. One\n### 1.1 A\n### 1.2 B, as 1.1 (1.1)\n## 2. Two\n### 2.1 C\n'
expect 0 "$good" 'y = a x (methods 1.1, 2.1), Methods 2 and doc/methods.md (saddle-session(5), Reading)'
expect 1 "$good" 'a section that is not there: methods 1.3'
expect 1 "$good" 'the second of a list: methods 1.1 and 2.2'
expect 1 "$good" 'a chapter: methods 3'
expect 1 "$good" 'a heading: saddle-session(5), Writing'
expect 1 "$good" 'a page: saddle-format(5), Reading'
expect 1 "$good" 'a file: doc/design.md'
expect 1 "$good" 'a document of somebody else: spec 7.1'
expect 1 "$good" 'its register: D-18'
expect 1 "$good### 2.1 D\n" 'a number twice'
expect 1 "$good### 1.3 D\n" 'a section in another chapter'
expect 1 "$good### 2.2 by (2.7)\n" 'a citation within the document'
expect 0 "$good"'`src/a.c`, `frobnicate()`\n' 'frobnicate, a function'
expect 1 "$good"'`engine/b.c`\n' 'a file that prose names'
expect 1 "$good"'`frobnicate()`\n' 'a function that prose names'
expect 1 "$good"'`set stage_size 3`\n' 'a knob that prose names'
exit $status
